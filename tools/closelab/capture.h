/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Witness: the segments with FIN or RST that crossed lo in this process's network namespace.
 */
#ifndef CLOSELAB_CAPTURE_H
#define CLOSELAB_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#define CAPTURE_PACKETS 48
#define CAPTURE_FLOWS 16

/* All in host byte order. */
struct capture_packet {
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

struct capture {
	int fd;
	void *ring;
	unsigned int at;	/* the next frame */
	unsigned int count;	/* of packets kept */
	unsigned int lost;	/* by the ring, or for want of room in packets or flows */
	unsigned int flows;
	struct capture_packet packet[CAPTURE_PACKETS];
	struct capture_flow flow[CAPTURE_FLOWS];
};

/* Starts; needs CAP_NET_RAW. 0 or a negative errno. */
int capture_open(struct capture *capture);
/* Takes what has come, waiting timeout_ms for something; true when something came. */
bool capture_read(struct capture *capture, int timeout_ms);
/* Ends; the packets stay, their sequence numbers judged. */
void capture_close(struct capture *capture);

#endif
