/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ends that come from the other side, and the kernel's own replies to segments that come too late.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void refused(struct lab *lab)
{
	/* Bound, so that nobody else can listen there. */
	lab_bind(lab, LAB_LISTENER, 0);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNREFUSED);
	lab_close(lab, LAB_CLIENT);
}

/* The accepted connection keeps the port in use, but nobody listens there any more. */
static void connect_then_refused(struct lab *lab)
{
	lab_listen(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_accept(lab);
	lab_close(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT2);
	lab_wait_so_error(lab, LAB_CLIENT2, ECONNREFUSED);
	lab_close(lab, LAB_CLIENT2);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void peer_rst_closewait(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_SERVER);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_CLIENT);
}

static void shut_rdwr_then_data(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown(lab, LAB_SERVER, SHUT_RDWR);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_wait_state(lab, LAB_SERVER, TCP_FIN_WAIT2);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_so_error(lab, LAB_CLIENT, EPIPE);
	lab_wait_so_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

/* The client never hears the FIN, so that the closed socket stays in FIN_WAIT1. */
static void close_then_data_fw1(struct lab *lab)
{
	lab_pair(lab);
	lab_drop_fin(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_FIN_WAIT1);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

/* Closed in FIN_WAIT2: an ACK that comes while close() is at work could leave a whole socket. */
static void close_then_data_tw(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_send(lab, LAB_SERVER, 3);
	lab_wait_so_error(lab, LAB_SERVER, EPIPE);
	lab_close(lab, LAB_SERVER);
}

static void challenge_ack(struct lab *lab)
{
	lab_pair(lab);
	lab_stray_rst(lab, LAB_CLIENT, 100);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

#define ONE_RESET(resets) { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = resets }
#define LATE_DATA { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 }

const struct scenario scenario_peer[] = {
	{
		.name = "refused",
		.summary = "connect() to a port where nobody listens",
		.run = refused,
		.acts = {
			ACT_REPLY(SERVER, "no_socket_rst", NULL, NULL),
			ACT_REFUSED,
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "connect_then_refused",
		.summary = "a refusal on a port that still has connections",
		.run = connect_then_refused,
		.acts = {
			ACT_REPLY(SERVER, "no_socket_rst", NULL, NULL),
			ACT_REFUSED,
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 },
		},
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "peer_rst_closewait",
		.summary = "a RST after the peer's FIN: EPIPE",
		.run = peer_rst_closewait,
		.acts = {
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_RST(SERVER, "linger0", "FIN_WAIT2", "close", 0),
			ACT_PEER(CLIENT, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1,
			[COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "shut_rdwr_then_data",
		.summary = "data after shutdown(SHUT_RDWR), the descriptor still open",
		.run = shut_rdwr_then_data,
		.acts = {
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_REPLY(SERVER, "data_after_close", "FIN_WAIT2", "ECONNRESET"),
			ACT_PEER(CLIENT, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst = 1 } },
		.counters = LATE_DATA,
	}, {
		.name = "close_then_data_fw1",
		.summary = "data after close(), the FIN not yet acknowledged",
		.run = close_then_data_fw1,
		.acts = {
			ACT_FIN(SERVER, "fin_close", "ESTABLISHED", "close"),
			ACT_REPLY(SERVER, "data_after_close", "FIN_WAIT1", NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst = 1 } },
		.counters = LATE_DATA,
	}, {
		.name = "close_then_data_tw",
		.summary = "data after close(), the FIN acknowledged: a TIME_WAIT socket answers",
		.run = close_then_data_tw,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_REPLY(CLIENT, "data_after_close_tw", NULL, NULL),
			ACT_PEER(SERVER, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1, .rst = 1 } },
		.counters = ONE_RESET(1),
	}, {
		.name = "challenge_ack",
		.summary = "a RST in the window, but not at its start, is challenged: no end",
		.run = challenge_ack,
		.root = true,
		.forged = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst = 1 },
			[LAB_END_SERVER] = { .fin = 1 },
		},
		.counters = { [COUNTER_TCPChallengeACK] = 1 },
	},
	{ .name = NULL },
};
