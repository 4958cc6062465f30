/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SMC: the application holds a socket of AF_SMC, what ends is a TCP socket of the kernel's. The
 * peer knows only TCP here, so that all goes over that.
 */
#include <netinet/tcp.h>

#include "scenario.h"

/* SMC ends what is still connecting as SOCK_DESTROY would; but it is the owner who closes. */
static void smc_close_connecting(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_smc(lab, LAB_CLIENT);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_dropped(lab, LAB_LISTENER);
	lab_close(lab, LAB_CLIENT);
}

static void smc_pair(struct lab *lab)
{
	lab_smc(lab, LAB_LISTENER);
	lab_pair(lab);
	lab_close(lab, LAB_LISTENER);
}

static void smc_close(struct lab *lab)
{
	smc_pair(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_TIME_WAIT);
}

/*
 * A socket of the kernel's that timers still need must hold its namespace, too: else they would
 * find that dead, and end the socket without a word.
 */
static void smc_orphan_netns(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_orphan_retries", 1);
	smc_pair(lab);
	lab_blackhole(lab, LAB_CLIENT);
	lab_send(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	lab_abandon_server(lab);
	lab_wait_server_gone(lab);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

#define CLOSED ACT_FIN(SERVER, "fin_close", "ESTABLISHED", "close")

const struct scenario scenario_smc[] = {
	{
		.name = "smc_close_connecting",
		.summary = "SMC: close() while connecting: aborted, nothing is sent",
		.run = smc_close_connecting,
		.acts = { {
			.cause = "smc_abort", .end = LAB_END_CLIENT, .wire = "none", .dir = "none",
			.state = "SYN_SENT", .error = "ECONNABORTED", .via = "close", .count = 1,
		} },
		.counters = { [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "smc_close",
		.summary = "SMC: close() of a connection sends a FIN on the kernel's socket",
		.run = smc_close,
		.full = true,
		.acts = {
			CLOSED,
			ACT_FIN(CLIENT, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } },
	}, {
		.name = "smc_orphan_netns",
		.summary = "SMC: an orphan holds its namespace until it times out",
		.run = smc_orphan_netns,
		.full = true,
		.veth = true,
		.leaves = true,
		.alone = true,
		.root = true,
		.timer = true,
		.acts = {
			CLOSED,
			ACT_DEATH(SERVER, "orphan_timeout", "FIN_WAIT1", NULL),
			{
				.cause = "linger0", .end = LAB_END_CLIENT, .wire = "rst",
				.dir = "out", .state = "ESTABLISHED", .via = "close", .count = 1,
				.lost = true,
			},
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1, [COUNTER_TCPAbortFailed] = 1,
		},
	},
	{ .name = NULL },
};
