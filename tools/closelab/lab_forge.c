/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Segments and ICMP errors of our own making, by raw sockets. Sequence numbers are read from the
 * sockets themselves through TCP_REPAIR. Raw sockets need CAP_NET_RAW, TCP_REPAIR CAP_NET_ADMIN.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/icmpv6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>

#include "lab.h"
#include "path.h"

/* What an ICMP error quotes of a segment: ports and sequence number. */
#define QUOTED 8u

/* Options, in whole words, and data. */
#define REST 60u

/* The sequence number of a queue of a socket: TCP_SEND_QUEUE or TCP_RECV_QUEUE. */
static int queue_seq(int fd, int queue, uint32_t *seq)
{
	const int on = TCP_REPAIR_ON, off = TCP_REPAIR_OFF_NO_WP;
	socklen_t len = sizeof(*seq);
	int rc = 0;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue)) < 0 ||
	    getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, seq, &len) < 0)
		rc = -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) < 0 && !rc)
		rc = -errno;
	return rc;
}

static uint32_t read_seq(struct lab *lab, enum lab_who who, int queue)
{
	uint32_t seq = 0;
	int rc;

	if (lab->error)
		return 0;
	rc = queue_seq(lab->fd[who], queue, &seq);
	if (rc < 0 && lab_step(lab, "%s sequence number", lab_who_name(who)))
		lab_fail(lab, -rc);
	return seq;
}

uint32_t lab_next_seq(struct lab *lab, enum lab_who who)
{
	return read_seq(lab, who, TCP_SEND_QUEUE);
}

uint32_t lab_expected_seq(struct lab *lab, enum lab_who who)
{
	return read_seq(lab, who, TCP_RECV_QUEUE);
}

static uint32_t sum16(const void *data, size_t n, uint32_t sum)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

struct segment {
	struct tcphdr tcp;
	uint8_t rest[REST];
	uint32_t len;		/* of all, in bytes; an odd one leaves a 0 behind it */
};

/* The sum over an end's address. */
static uint32_t address_sum(const struct lab *lab, enum lab_end end)
{
	struct sockaddr_storage addr;

	lab_end_address(lab, end, 0, &addr);
	if (lab->family == AF_INET6)
		return sum16(&((struct sockaddr_in6 *)&addr)->sin6_addr,
			     sizeof(struct in6_addr), 0);
	return sum16(&((struct sockaddr_in *)&addr)->sin_addr, sizeof(struct in_addr), 0);
}

/* The checksum over the pseudo header and the segment. */
static uint16_t tcp_checksum(const struct lab *lab, const struct segment *segment)
{
	uint32_t sum = segment->len + IPPROTO_TCP + address_sum(lab, LAB_END_CLIENT) +
		       address_sum(lab, LAB_END_SERVER);

	return fold(sum16(segment, (segment->len + 1) & ~1u, sum));
}

/* From the other end's host, as all that comes over a veth pair does. */
static void send_raw(struct lab *lab, enum lab_end to, int protocol, const void *data, size_t n)
{
	struct sockaddr_storage addr;
	socklen_t len = lab_end_address(lab, to, 0, &addr);
	int fd = path_socket(lab->path, lab_other_end(to), lab->family, SOCK_RAW, protocol);

	if (fd < 0) {
		lab_fail(lab, -fd);
		return;
	}
	if (sendto(fd, data, n, 0, (struct sockaddr *)&addr, len) < 0)
		lab_fail(lab, errno);
	close(fd);
}

static void send_segment(struct lab *lab, enum lab_who from, enum lab_who to,
			 struct segment *segment)
{
	struct tcphdr *tcp = &segment->tcp;

	tcp->th_sport = htons(lab_port_of(lab, from));
	tcp->th_dport = htons(lab_port_of(lab, to));
	tcp->th_win = htons(8192);
	tcp->th_sum = 0;
	tcp->th_sum = tcp_checksum(lab, segment);
	send_raw(lab, lab_end_of(to), IPPROTO_TCP, segment, segment->len);
}

void lab_forge(struct lab *lab, enum lab_who from, enum lab_who to, uint8_t flags, uint32_t seq,
	       uint32_t ack)
{
	lab_forge_with(lab, from, to, flags, seq, ack, &(struct lab_rest){ 0 });
}

void lab_forge_with(struct lab *lab, enum lab_who from, enum lab_who to, uint8_t flags,
		    uint32_t seq, uint32_t ack, const struct lab_rest *rest)
{
	struct segment segment = {
		.tcp = {
			.th_seq = htonl(seq), .th_ack = htonl(ack), .th_flags = flags,
			.th_off = (sizeof(struct tcphdr) + rest->options) / 4,
		},
		.len = (uint32_t)(sizeof(struct tcphdr) + rest->options + rest->data),
	};

	if (!lab_step(lab, "forged: %s%s%s%s in the %s's name", flags & TH_SYN ? "SYN " : "",
		      flags & TH_FIN ? "FIN " : "", flags & TH_RST ? "RST " : "",
		      flags & TH_ACK ? "ACK" : "", lab_who_name(from)))
		return;
	if (rest->options + rest->data > REST) {
		lab_fail(lab, EMSGSIZE);
		return;
	}
	if (rest->options)
		memcpy(segment.rest, rest->option, rest->options);
	send_segment(lab, from, to, &segment);
}

void lab_stray_rst(struct lab *lab, enum lab_who from, uint32_t ahead)
{
	enum lab_who to = lab_end_of(from) == LAB_END_SERVER ? LAB_CLIENT : LAB_SERVER;
	struct segment segment = {
		.tcp = { .th_flags = TH_RST, .th_off = sizeof(struct tcphdr) / 4 },
		.len = sizeof(struct tcphdr),
	};

	if (!lab_step(lab, "a RST in the %s's name, %u B ahead", lab_who_name(from), ahead))
		return;
	segment.tcp.th_seq = htonl(lab_next_seq(lab, from) + ahead);
	if (!lab->error)
		send_segment(lab, from, to, &segment);
}

/* Ports and sequence number of a segment that the socket sent to the other end. */
static void quote(struct lab *lab, enum lab_who who, uint32_t back, uint8_t *into)
{
	enum lab_who to = lab_end_of(who) == LAB_END_SERVER ? LAB_CLIENT : LAB_LISTENER;
	struct tcphdr tcp = {
		.th_sport = htons(lab_port_of(lab, who)),
		.th_dport = htons(lab_port_of(lab, to)),
		.th_seq = htonl(lab_next_seq(lab, who) - back),
	};

	memcpy(into, &tcp, QUOTED);
}

/* The addresses of the same. */
static void quote_addresses(const struct lab *lab, enum lab_who who, struct sockaddr_storage *from,
			    struct sockaddr_storage *to)
{
	lab_end_address(lab, lab_end_of(who), 0, from);
	lab_end_address(lab, lab_other_end(lab_end_of(who)), 0, to);
}

static void icmp4(struct lab *lab, enum lab_who who, enum lab_icmp kind, uint32_t back)
{
	struct {
		struct icmphdr icmp;
		struct iphdr ip;
		uint8_t tcp[QUOTED];
	} error = {
		.icmp = {
			.type = ICMP_DEST_UNREACH,
			.code = kind == LAB_ICMP_PORT ? ICMP_PORT_UNREACH : ICMP_HOST_UNREACH,
		},
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(struct iphdr) + sizeof(struct tcphdr)),
		},
	};
	struct sockaddr_storage from, to;

	quote_addresses(lab, who, &from, &to);
	error.ip.saddr = ((struct sockaddr_in *)&from)->sin_addr.s_addr;
	error.ip.daddr = ((struct sockaddr_in *)&to)->sin_addr.s_addr;
	quote(lab, who, back, error.tcp);
	error.icmp.checksum = fold(sum16(&error, sizeof(error), 0));
	if (!lab->error)
		send_raw(lab, lab_end_of(who), IPPROTO_ICMP, &error, sizeof(error));
}

/* The kernel fills in the checksum of a raw ICMPv6 socket. */
static void icmp6(struct lab *lab, enum lab_who who, enum lab_icmp kind, uint32_t back)
{
	struct {
		struct icmp6hdr icmp;
		struct ip6_hdr ip;
		uint8_t tcp[QUOTED];
	} error = {
		.icmp = {
			.icmp6_type = ICMPV6_DEST_UNREACH,
			.icmp6_code = kind == LAB_ICMP_PORT ? ICMPV6_PORT_UNREACH :
							      ICMPV6_ADDR_UNREACH,
		},
	};
	struct sockaddr_storage from, to;

	error.ip.ip6_vfc = 6 << 4;
	error.ip.ip6_plen = htons(sizeof(struct tcphdr));
	error.ip.ip6_nxt = IPPROTO_TCP;
	error.ip.ip6_hlim = 64;
	quote_addresses(lab, who, &from, &to);
	error.ip.ip6_src = ((struct sockaddr_in6 *)&from)->sin6_addr;
	error.ip.ip6_dst = ((struct sockaddr_in6 *)&to)->sin6_addr;
	quote(lab, who, back, error.tcp);
	if (!lab->error)
		send_raw(lab, lab_end_of(who), IPPROTO_ICMPV6, &error, sizeof(error));
}

void lab_icmp(struct lab *lab, enum lab_who who, enum lab_icmp kind, uint32_t back)
{
	if (!lab_step(lab, "forged: ICMP %s unreachable for the %s's segment",
		      kind == LAB_ICMP_PORT ? "port" : "host", lab_who_name(who)))
		return;
	if (lab->family == AF_INET6)
		icmp6(lab, who, kind, back);
	else
		icmp4(lab, who, kind, back);
}
