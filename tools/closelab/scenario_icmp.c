/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors: deadly while connecting, at most remembered later.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void connecting(struct lab *lab, enum lab_icmp kind, int err)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_dropped(lab, LAB_LISTENER);
	lab_icmp(lab, LAB_CLIENT, kind, 1);
	lab_wait_so_error(lab, LAB_CLIENT, err);
	lab_close(lab, LAB_CLIENT);
}

static void icmp_synsent_port(struct lab *lab)
{
	connecting(lab, LAB_ICMP_PORT, ECONNREFUSED);
}

static void icmp_synsent_host(struct lab *lab)
{
	connecting(lab, LAB_ICMP_HOST, EHOSTUNREACH);
}

static void clean_end(struct lab *lab)
{
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void icmp_recverr(struct lab *lab)
{
	bool v6 = lab->family == AF_INET6;

	lab_option(lab, LAB_CLIENT, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_RECVERR : IP_RECVERR, 1, "IP_RECVERR");
	lab_pair(lab);
	lab_icmp(lab, LAB_CLIENT, LAB_ICMP_HOST, 0);
	lab_wait_so_error(lab, LAB_CLIENT, EHOSTUNREACH);
	clean_end(lab);
}

static void icmp_ignored(struct lab *lab)
{
	lab_pair(lab);
	lab_icmp(lab, LAB_CLIENT, LAB_ICMP_PORT, 0);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	clean_end(lab);
}

static void icmp_soft_user_timeout(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 300);
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_icmp(lab, LAB_CLIENT, LAB_ICMP_HOST, 3);
	lab_wait_error(lab, LAB_CLIENT, EHOSTUNREACH);
	lab_close(lab, LAB_CLIENT);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

#define CLEAN_ACTS { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define CLEAN_WIRE { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }

const struct scenario scenario_icmp[] = {
	{
		.name = "icmp_synsent_port",
		.summary = "ICMP port unreachable for a SYN",
		.run = icmp_synsent_port,
		.root = true,
		.acts = { ACT_DEATH(CLIENT, "icmp_error", "SYN_SENT", "ECONNREFUSED") },
		.counters = { [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "icmp_synsent_host",
		.summary = "ICMP host unreachable for a SYN",
		.run = icmp_synsent_host,
		.root = true,
		.acts = { ACT_DEATH(CLIENT, "icmp_error", "SYN_SENT", "EHOSTUNREACH") },
		.counters = { [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "icmp_recverr",
		.summary = "ICMP on a connection with IP_RECVERR: an error, but no end",
		.run = icmp_recverr,
		.root = true,
		.acts = CLEAN_ACTS, .wire = CLEAN_WIRE,
	}, {
		.name = "icmp_ignored",
		.summary = "ICMP on a connection without IP_RECVERR: nothing",
		.run = icmp_ignored,
		.root = true,
		.acts = CLEAN_ACTS, .wire = CLEAN_WIRE,
	}, {
		.name = "icmp_soft_user_timeout",
		.summary = "the ICMP error of before is the errno of a timeout",
		.run = icmp_soft_user_timeout,
		.root = true,
		.timer = true,
		.acts = {
			ACT_DEATH(CLIENT, "user_timeout", "ESTABLISHED", "EHOSTUNREACH"),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnData] = 1,
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2,
		},
	},
	{ .name = NULL },
};
