/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * MPTCP: what a forged subflow must know, and say.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>

#include "lab.h"

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

/* The option's head of RFC 8684, 3.2: MP_JOIN of a SYN, and of the ACK that follows. */
#define MPTCP 30
#define JOIN 0x10
#define JOIN_SYN 12
#define JOIN_ACK 24

uint32_t lab_mptcp_token(struct lab *lab, enum lab_who who)
{
	struct mptcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (!lab_step(lab, "%s MPTCP token", lab_who_name(who)))
		return 0;
	if (getsockopt(lab->fd[who], SOL_MPTCP, MPTCP_INFO, &info, &len) < 0)
		lab_fail(lab, errno);
	return info.mptcpi_token;
}

void lab_join_syn(struct lab *lab, enum lab_who from, uint32_t token, uint32_t seq)
{
	uint8_t option[JOIN_SYN] = { MPTCP, sizeof(option), JOIN, 1 };
	uint32_t wire = htonl(token);

	memcpy(option + 4, &wire, sizeof(wire));
	lab_forge_with(lab, from, LAB_LISTENER, TH_SYN, seq, 0,
		       &(struct lab_rest){ .option = option, .options = sizeof(option) });
}

void lab_join_ack(struct lab *lab, enum lab_who from, uint32_t seq, uint32_t ack)
{
	const uint8_t option[JOIN_ACK] = { MPTCP, sizeof(option), JOIN };

	lab_forge_with(lab, from, LAB_LISTENER, TH_ACK, seq, ack,
		       &(struct lab_rest){ .option = option, .options = sizeof(option) });
}
