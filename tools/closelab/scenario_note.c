/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What closetrace tells as a note, where no other scenario shows it: ends of half a connection, and
 * what becomes of TIME_WAIT.
 */
#include <errno.h>

#include "scenario.h"

/* The client's FIN is acknowledged, the server's still to come. */
static void half_closed(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
}

static void close_after_fin(struct lab *lab)
{
	half_closed(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

static void finwait2_timeout(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", 1);
	half_closed(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

static void timewait_full(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_max_tw_buckets", 0);
	half_closed(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_close(lab, LAB_CLIENT);
}

static void timewait_purged(struct lab *lab)
{
	half_closed(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void link_down(struct lab *lab)
{
	lab_pair(lab);
	lab_link(lab, LAB_END_CLIENT, false);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_link(lab, LAB_END_CLIENT, true);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

#define SHUT(who, was) ACT_FIN(who, "fin_shutdown_wr", was, "shutdown")
#define CLOSED_PASSIVE ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close")
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define FIN_AND_RST { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .rst_ack = 1 } }
#define ONE_LINGER0 { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 }
#define FIN_HEARD NOTE_TOLD(SERVER, "fin_received", "ESTABLISHED")
#define CLOSED_HALF NOTE_TOLD(CLIENT, "close_after_fin", "FIN_WAIT2")

const struct scenario scenario_note[] = {
	{
		.name = "close_after_fin",
		.summary = "close() after shutdown(SHUT_WR): nothing more is sent",
		.run = close_after_fin,
		.acts = { SHUT(CLIENT, "ESTABLISHED"), CLOSED_PASSIVE },
		.notes = {
			FIN_HEARD, CLOSED_HALF,
			NOTE_FULL(CLIENT, "fin_received", "FIN_WAIT2"),
			NOTE_LISTENER,
		},
		.wire = BOTH_FIN,
	}, {
		.name = "finwait2_timeout",
		.summary = "no FIN comes within tcp_fin_timeout: forgotten in silence",
		.run = finwait2_timeout,
		.alone = true,
		.timer = true,
		.root = true,
		.acts = {
			SHUT(CLIENT, "ESTABLISHED"),
			ACT_RST(SERVER, "linger0", "CLOSE_WAIT", "close", 0),
		},
		.notes = {
			FIN_HEARD, CLOSED_HALF,
			NOTE_FULL(CLIENT, "finwait2_timeout", "FIN_WAIT2"),
			NOTE_LISTENER,
		},
		.wire = FIN_AND_RST, .counters = ONE_LINGER0,
	}, {
		.name = "timewait_full",
		.summary = "tcp_max_tw_buckets is reached: an end without TIME_WAIT",
		.run = timewait_full,
		.alone = true,
		.root = true,
		.acts = { SHUT(CLIENT, "ESTABLISHED"), CLOSED_PASSIVE },
		.notes = {
			FIN_HEARD,
			NOTE_TOLD(CLIENT, "fin_received", "FIN_WAIT2"),
			NOTE_FULL(CLIENT, "time_wait_overflow", "FIN_WAIT2"),
			NOTE_FULL(CLIENT, "close_dead", "CLOSE"),
			NOTE_LISTENER,
		},
		.wire = BOTH_FIN,
		.counters = { [COUNTER_TCPTimeWaitOverflow] = 1 },
	}, {
		.name = "timewait_purged",
		.summary = "a connection in TIME_WAIT whose network namespace goes away",
		.run = timewait_purged,
		.exits = true,
		.acts = { SHUT(CLIENT, "ESTABLISHED"), CLOSED_PASSIVE },
		.notes = {
			FIN_HEARD,
			NOTE_TOLD(CLIENT, "fin_received", "FIN_WAIT2"),
			NOTE_FULL(CLIENT, "netns_exit_purge", "TIME_WAIT"),
			NOTE_FULL(CLIENT, "close_dead", "CLOSE"),
			NOTE_LISTENER,
		},
		.wire = BOTH_FIN,
	}, {
		.name = "link_down",
		.summary = "SO_LINGER 0 while the device is down: the RST is told and lost",
		.run = link_down,
		/* IPv6, and IPv4 on another device, have no route left, which the kernel counts. */
		.ipv4 = true,
		.loopback = true,
		.alone = true,
		.root = true,
		.acts = {
			{ .cause = "linger0", .end = LAB_END_CLIENT, .wire = "rst", .dir = "out",
			  .state = "ESTABLISHED", .via = "close", .count = 1, .lost = true },
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.notes = { NOTE_TOLD(CLIENT, "link_down_noop", "ESTABLISHED"), NOTE_LISTENER },
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 2, [COUNTER_OutRsts] = 2,
			[COUNTER_EstabResets] = 2,
		},
	},
	{ .name = NULL },
};
