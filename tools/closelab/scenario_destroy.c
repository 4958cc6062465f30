/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SOCK_DESTROY: an administrator ends a connection.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void destroy_estab(struct lab *lab)
{
	lab_pair(lab);
	lab_destroy(lab, LAB_SERVER, LAB_CLIENT);
	lab_wait_error(lab, LAB_SERVER, ECONNABORTED);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void destroy_bpf(struct lab *lab)
{
	lab_pair(lab);
	lab_destroy_bpf(lab, LAB_SERVER, LAB_CLIENT);
	lab_wait_error(lab, LAB_SERVER, ECONNABORTED);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void destroy_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_destroy(lab, LAB_SERVER, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_SERVER, ECONNABORTED);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void destroy_closewait(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_destroy(lab, LAB_SERVER, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_SERVER, ECONNABORTED);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void destroy_synsent(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_dropped(lab, LAB_LISTENER);
	lab_destroy(lab, LAB_CLIENT, LAB_LISTENER);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNABORTED);
	lab_close(lab, LAB_CLIENT);
}

static void destroy_lastack(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_unheard_fin(lab);
	lab_destroy(lab, LAB_SERVER, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_SERVER, ECONNABORTED);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

/* Closed with data that the server does not hear. */
static void make_orphan(struct lab *lab)
{
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_destroy(lab, LAB_CLIENT, LAB_SERVER);
}

static void destroy_orphan(struct lab *lab)
{
	make_orphan(lab);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

/* 5.10 empties its queue and leaves it: nothing is resent, no timer ends it. */
static void destroy_orphan_stuck(struct lab *lab)
{
	make_orphan(lab);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
}

static void destroy_listener(struct lab *lab)
{
	lab_queue(lab, 2);
	lab_destroy_listener(lab);
	for (int i = 0; i < 2; i++) {
		lab_wait_error(lab, LAB_CLIENT + i, ECONNRESET);
		lab_close(lab, LAB_CLIENT + i);
	}
	lab_close(lab, LAB_LISTENER);
}

/* 5.10 refuses to, later kernels drop the entry without a word. */
static void destroy_timewait(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_TIME_WAIT);
	lab_destroy_or(lab, LAB_CLIENT, LAB_SERVER, EOPNOTSUPP);
}

/* The client takes itself for connected; what it sends later meets a listener. */
static void destroy_halfopen(struct lab *lab)
{
	lab_listen(lab);
	lab_option(lab, LAB_LISTENER, IPPROTO_TCP, TCP_DEFER_ACCEPT, 10, "TCP_DEFER_ACCEPT");
	lab_connect(lab, LAB_CLIENT);
	lab_destroy(lab, LAB_SERVER, LAB_CLIENT);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

#define DESTROYED(who, was, n) { \
	.cause = "sock_destroy", .end = LAB_END_##who, .wire = "rst", .dir = "out", \
	.state = was, .error = "ECONNABORTED", .via = "sock_destroy", .count = 1, .unread = n }
#define DESTROYED_SILENT(who, was) { \
	.cause = "sock_destroy", .end = LAB_END_##who, .wire = "none", .dir = "none", \
	.state = was, .error = "ECONNABORTED", .via = "sock_destroy", .count = 1 }
#define SERVER_RST { [LAB_END_SERVER] = { .rst_ack = 1 } }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define RESETS(n) { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = n }

const struct scenario scenario_destroy[] = {
	{
		.name = "destroy_estab",
		.summary = "SOCK_DESTROY of a connection: a RST",
		.run = destroy_estab,
		.root = true,
		.acts = {
			DESTROYED(SERVER, "ESTABLISHED", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST, .counters = RESETS(2),
	}, {
		.name = "destroy_bpf",
		.summary = "bpf_sock_destroy() in ESTABLISHED, by a BPF iterator",
		.run = destroy_bpf,
		.root = true,
		.acts = {
			{
				.cause = "sock_destroy", .end = LAB_END_SERVER, .wire = "rst",
				.dir = "out", .state = "ESTABLISHED", .error = "ECONNABORTED",
				.via = "bpf_iter", .count = 1,
			},
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST, .counters = RESETS(2),
	}, {
		.name = "destroy_unread",
		.summary = "SOCK_DESTROY with data unread: the request is the cause",
		.run = destroy_unread,
		.root = true,
		.acts = {
			DESTROYED(SERVER, "ESTABLISHED", 3),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST, .counters = RESETS(2),
	}, {
		.name = "destroy_closewait",
		.summary = "SOCK_DESTROY after the peer's FIN",
		.run = destroy_closewait,
		.root = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			DESTROYED(SERVER, "CLOSE_WAIT", 0),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = RESETS(1),
	}, {
		.name = "destroy_synsent",
		.summary = "SOCK_DESTROY while connecting: silent",
		.run = destroy_synsent,
		.root = true,
		.acts = { DESTROYED_SILENT(CLIENT, "SYN_SENT") },
		.counters = { [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "destroy_lastack",
		.summary = "SOCK_DESTROY in LAST_ACK: silent",
		.run = destroy_lastack,
		.root = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_shutdown_wr", "CLOSE_WAIT", "shutdown"),
			DESTROYED_SILENT(SERVER, "LAST_ACK"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "destroy_orphan",
		.summary = "SOCK_DESTROY of a closed connection in FIN_WAIT1: a RST",
		.run = destroy_orphan,
		.root = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			DESTROYED(CLIENT, "FIN_WAIT1", 0),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = {
			[COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 1,
			[COUNTER_TCPAbortOnData] = 1,
		},
	}, {
		.name = "destroy_orphan_stuck",
		.summary = "SOCK_DESTROY of a closed connection, 5.10: it stays till a RST comes",
		.run = destroy_orphan_stuck,
		.root = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
			ACT_PEER_ORPHAN(CLIENT, "FIN_WAIT1"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1,
			[COUNTER_TCPAbortOnData] = 1,
		},
	}, {
		.name = "destroy_listener",
		.summary = "SOCK_DESTROY of a listener resets its queue",
		.run = destroy_listener,
		.root = true,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "sock_destroy", 2, 0),
			ACT_PEERS(CLIENT, "ESTABLISHED", "ECONNRESET", 2),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 2 } },
		.counters = { [COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 4 },
	}, {
		.name = "destroy_timewait",
		.summary = "SOCK_DESTROY of a TIME_WAIT entry: nothing",
		.run = destroy_timewait,
		.root = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "destroy_halfopen",
		.summary = "SOCK_DESTROY of a half-open request: nothing, until the client speaks",
		.run = destroy_halfopen,
		.root = true,
		.acts = {
			ACT_REPLY(SERVER, "listener_bad_segment", NULL, NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.notes = {
			NOTE_FULL(SERVER, "request_dropped", "NEW_SYN_RECV"),
			NOTE_FULL(CLIENT, "close_dead", "CLOSE"),
			NOTE_LISTENER,
		},
		.wire = { [LAB_END_SERVER] = { .rst = 1 } },
		.counters = RESETS(1),
	},
	{ .name = NULL },
};
