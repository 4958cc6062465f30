/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of a listener: each connection that nobody has accepted is reset, whatever its state.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void clients_hear(struct lab *lab, int clients)
{
	for (int i = 0; i < clients; i++) {
		lab_wait_error(lab, LAB_CLIENT + i, ECONNRESET);
		lab_close(lab, LAB_CLIENT + i);
	}
}

static void listen_queue_close(struct lab *lab)
{
	lab_queue(lab, 3);
	lab_close(lab, LAB_LISTENER);
	clients_hear(lab, 3);
}

static void listen_queue_unread(struct lab *lab)
{
	lab_queue(lab, 1);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_acked(lab, LAB_CLIENT);
	lab_close(lab, LAB_LISTENER);
	clients_hear(lab, 1);
}

static void listen_queue_closewait(struct lab *lab)
{
	lab_queue(lab, 1);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_state(lab, LAB_CLIENT, TCP_FIN_WAIT2);
	lab_close(lab, LAB_LISTENER);
	clients_hear(lab, 1);
}

static void listen_shutdown_rd(struct lab *lab)
{
	lab_queue(lab, 2);
	lab_shutdown(lab, LAB_LISTENER, SHUT_RD);
	clients_hear(lab, 2);
}

static void unspec_listen(struct lab *lab)
{
	lab_queue(lab, 2);
	lab_disconnect(lab, LAB_LISTENER);
	clients_hear(lab, 2);
}

static void listen_queue_kill9(struct lab *lab)
{
	lab_queue(lab, 2);
	lab_holder_start(lab, LAB_LISTENER);
	lab_close(lab, LAB_LISTENER);
	lab_holder_end(lab, LAB_HOLDER_KILL);
	clients_hear(lab, 2);
}

/* What was accepted before lives on; only the queue dies. */
static void listen_close_accepted(struct lab *lab)
{
	lab_pair(lab);
	lab_connect(lab, LAB_CLIENT2);
	lab_wait_queued(lab, 1);
	lab_close(lab, LAB_LISTENER);
	lab_wait_error(lab, LAB_CLIENT2, ECONNRESET);
	lab_close(lab, LAB_CLIENT2);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

#define RESETS(n) { [COUNTER_OutRsts] = n, [COUNTER_EstabResets] = 2 * (n) }
#define SERVER_RSTS(n) { [LAB_END_SERVER] = { .rst_ack = n } }

const struct scenario scenario_listen[] = {
	{
		.name = "listen_queue_close",
		.summary = "close() of a listener with 3 connections in its queue",
		.run = listen_queue_close,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "close", 3, 0),
			ACT_PEERS(CLIENT, "ESTABLISHED", "ECONNRESET", 3),
		},
		.wire = SERVER_RSTS(3), .counters = RESETS(3),
	}, {
		.name = "listen_queue_unread",
		.summary = "a queued connection with data: the queue is the cause, not the data",
		.run = listen_queue_unread,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "close", 1, 3),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RSTS(1), .counters = RESETS(1),
	}, {
		.name = "listen_queue_closewait",
		.summary = "a queued connection whose client has sent its FIN",
		.run = listen_queue_closewait,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_QUEUE("CLOSE_WAIT", "close", 1, 0),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 },
	}, {
		.name = "listen_shutdown_rd",
		.summary = "shutdown(SHUT_RD) of a listener empties its queue",
		.run = listen_shutdown_rd,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "shutdown", 2, 0),
			ACT_PEERS(CLIENT, "ESTABLISHED", "ECONNRESET", 2),
		},
		.wire = SERVER_RSTS(2), .counters = RESETS(2),
	}, {
		.name = "unspec_listen",
		.summary = "connect(AF_UNSPEC) of a listener empties its queue",
		.run = unspec_listen,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "disconnect", 2, 0),
			ACT_PEERS(CLIENT, "ESTABLISHED", "ECONNRESET", 2),
		},
		.wire = SERVER_RSTS(2), .counters = RESETS(2),
	}, {
		.name = "listen_queue_kill9",
		.summary = "the server is killed with 2 connections in its queue",
		.run = listen_queue_kill9,
		.held = { CHILD_DROPS(CLIENT, 2) },
		.acts = {
			ACT_QUEUE("ESTABLISHED", "signal", 2, 0),
			ACT_PEERS(CLIENT, "ESTABLISHED", "ECONNRESET", 2),
		},
		.wire = SERVER_RSTS(2), .counters = RESETS(2),
	}, {
		.name = "listen_close_accepted",
		.summary = "close() of a listener spares what was accepted",
		.run = listen_close_accepted,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "close", 1, 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 },
		},
		.counters = RESETS(1),
	},
	{ .name = NULL },
};
