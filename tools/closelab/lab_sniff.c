/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Segments from the wire: their sequence numbers, where sockets do not tell them, as MPTCP
 * subflows have no descriptor; and resets that no socket hears. A raw socket gets a copy of each
 * segment that arrives in its namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include "lab.h"
#include "path.h"

#define MPTCP_OPTION 30
#define PACKET 2048u		/* longer ones are cut */

/* Only the listener's connections: others could fill the socket's buffer. */
static int filter_port(const struct lab *lab, int fd)
{
	const bool v4 = lab->family == AF_INET;
	struct sock_filter code[] = {
		/* X: where the TCP header begins */
		v4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0) :
		     (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, lab->ends.server_port, 2, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, lab->ends.server_port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0x7fffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(*code), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ?
	       -errno : 0;
}

/* The next segment that the filter let pass; its length, or 0 when there is none yet. */
static size_t next(int fd, uint8_t *packet, size_t room)
{
	ssize_t got = fd < 0 ? -1 : recv(fd, packet, room, 0);

	return got < 0 ? 0 : (size_t)got;
}

/* What came before there was a filter: it may be enough to leave no room for more. */
static void empty(int fd)
{
	uint8_t packet[1];

	while (next(fd, packet, sizeof(packet)))
		;
}

/* On loopback one gets all. */
void lab_sniff(struct lab *lab)
{
	bool veth = lab->path && lab->path->veth;

	if (!lab_step(lab, "raw sockets listen in"))
		return;
	for (int end = 0; end < (veth ? LAB_END_COUNT : 1); end++) {
		int fd = path_socket(lab->path, end, lab->family, SOCK_RAW | SOCK_NONBLOCK,
				     IPPROTO_TCP);
		int rc = fd < 0 ? fd : filter_port(lab, fd);

		empty(fd);
		lab->sniffer[end] = fd;
		if (rc < 0)
			lab_fail(lab, -rc);
	}
}

struct segment {
	const struct tcphdr *tcp;
	const uint8_t *option, *data, *end;	/* behind the header, the options, all */
};

/* A raw socket shows the header of IPv4, but not of IPv6. False: of another connection. */
static bool parse(const struct lab *lab, const uint8_t *packet, size_t n, enum lab_who from,
		  enum lab_who to, struct segment *segment)
{
	size_t head = lab->family == AF_INET6 ? 0 : (packet[0] & 15u) * 4;

	segment->tcp = (const struct tcphdr *)(packet + head);
	segment->option = packet + head + sizeof(struct tcphdr);
	segment->end = packet + n;
	if (segment->option > segment->end)
		return false;
	segment->data = packet + head + segment->tcp->th_off * 4u;
	return ntohs(segment->tcp->th_sport) == lab_port_of(lab, from) &&
	       ntohs(segment->tcp->th_dport) == lab_port_of(lab, to);
}

static void stop(struct lab *lab)
{
	for (int end = 0; end < LAB_END_COUNT; end++) {
		if (lab->sniffer[end] >= 0)
			close(lab->sniffer[end]);
		lab->sniffer[end] = -1;
	}
}

static bool heard_rst(const struct lab *lab, int fd, enum lab_who from, enum lab_who to)
{
	_Alignas(struct tcphdr) uint8_t packet[PACKET];
	struct segment segment;
	size_t got;

	while ((got = next(fd, packet, sizeof(packet)))) {
		if (parse(lab, packet, got, from, to, &segment) &&
		    (segment.tcp->th_flags & TH_RST))
			return true;
	}
	return false;
}

void lab_sniff_rst(struct lab *lab, enum lab_who from, enum lab_who to)
{
	uint64_t deadline = lab_deadline_us(lab);
	bool seen = false;

	if (!lab_step(lab, "a RST of the %s, on the wire", lab_who_name(from)))
		return;
	do {
		for (int end = 0; end < LAB_END_COUNT; end++)
			seen |= heard_rst(lab, lab->sniffer[end], from, to);
	} while (!seen && lab_pause(deadline));
	stop(lab);
	if (!seen)
		lab_fail(lab, ETIMEDOUT);
}

/* MP_CAPABLE of a SYN-ACK (RFC 8684, 3.1): 12 B, the last 8 the sender's key. */
static void take_key(const struct segment *segment, uint8_t *key)
{
	for (const uint8_t *at = segment->option; at + 1 < segment->data && at < segment->end;) {
		if (at[0] == MPTCP_OPTION && at[1] == 12 && at + 12 <= segment->end)
			memcpy(key, at + 4, LAB_MPTCP_KEY);
		if (at[0] <= TCPOPT_NOP)
			at++;
		else
			at += at[1] > 1 ? at[1] : 2;
	}
}

/* All that one of them got; whether something was from the socket. */
static bool read_all(struct lab *lab, int fd, enum lab_who from, enum lab_who to,
		     struct lab_sniffed *seen)
{
	_Alignas(struct tcphdr) uint8_t packet[PACKET];
	bool any = false;
	size_t got;

	while ((got = next(fd, packet, sizeof(packet)))) {
		struct segment segment;

		if (parse(lab, packet, got, to, from, &segment) &&
		    (segment.tcp->th_flags & TH_SYN))
			take_key(&segment, seen->peer_key);
		if (!parse(lab, packet, got, from, to, &segment))
			continue;
		seen->seq = ntohl(segment.tcp->th_seq) + !!(segment.tcp->th_flags & TH_SYN) +
			    (uint32_t)(segment.end - segment.data);
		seen->ack = ntohl(segment.tcp->th_ack);
		any = true;
	}
	return any;
}

void lab_sniffed(struct lab *lab, enum lab_who from, enum lab_who to, struct lab_sniffed *seen)
{
	uint64_t deadline = lab_deadline_us(lab);
	bool any = false;

	memset(seen, 0, sizeof(*seen));
	if (!lab_step(lab, "what the %s sends, from the wire", lab_who_name(from)))
		return;
	do {
		for (int end = 0; end < LAB_END_COUNT; end++)
			any |= read_all(lab, lab->sniffer[end], from, to, seen);
	} while (!any && lab_pause(deadline));
	stop(lab);
	if (!any)
		lab_fail(lab, ETIMEDOUT);
}
