/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rarer resets of our own: TCP_LINGER2, unsent data in LAST_ACK, TCP_REPAIR, limits and timers of
 * orphans.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* FIN_WAIT2 keeps a whole socket only when it shall last longer than TIME_WAIT, 60 s. */
#define LONG_FIN_TIMEOUT 90

static void linger2(struct lab *lab)
{
	lab_option(lab, LAB_SERVER, IPPROTO_TCP, TCP_LINGER2, -1, "TCP_LINGER2");
}

static void linger2_fw2(struct lab *lab)
{
	lab_pair(lab);
	linger2(lab);
	lab_half_close(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_CLIENT);
}

static void linger2_fw1(struct lab *lab)
{
	lab_pair(lab);
	linger2(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_CLIENT);
}

static void linger0_lastack_unsent(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_drain(lab, LAB_SERVER, 0);
	lab_fill(lab, LAB_SERVER);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_SERVER, TCP_LAST_ACK);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void repair_close(struct lab *lab)
{
	lab_pair(lab);
	lab_option(lab, LAB_CLIENT, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON, "TCP_REPAIR");
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

/* The limit is compared with a count that the kernel brings up to date now and then. */
static void orphan_limit(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", LONG_FIN_TIMEOUT);
	lab_pair(lab);
	lab_connect(lab, LAB_CLIENT2);
	lab_accept_as(lab, LAB_SPARE);
	lab_close(lab, LAB_CLIENT2);
	lab_wait_table(lab, LAB_CLIENT2, LAB_SERVER, TCP_FIN_WAIT2);
	lab_wait_orphans_counted(lab);
	lab_sysctl_global(lab, "net.ipv4.tcp_max_orphans", 0);
	lab_blackhole(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_settings_restore(lab);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_linger0(lab, LAB_SPARE);
	lab_close(lab, LAB_SPARE);
}

static void orphan_limit_timer(struct lab *lab)
{
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_wait_orphans_counted(lab);
	lab_sysctl_global(lab, "net.ipv4.tcp_max_orphans", 0);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_settings_restore(lab);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

/* Closed in ESTABLISHED, then in FIN_WAIT2 with a timer of a second. */
static void short_fw2(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", 61);
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT2);
}

static void finwait2_timer_rst(struct lab *lab)
{
	short_fw2(lab);
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", 60);
	lab_wait_so_error(lab, LAB_SERVER, EPIPE);
	lab_close(lab, LAB_SERVER);
}

static void finwait2_timer_tw(struct lab *lab)
{
	short_fw2(lab);
	/* The timer looks again at how long TIME_WAIT shall last: long enough to be seen. */
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", LONG_FIN_TIMEOUT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
}

#define SHUT(who) ACT_FIN(who, "fin_shutdown_wr", "ESTABLISHED", "shutdown")
#define CLOSED(who) ACT_FIN(who, "fin_close", "ESTABLISHED", "close")

const struct scenario scenario_abort[] = {
	{
		.name = "linger2_fw2",
		.summary = "TCP_LINGER2 < 0, close() in FIN_WAIT2: a RST at once",
		.run = linger2_fw2,
		.acts = {
			SHUT(SERVER),
			ACT_RST(SERVER, "linger2_abort", "FIN_WAIT2", "close", 0),
			ACT_PEER(CLIENT, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnLinger] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "linger2_fw1",
		.summary = "TCP_LINGER2 < 0, close(): the ACK of the FIN is answered with a RST",
		.run = linger2_fw1,
		.acts = {
			CLOSED(SERVER),
			ACT_REPLY(SERVER, "linger2_abort_fw1", "FIN_WAIT2", NULL),
			ACT_PEER(CLIENT, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "linger0_lastack_unsent",
		.summary = "SO_LINGER 0 in LAST_ACK, the FIN still queued behind data: a RST",
		.run = linger0_lastack_unsent,
		.acts = {
			SHUT(CLIENT),
			ACT_FIN_UNSENT(SERVER, "fin_shutdown_wr", "CLOSE_WAIT", "shutdown"),
			ACT_RST_UNSENT(SERVER, "linger0_unsent_tail", "LAST_ACK", "close"),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = { [COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1 },
	}, {
		.name = "repair_close",
		.summary = "close() under TCP_REPAIR: silent, the peer knows nothing",
		.run = repair_close,
		.root = true,
		.acts = {
			ACT_SILENT(CLIENT, "repair_close", "ESTABLISHED", "close"),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "orphan_limit",
		.summary = "close() beyond tcp_max_orphans: FIN, and RST at once",
		.run = orphan_limit,
		.alone = true,
		.root = true,
		.global = true,
		.acts = {
			{
				.cause = "fin_close", .end = LAB_END_CLIENT, .wire = "fin",
				.dir = "out", .state = "ESTABLISHED", .error = "", .via = "close",
				.count = 2,
			},
			ACT_RST(CLIENT, "orphan_limit", "FIN_WAIT1", "close", 0),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
			ACT_RST(SERVER, "linger0", "CLOSE_WAIT", "close", 0),
			ACT_PEER_ORPHAN(CLIENT, "FIN_WAIT2"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 2, .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst_ack = 2 },
		},
		.counters = {
			[COUNTER_TCPAbortOnMemory] = 1, [COUNTER_TCPAbortOnData] = 2,
			[COUNTER_OutRsts] = 3, [COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "orphan_limit_timer",
		.summary = "an orphan's timer runs beyond tcp_max_orphans: RST",
		.run = orphan_limit_timer,
		.alone = true,
		.root = true,
		.global = true,
		.acts = {
			CLOSED(CLIENT),
			ACT_REPLY(CLIENT, "orphan_limit_timer", "FIN_WAIT1", NULL),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = {
			[COUNTER_TCPAbortOnMemory] = 1, [COUNTER_TCPAbortOnData] = 1,
			[COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "finwait2_timer_rst",
		.summary = "tcp_fin_timeout lowered meanwhile: an orphan's timer sends a RST",
		.run = finwait2_timer_rst,
		.alone = true,
		.timer = true,
		.acts = {
			CLOSED(CLIENT),
			ACT_REPLY(CLIENT, "finwait2_timer_rst", "FIN_WAIT2", NULL),
			ACT_PEER(SERVER, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 },
	}, {
		.name = "finwait2_timer_tw",
		.summary = "FIN_WAIT2 turns into TIME_WAIT by a timer: nothing more",
		.run = finwait2_timer_tw,
		.alone = true,
		.timer = true,
		.acts = {
			CLOSED(CLIENT),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } },
	},
	{ .name = NULL },
};
