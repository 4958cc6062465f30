/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two threads: a call that blocks holds a reference, which close() cannot take away and shutdown()
 * need not; a listener ends while a segment is being handled for it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* close() has no effect; what comes still wakes the reader, and only then the FIN leaves. */
static void blocked_recv_close(struct lab *lab)
{
	lab_pair(lab);
	lab_call(lab, LAB_CLIENT, LAB_CALL_RECV);
	lab_close(lab, LAB_CLIENT);
	lab_call_blocked(lab);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_send(lab, LAB_SERVER, 1);
	lab_call_ends(lab, 0);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

/* The reader takes one byte of three. */
static void blocked_recv_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_call(lab, LAB_CLIENT, LAB_CALL_RECV);
	lab_close(lab, LAB_CLIENT);
	lab_send(lab, LAB_SERVER, 3);
	lab_call_ends(lab, 0);
	lab_wait_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_SERVER);
}

static void blocked_recv_shutdown(struct lab *lab)
{
	lab_pair(lab);
	lab_call(lab, LAB_CLIENT, LAB_CALL_RECV);
	lab_shutdown(lab, LAB_CLIENT, SHUT_RDWR);
	lab_call_ends(lab, 0);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

static void blocked_connect(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_bind(lab, LAB_CLIENT, 0);
	lab_call(lab, LAB_CLIENT, LAB_CALL_CONNECT);
	lab_wait_dropped(lab, LAB_LISTENER);
}

static void connect_shut(struct lab *lab, int how)
{
	blocked_connect(lab);
	lab_shutdown(lab, LAB_CLIENT, how);
	lab_call_ends(lab, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void blocked_connect_shut_rd(struct lab *lab)
{
	connect_shut(lab, SHUT_RD);
}

static void blocked_connect_shut_wr(struct lab *lab)
{
	connect_shut(lab, SHUT_WR);
}

/* 5.10 will not end what another thread waits for: it goes on until nobody has answered. */
static void blocked_connect_busy(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 500);
	blocked_connect(lab);
	lab_shutdown_fails(lab, LAB_CLIENT, SHUT_RD, EBUSY);
	lab_call_ends(lab, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
}

/* A port of its own choice is kept when the listener ends, one by chance is not. */
static void gated_listener(struct lab *lab)
{
	lab_bind(lab, LAB_LISTENER, 0);
	lab_swap(lab, LAB_LISTENER, LAB_SPARE);
	lab_bind(lab, LAB_LISTENER, lab->ends.server_port);
	lab_close(lab, LAB_SPARE);
	lab_relisten(lab, 16);
	lab_gate(lab, LAB_LISTENER);
	lab_bind(lab, LAB_CLIENT, 0);
	lab_call_elsewhere(lab, LAB_CLIENT, LAB_CALL_CONNECT);
	lab_gate_holds(lab);
}

/* The last ACK of the handshake has found a listener; when it has made a child, there is none. */
static void listen_dies_under_ack(struct lab *lab)
{
	gated_listener(lab);
	lab_shutdown(lab, LAB_LISTENER, SHUT_RD);
	lab_gate_open(lab);
	/* The reset may be there before connect() has looked whether it is connected. */
	lab_call_ends_or(lab, ECONNRESET);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

/* The port is gone with the listener: no child can be made. The client thinks otherwise. */
static void child_fails(struct lab *lab)
{
	gated_listener(lab);
	lab_close(lab, LAB_LISTENER);
	lab_gate_open(lab);
	lab_call_ends(lab, 0);
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define SERVER_FOLLOWS ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close")
#define GIVEN_UP { ACT_SILENT(CLIENT, "disconnect_synsent", "SYN_SENT", "shutdown") }

const struct scenario scenario_thread[] = {
	{
		.name = "blocked_recv_close",
		.summary = "close() while a thread is blocked in recv(): nothing until it returns",
		.run = blocked_recv_close,
		.held = { HELD(CLIENT, NONE) },
		.acts = { ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "recv"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "blocked_recv_unread",
		.summary = "the same, and the thread leaves 2 bytes unread",
		.run = blocked_recv_unread,
		.held = { HELD(CLIENT, NONE) },
		.acts = {
			ACT_RST(CLIENT, "unread_data", "ESTABLISHED", "recv", 2),
			ACT_PEER(SERVER, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_CLIENT] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnClose] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "blocked_recv_shutdown",
		.summary = "shutdown(SHUT_RDWR) while a thread is blocked in recv(): a FIN at once",
		.run = blocked_recv_shutdown,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			SERVER_FOLLOWS,
		},
		.wire = BOTH_FIN,
	}, {
		.name = "blocked_connect_shut_rd",
		.summary = "shutdown(SHUT_RD) while a thread is blocked in connect(): silent",
		.run = blocked_connect_shut_rd,
		.acts = GIVEN_UP,
	}, {
		.name = "blocked_connect_shut_wr",
		.summary = "shutdown(SHUT_WR) while a thread is blocked in connect(): the same",
		.run = blocked_connect_shut_wr,
		.acts = GIVEN_UP,
	}, {
		.name = "blocked_connect_busy",
		.summary = "the same where the kernel refuses to: 5.10",
		.run = blocked_connect_busy,
		.timer = true,
		.acts = { ACT_DEATH(CLIENT, "syn_timeout", "SYN_SENT", "ETIMEDOUT") },
		.counters = { [COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "listen_dies_under_ack",
		.summary = "shutdown() of a listener while the handshake's last ACK is at work",
		.run = listen_dies_under_ack,
		.alone = true,
		.root = true,
		.acts = {
			ACT_REPLY(SERVER, "listen_queue_abort", "SYN_RECV", NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 },
	}, {
		.name = "child_fails",
		.summary = "close() of a listener under the handshake's last ACK: no child",
		.run = child_fails,
		.alone = true,
		.root = true,
		.acts = {
			ACT_REPLY(SERVER, "no_socket_rst", NULL, NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.notes = {
			NOTE_TOLD(SERVER, "child_failed", "SYN_RECV"), NOTE_LISTENER,
			NOTE_FULL(SERVER, "close_unconnected", "CLOSE"),
			NOTE_FULL(SERVER, "request_dropped", "NEW_SYN_RECV"),
			NOTE_FULL(CLIENT, "close_dead", "CLOSE"),
		},
		.wire = { [LAB_END_SERVER] = { .rst = 1 } },
		.counters = {
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1,
			[COUNTER_ListenDrops] = 1, [COUNTER_AttemptFails] = 1,
		},
	},
	{ .name = NULL },
};
