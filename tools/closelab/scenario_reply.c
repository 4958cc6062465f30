/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Resets that answer a segment without ending a socket of ours: by a listener, in place of a
 * half-open request, by a socket that is connecting, by a TIME_WAIT entry.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* The port is held by a socket that is not connected. */
static void listener_bad_segment(struct lab *lab)
{
	lab_listen(lab);
	lab_sniff(lab);
	lab_bind(lab, LAB_CLIENT, 0);
	lab_forge(lab, LAB_CLIENT, LAB_LISTENER, TH_ACK, 1000, 2000);
	lab_sniff_rst(lab, LAB_LISTENER, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void defer(struct lab *lab)
{
	lab_listen(lab);
	lab_option(lab, LAB_LISTENER, IPPROTO_TCP, TCP_DEFER_ACCEPT, 10, "TCP_DEFER_ACCEPT");
}

/* One connection fills the queue, the other one's request is completed by its data. */
static void overflow(struct lab *lab, int abort_on_overflow)
{
	lab_sysctl(lab, "net.ipv4.tcp_abort_on_overflow", abort_on_overflow);
	defer(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_queued(lab, 1);
	lab_connect(lab, LAB_CLIENT2);
	lab_relisten(lab, 0);
	lab_send(lab, LAB_CLIENT2, 3);
}

static void first_ends(struct lab *lab)
{
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void abort_on_overflow(struct lab *lab)
{
	overflow(lab, 1);
	lab_wait_error(lab, LAB_CLIENT2, ECONNRESET);
	lab_close(lab, LAB_CLIENT2);
	lab_accept(lab);
	first_ends(lab);
}

/* Dropped once; what is resent finds room. */
static void overflow_drop(struct lab *lab)
{
	int64_t before = lab_counter(lab, LAB_LISTENER, COUNTER_ListenOverflows);

	overflow(lab, 0);
	/* Else the queue may have room again before the data is looked at. */
	lab_wait_counter(lab, LAB_LISTENER, COUNTER_ListenOverflows, before + 1);
	lab_relisten(lab, 16);
	lab_wait_acked(lab, LAB_CLIENT2);
	lab_accept(lab);
	first_ends(lab);
	lab_accept(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_close(lab, LAB_CLIENT2);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void halfopen_listener_gone(struct lab *lab)
{
	defer(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_close(lab, LAB_LISTENER);
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void synsent_bad_synack(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_dropped(lab, LAB_LISTENER);
	lab_forge(lab, LAB_LISTENER, LAB_CLIENT, TH_SYN | TH_ACK, 1000,
		  lab_next_seq(lab, LAB_CLIENT) + 100);
	lab_wait_state(lab, LAB_CLIENT, TCP_SYN_SENT);
	lab_heal(lab, LAB_LISTENER);
	/* The kernel tries again after a second. */
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_accept(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void synrecv_syn(struct lab *lab)
{
	defer(lab);
	lab_sniff(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_forge(lab, LAB_CLIENT, LAB_LISTENER, TH_SYN, lab_next_seq(lab, LAB_CLIENT) + 10, 0);
	lab_sniff_rst(lab, LAB_LISTENER, LAB_CLIENT);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void synrecv_bad_ack(struct lab *lab)
{
	int64_t before;

	defer(lab);
	lab_sniff(lab);
	lab_connect(lab, LAB_CLIENT);
	before = lab_counter(lab, LAB_CLIENT, COUNTER_TCPChallengeACK);
	lab_forge(lab, LAB_CLIENT, LAB_LISTENER, TH_ACK, lab_next_seq(lab, LAB_CLIENT),
		  lab_expected_seq(lab, LAB_CLIENT) + 1000);
	lab_sniff_rst(lab, LAB_LISTENER, LAB_CLIENT);
	lab_wait_counter(lab, LAB_CLIENT, COUNTER_TCPChallengeACK, before + 1);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

/* A cookie was sent lately: only then the kernel looks whether an ACK carries one. */
static void syncookie_failed(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_syncookies", 2);
	lab_pair(lab);
	lab_bind(lab, LAB_CLIENT2, 0);
	lab_forge(lab, LAB_CLIENT2, LAB_LISTENER, TH_ACK, 1000, 2000);
	lab_close(lab, LAB_CLIENT2);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void timewait_syn(struct lab *lab)
{
	uint32_t seq;

	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	seq = lab_next_seq(lab, LAB_SERVER);
	lab_forge(lab, LAB_SERVER, LAB_CLIENT, TH_SYN, seq + 10, 0);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

#define CLOSED(times) { \
	.cause = "fin_close", .end = LAB_END_CLIENT, .wire = "fin", .dir = "out", \
	.state = "ESTABLISHED", .error = "", .via = "close", .count = times }
#define FOLLOWED(times) { \
	.cause = "fin_close_passive", .end = LAB_END_SERVER, .wire = "fin", .dir = "out", \
	.state = "CLOSE_WAIT", .error = "", .via = "close", .count = times }
#define LINGER0(who, was) ACT_RST(who, "linger0", was, "close", 0)

const struct scenario scenario_reply[] = {
	{
		.name = "listener_bad_segment",
		.summary = "an ACK of no connection to a listener",
		.run = listener_bad_segment,
		.root = true,
		.forged = true,
		.acts = { ACT_REPLY(SERVER, "listener_bad_segment", NULL, NULL) },
		.wire = { [LAB_END_SERVER] = { .rst = 1 } },
		.counters = { [COUNTER_OutRsts] = 1 },
	}, {
		.name = "abort_on_overflow",
		.summary = "the accept queue is full and tcp_abort_on_overflow is 1",
		.run = abort_on_overflow,
		.alone = true,
		.acts = {
			ACT_REPLY(SERVER, "abort_on_overflow", NULL, NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
			CLOSED(1), FOLLOWED(1),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst = 1 },
		},
		.counters = {
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1,
			[COUNTER_ListenOverflows] = 1, [COUNTER_ListenDrops] = 1,
			[COUNTER_EmbryonicRsts] = 1,
		},
	}, {
		.name = "overflow_drop",
		.summary = "the accept queue is full: dropped, and heard when resent",
		.run = overflow_drop,
		.alone = true,
		.timer = true,
		.acts = { CLOSED(2), FOLLOWED(2) },
		.wire = { [LAB_END_CLIENT] = { .fin = 2 }, [LAB_END_SERVER] = { .fin = 2 } },
		.counters = { [COUNTER_ListenOverflows] = 1, [COUNTER_ListenDrops] = 1 },
	}, {
		.name = "halfopen_listener_gone",
		.summary = "the listener was closed under a half-open request, then data comes",
		.run = halfopen_listener_gone,
		.acts = {
			ACT_REPLY(SERVER, "no_socket_rst", NULL, NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 },
	}, {
		.name = "synsent_bad_synack",
		.summary = "a SYN-ACK for another SYN is reset; the socket connects later",
		.run = synsent_bad_synack,
		.root = true,
		.forged = true,
		.timer = true,
		.acts = {
			ACT_REPLY(CLIENT, "synsent_stale_synack", NULL, NULL),
			CLOSED(1), FOLLOWED(1),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst = 1 },
			[LAB_END_SERVER] = { .fin = 1 },
		},
		.counters = { [COUNTER_OutRsts] = 1 },
	}, {
		.name = "synrecv_syn",
		.summary = "another SYN for a half-open request: it is dropped and reset",
		.run = synrecv_syn,
		.root = true,
		.forged = true,
		.acts = {
			ACT_REPLY(SERVER, "synrecv_syn_rst", NULL, NULL),
			LINGER0(CLIENT, "ESTABLISHED"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = {
			[COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 1,
			[COUNTER_AttemptFails] = 1, [COUNTER_EmbryonicRsts] = 1,
			[COUNTER_TCPAbortOnData] = 1,
		},
	}, {
		.name = "synrecv_bad_ack",
		.summary = "a bad ACK for a half-open request is reset, the request stays",
		.run = synrecv_bad_ack,
		.root = true,
		.forged = true,
		.acts = {
			ACT_REPLY(SERVER, "listener_bad_segment", NULL, NULL),
			LINGER0(CLIENT, "ESTABLISHED"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst = 1 },
		},
		.counters = {
			[COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 1,
			[COUNTER_AttemptFails] = 1, [COUNTER_EmbryonicRsts] = 1,
			[COUNTER_TCPAbortOnData] = 1,
			/* By the client, for a RST ahead of what it expects. */
			[COUNTER_TCPChallengeACK] = 1,
		},
	}, {
		.name = "syncookie_failed",
		.summary = "an ACK to a listener that carries no valid SYN cookie",
		.run = syncookie_failed,
		.alone = true,
		.root = true,
		.forged = true,
		.acts = {
			ACT_REPLY(SERVER, "listener_bad_segment", NULL, NULL),
			CLOSED(1), FOLLOWED(1),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst = 1 },
		},
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_SyncookiesFailed] = 1 },
	}, {
		.name = "timewait_syn",
		.summary = "a SYN for an unfinished FIN_WAIT2: its TIME_WAIT entry answers",
		.run = timewait_syn,
		.root = true,
		.forged = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_REPLY(CLIENT, "tw_syn_rst", NULL, NULL),
			LINGER0(SERVER, "CLOSE_WAIT"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = {
			[COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 1,
			[COUNTER_TCPAbortOnData] = 1,
		},
	},
	{ .name = NULL },
};
