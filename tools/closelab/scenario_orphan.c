/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What meets a connection after its process has closed it: the peer's RST in each state, a FIN
 * that crosses ours.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* The server never hears the FIN, so that the closed client stays in FIN_WAIT1. */
static void orphan_fw1_rst(struct lab *lab)
{
	lab_pair(lab);
	lab_drop_fin(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_wait_dropped(lab, LAB_SERVER);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
}

/* Beyond 60 s of tcp_fin_timeout FIN_WAIT2 keeps the whole socket. */
static void orphan_fw2_rst(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", 90);
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT2);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
}

static void orphan_lastack_rst(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_drop_fin(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_LAST_ACK);
	lab_wait_dropped(lab, LAB_CLIENT);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
}

/* The same with data: FIN_WAIT2 as a whole socket, data answered by it. */
static void orphan_fw2_data(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_fin_timeout", 90);
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT2);
	lab_send(lab, LAB_SERVER, 3);
	lab_wait_so_error(lab, LAB_SERVER, EPIPE);
	lab_close(lab, LAB_SERVER);
}

static void timewait_rst(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
}

/* The client's FIN is lost; before it is resent, the server sends its own. */
static void fin_simultaneous(struct lab *lab)
{
	lab_pair(lab);
	lab_drop_fin(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_wait_dropped(lab, LAB_SERVER);
	lab_heal(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_TIME_WAIT);
}

static void fin_simultaneous_shutdown(struct lab *lab)
{
	lab_pair(lab);
	lab_drop_fin(lab, LAB_SERVER);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_dropped(lab, LAB_SERVER);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSING);
	lab_heal(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
}

#define CLOSED(who) ACT_FIN(who, "fin_close", "ESTABLISHED", "close")
#define SHUT(who) ACT_FIN(who, "fin_shutdown_wr", "ESTABLISHED", "shutdown")
#define LINGER0(who, was) ACT_RST(who, "linger0", was, "close", 0)
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define FIN_THEN_RST { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .rst_ack = 1 } }
#define ON_DATA(resets) { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = resets }

const struct scenario scenario_orphan[] = {
	{
		.name = "orphan_fw1_rst",
		.summary = "the peer resets a closed connection in FIN_WAIT1",
		.run = orphan_fw1_rst,
		.acts = {
			CLOSED(CLIENT), LINGER0(SERVER, "ESTABLISHED"),
			ACT_PEER_ORPHAN(CLIENT, "FIN_WAIT1"),
		},
		.wire = FIN_THEN_RST, .counters = ON_DATA(1),
	}, {
		.name = "orphan_fw2_rst",
		.summary = "the peer resets a closed connection in FIN_WAIT2",
		.run = orphan_fw2_rst,
		.alone = true,
		.acts = {
			CLOSED(CLIENT), LINGER0(SERVER, "CLOSE_WAIT"),
			ACT_PEER_ORPHAN(CLIENT, "FIN_WAIT2"),
		},
		.wire = FIN_THEN_RST, .counters = ON_DATA(1),
	}, {
		.name = "orphan_lastack_rst",
		.summary = "the peer resets a closed connection in LAST_ACK",
		.run = orphan_lastack_rst,
		.acts = {
			SHUT(CLIENT),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
			LINGER0(CLIENT, "FIN_WAIT2"),
			ACT_PEER_ORPHAN(SERVER, "LAST_ACK"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 },
			[LAB_END_SERVER] = { .fin = 1 },
		},
		.counters = ON_DATA(0),
	}, {
		.name = "orphan_fw2_data",
		.summary = "data after close(), FIN_WAIT2 still a whole socket",
		.run = orphan_fw2_data,
		.alone = true,
		.acts = {
			CLOSED(CLIENT),
			ACT_REPLY(CLIENT, "data_after_close", "FIN_WAIT2", NULL),
			ACT_PEER(SERVER, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1, .rst = 1 } },
		.counters = ON_DATA(1),
	}, {
		.name = "timewait_rst",
		.summary = "the peer's RST for a TIME_WAIT entry: told by the peer only",
		.run = timewait_rst,
		.acts = { SHUT(CLIENT), LINGER0(SERVER, "CLOSE_WAIT") },
		.notes = {
			NOTE_TOLD(SERVER, "fin_received", "ESTABLISHED"),
			NOTE_TOLD(CLIENT, "close_after_fin", "FIN_WAIT2"),
			NOTE_FULL(CLIENT, "peer_rst_tw", "FIN_WAIT2"),
			NOTE_LISTENER,
		},
		.wire = FIN_THEN_RST, .counters = ON_DATA(1),
	}, {
		.name = "fin_simultaneous",
		.summary = "both close before they have heard of the other's FIN",
		.run = fin_simultaneous,
		.acts = { CLOSED(CLIENT), CLOSED(SERVER) },
		.wire = BOTH_FIN,
	}, {
		.name = "fin_simultaneous_shutdown",
		.summary = "both shut down before they have heard of the other's FIN",
		.run = fin_simultaneous_shutdown,
		.acts = { SHUT(CLIENT), SHUT(SERVER) },
		.notes = {
			NOTE_TOLD(CLIENT, "fin_received", "FIN_WAIT1"),
			NOTE_TOLD(SERVER, "fin_received", NULL),
			NOTE_FULL(CLIENT, "close_dead", "CLOSE"),
			NOTE_FULL(SERVER, "close_dead", "CLOSE"),
			NOTE_LISTENER,
		},
		.wire = BOTH_FIN,
	},
	{ .name = NULL },
};
