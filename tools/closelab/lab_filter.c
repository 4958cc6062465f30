/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loss and forged segments without netfilter. A socket filter on a TCP socket is run by
 * tcp_filter() on what comes in, its data starting at the TCP header; it needs no privilege.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/tcp.h>

#include "lab.h"

#define TCP_FLAGS_OFFSET 13

static void attach(struct lab *lab, enum lab_who who, struct sock_filter *code, size_t n)
{
	struct sock_fprog program = { .len = (unsigned short)n, .filter = code };

	if (setsockopt(lab->fd[who], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		lab_fail(lab, errno);
}

void lab_blackhole(struct lab *lab, enum lab_who who)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };

	if (lab_step(lab, "%s hears nothing", lab_who_name(who)))
		attach(lab, who, code, 1);
}

void lab_drop_fin(struct lab *lab, enum lab_who who)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TCP_FLAGS_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, TH_FIN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0x7fffffff),
	};

	if (lab_step(lab, "%s hears no FIN", lab_who_name(who)))
		attach(lab, who, code, sizeof(code) / sizeof(*code));
}

void lab_heal(struct lab *lab, enum lab_who who)
{
	int unused = 0;

	if (lab_step(lab, "%s hears again", lab_who_name(who)) &&
	    setsockopt(lab->fd[who], SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) < 0)
		lab_fail(lab, errno);
}

/* The next sequence number of a socket; through TCP_REPAIR, which needs CAP_NET_ADMIN. */
static int next_seq(int fd, uint32_t *seq)
{
	const int on = TCP_REPAIR_ON, off = TCP_REPAIR_OFF_NO_WP, queue = TCP_SEND_QUEUE;
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

static uint32_t sum16(const void *data, size_t n, uint32_t sum)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* The checksum over the pseudo header of two loopback addresses and a header of whole words. */
static uint16_t checksum(int family, const struct tcphdr *tcp)
{
	uint32_t sum = sizeof(*tcp) + IPPROTO_TCP;

	if (family == AF_INET6)
		sum += 1 + 1;
	else
		sum += 2 * ((INADDR_LOOPBACK >> 16) + (INADDR_LOOPBACK & 0xffff));
	sum = sum16(tcp, sizeof(*tcp), sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static int send_raw(int family, const struct tcphdr *tcp)
{
	struct sockaddr_storage addr;
	socklen_t len = lab_loopback(family, 0, &addr);
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (sendto(fd, tcp, sizeof(*tcp), 0, (struct sockaddr *)&addr, len) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

void lab_stray_rst(struct lab *lab, enum lab_who from, uint32_t ahead)
{
	enum lab_who to = lab_end_of(from) == LAB_END_SERVER ? LAB_CLIENT : LAB_SERVER;
	struct tcphdr tcp = {
		.th_sport = htons(lab_port_of(lab, from)),
		.th_dport = htons(lab_port_of(lab, to)),
		.th_off = sizeof(tcp) / 4,
		.th_flags = TH_RST,
	};
	uint32_t seq = 0;
	int rc;

	if (!lab_step(lab, "a RST in the %s's name, %u B ahead", lab_who_name(from), ahead))
		return;
	rc = next_seq(lab->fd[from], &seq);
	tcp.th_seq = htonl(seq + ahead);
	tcp.th_sum = checksum(lab->family, &tcp);
	if (!rc)
		rc = send_raw(lab->family, &tcp);
	if (rc < 0)
		lab_fail(lab, -rc);
}
