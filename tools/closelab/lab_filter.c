/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loss without netfilter. A socket filter on a TCP socket is run by
 * tcp_filter() on what comes in, its data starting at the TCP header; it needs no privilege.
 */
#define _GNU_SOURCE
#include <errno.h>
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

static const char *flags_name(uint8_t flags)
{
	switch (flags) {
	case TH_SYN: return "SYN";
	case TH_RST: return "RST";
	case TH_FIN | TH_RST: return "FIN and RST";
	default: return "some segments";
	}
}

/* Segments with one of the flags are kept, or dropped; the others the other way round. */
static void attach_flags(struct lab *lab, enum lab_who who, uint8_t flags, bool keep)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TCP_FLAGS_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, keep ? 1 : 0, keep ? 0 : 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0x7fffffff),
	};

	attach(lab, who, code, sizeof(code) / sizeof(*code));
}

void lab_drop_fin(struct lab *lab, enum lab_who who)
{
	if (lab_step(lab, "%s hears no FIN", lab_who_name(who)))
		attach_flags(lab, who, TH_FIN, false);
}

void lab_hear_only(struct lab *lab, enum lab_who who, uint8_t flags)
{
	if (lab_step(lab, "%s hears only %s", lab_who_name(who), flags_name(flags)))
		attach_flags(lab, who, flags, true);
}

/* Of MPTCP it would not take a filter. */
void lab_deaf(struct lab *lab, enum lab_who who)
{
	bool mptcp = lab->mptcp;

	lab->mptcp = false;
	lab_bind(lab, who, 0);
	lab->mptcp = mptcp;
	lab_blackhole(lab, who);
	if (lab_step(lab, "%s listens", lab_who_name(who)) && listen(lab->fd[who], 1) < 0)
		lab_fail(lab, errno);
}

void lab_heal(struct lab *lab, enum lab_who who)
{
	int unused = 0;

	if (lab_step(lab, "%s hears again", lab_who_name(who)) &&
	    setsockopt(lab->fd[who], SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) < 0)
		lab_fail(lab, errno);
}
