/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Witness: the segments with FIN or RST that crossed the path. What is lost on it, a link being
 * down, has not; what a socket does not hear because of a filter has.
 */
#ifndef CLOSELAB_CAPTURE_H
#define CLOSELAB_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "path.h"

#define CAPTURE_PACKETS 48
#define CAPTURE_FLOWS 16

/* All in host byte order. */
struct capture_packet {
	uint64_t time_ns;	/* since the epoch */
	uint16_t sport;
	uint16_t dport;
	uint8_t flags;		/* TH_FIN, TH_RST, TH_ACK, … */
	bool again;		/* a retransmitted FIN */
	bool seq_right;		/* the sequence number is the one the kernel must use */
	uint32_t seq;
	uint32_t ack;
	uint32_t len;		/* payload, bytes */
};

/* One direction of a connection: how far it got. */
struct capture_flow {
	uint16_t sport;
	uint16_t dport;
	uint32_t next;		/* the sequence number after the last one sent */
	uint32_t ack;		/* the last acknowledgement sent */
	bool sent;		/* something but RST was sent */
};

/* Of one interface. */
struct capture_ring {
	int fd;
	void *frames;
	unsigned int at;	/* the next frame */
};

struct capture {
	struct capture_ring ring[LAB_END_COUNT];	/* lo has one only */
	unsigned int count;	/* of packets kept */
	unsigned int lost;	/* by the ring, or for want of room in packets or flows */
	unsigned int flows;
	struct capture_packet packet[CAPTURE_PACKETS];
	struct capture_flow flow[CAPTURE_FLOWS];
};

/*
 * Starts; needs CAP_NET_RAW. leaves: the server's namespace shall not be kept by a socket, so that
 * all is taken at the client's end. 0 or a negative errno.
 */
int capture_open(struct capture *capture, const struct path *path, bool leaves);
/* Takes what has come, waiting timeout_ms for something; true when something came. */
bool capture_read(struct capture *capture, int timeout_ms);
/* Ends; the packets stay, in the order of time, their sequence numbers judged. */
void capture_close(struct capture *capture);

#endif
