/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections that the kernel gives up by a timer. Only keepalive tells the peer.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* The end that knows nothing yet: a RST to a socket that is gone is not answered. */
static void give_up(struct lab *lab, enum lab_who who)
{
	lab_linger0(lab, who);
	lab_close(lab, who);
}

/* The server hears the RST, but none of the probes. */
static void keepalive_fails(struct lab *lab)
{
	lab_keepalive(lab, LAB_CLIENT);
	lab_pair(lab);
	lab_hear_only(lab, LAB_SERVER, TH_RST);
	lab_wait_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_wait_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
}

static void keepalive_timeout(struct lab *lab)
{
	keepalive_fails(lab);
}

static void keepalive_user_timeout(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 500);
	keepalive_fails(lab);
}

static void keepalive_closewait(struct lab *lab)
{
	lab_keepalive(lab, LAB_CLIENT);
	lab_pair(lab);
	lab_half_close(lab, LAB_SERVER);
	lab_hear_only(lab, LAB_SERVER, TH_RST);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_wait_so_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
}

static void user_timeout(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 300);
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
	give_up(lab, LAB_SERVER);
}

static void user_timeout_closewait(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 300);
	lab_pair(lab);
	lab_half_close(lab, LAB_SERVER);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
	give_up(lab, LAB_SERVER);
}

static void rto_timeout(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_retries2", 1);
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
	give_up(lab, LAB_SERVER);
}

/* shutdown() leaves the socket with its process: no orphan, so the usual limit holds. */
static void rto_fin_wait1(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_retries2", 1);
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
	give_up(lab, LAB_SERVER);
}

static void zero_window_timeout(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 500);
	lab_pair(lab);
	lab_fill(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
}

static void connecting(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT);
}

static void syn_timeout(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 500);
	connecting(lab);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
}

static void syn_timeout_retries(struct lab *lab)
{
	lab_sysctl_if_any(lab, "net.ipv4.tcp_syn_linear_timeouts", 0);
	lab_option(lab, LAB_CLIENT, IPPROTO_TCP, TCP_SYNCNT, 1, "TCP_SYNCNT");
	connecting(lab);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
}

static void orphan_timeout(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_orphan_retries", 1);
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	give_up(lab, LAB_SERVER);
}

static void orphan_lastack_timeout(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_orphan_retries", 1);
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_blackhole(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_LAST_ACK);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	give_up(lab, LAB_CLIENT);
}

/* The probes of the window are not heard. */
static void orphan_zero_window(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_orphan_retries", 1);
	lab_pair(lab);
	lab_fill(lab, LAB_CLIENT);
	lab_blackhole(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_close(lab, LAB_SERVER);
}

#define PEER_GIVES_UP(who, was) ACT_RST(who, "linger0", was, "close", 0)
#define SERVER_RST { [LAB_END_SERVER] = { .rst_ack = 1 } }
#define CLIENT_RST { [LAB_END_CLIENT] = { .rst_ack = 1 } }
#define TOLD(resets) { \
	[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = resets }
/* The death, and the peer's giving up. */
#define SILENT(resets) { \
	[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, \
	[COUNTER_EstabResets] = resets }

const struct scenario scenario_timer[] = {
	{
		.name = "keepalive_timeout",
		.summary = "SO_KEEPALIVE unanswered: a RST",
		.run = keepalive_timeout,
		.timer = true,
		.acts = {
			ACT_REPLY(CLIENT, "keepalive_timeout", "ESTABLISHED", "ETIMEDOUT"),
			ACT_PEER(SERVER, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = CLIENT_RST, .counters = TOLD(2),
	}, {
		.name = "keepalive_user_timeout",
		.summary = "SO_KEEPALIVE unanswered for TCP_USER_TIMEOUT: a RST",
		.run = keepalive_user_timeout,
		.timer = true,
		.acts = {
			ACT_REPLY(CLIENT, "keepalive_user_timeout", "ESTABLISHED", "ETIMEDOUT"),
			ACT_PEER(SERVER, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = CLIENT_RST, .counters = TOLD(2),
	}, {
		.name = "keepalive_closewait",
		.summary = "SO_KEEPALIVE unanswered after the peer's FIN",
		.run = keepalive_closewait,
		.timer = true,
		.acts = {
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_REPLY(CLIENT, "keepalive_timeout", "CLOSE_WAIT", "ETIMEDOUT"),
			ACT_PEER(SERVER, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = { [LAB_END_CLIENT] = { .rst_ack = 1 }, [LAB_END_SERVER] = { .fin = 1 } },
		.counters = TOLD(1),
	}, {
		.name = "user_timeout",
		.summary = "data unacknowledged for TCP_USER_TIMEOUT: silent",
		.run = user_timeout,
		.timer = true,
		.acts = {
			ACT_DEATH(CLIENT, "user_timeout", "ESTABLISHED", "ETIMEDOUT"),
			PEER_GIVES_UP(SERVER, "ESTABLISHED"),
		},
		.wire = SERVER_RST, .counters = SILENT(2),
	}, {
		.name = "user_timeout_closewait",
		.summary = "data unacknowledged for TCP_USER_TIMEOUT after the peer's FIN",
		.run = user_timeout_closewait,
		.timer = true,
		.acts = {
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_DEATH(CLIENT, "user_timeout", "CLOSE_WAIT", "ETIMEDOUT"),
			PEER_GIVES_UP(SERVER, "FIN_WAIT2"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 } },
		.counters = SILENT(1),
	}, {
		.name = "rto_timeout",
		.summary = "data resent tcp_retries2 times: silent",
		.run = rto_timeout,
		.alone = true,
		.timer = true,
		.acts = {
			ACT_DEATH(CLIENT, "rto_timeout", "ESTABLISHED", "ETIMEDOUT"),
			PEER_GIVES_UP(SERVER, "ESTABLISHED"),
		},
		.wire = SERVER_RST, .counters = SILENT(2),
	}, {
		.name = "rto_fin_wait1",
		.summary = "a FIN by shutdown(SHUT_WR) resent tcp_retries2 times: silent",
		.run = rto_fin_wait1,
		.alone = true,
		.timer = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_DEATH(CLIENT, "rto_timeout", "FIN_WAIT1", "ETIMEDOUT"),
			PEER_GIVES_UP(SERVER, "ESTABLISHED"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = SILENT(1),
	}, {
		.name = "zero_window_timeout",
		.summary = "the peer's window stays shut for TCP_USER_TIMEOUT: silent",
		.run = zero_window_timeout,
		.timer = true,
		.acts = {
			ACT_DEATH(CLIENT, "zero_window_timeout", "ESTABLISHED", "ETIMEDOUT"),
			ACT_RST(SERVER, "unread_data", "ESTABLISHED", "close", SCENARIO_SOME),
		},
		.wire = SERVER_RST,
		.counters = {
			[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnClose] = 1,
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "syn_timeout",
		.summary = "connect() unanswered for TCP_USER_TIMEOUT",
		.run = syn_timeout,
		.timer = true,
		.acts = { ACT_DEATH(CLIENT, "syn_timeout", "SYN_SENT", "ETIMEDOUT") },
		.counters = { [COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "syn_timeout_retries",
		.summary = "connect() unanswered, its SYN resent TCP_SYNCNT times",
		.run = syn_timeout_retries,
		.alone = true,
		.timer = true,
		.slow = true,
		.acts = { ACT_DEATH(CLIENT, "syn_timeout", "SYN_SENT", "ETIMEDOUT") },
		.counters = { [COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "orphan_timeout",
		.summary = "closed, but data and FIN are never acknowledged: silent",
		.run = orphan_timeout,
		.alone = true,
		.timer = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_DEATH(CLIENT, "orphan_timeout", "FIN_WAIT1", NULL),
			PEER_GIVES_UP(SERVER, "ESTABLISHED"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = SILENT(1),
	}, {
		.name = "orphan_lastack_timeout",
		.summary = "closed after the peer, the FIN is never acknowledged: silent",
		.run = orphan_lastack_timeout,
		.alone = true,
		.timer = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
			ACT_DEATH(SERVER, "orphan_timeout", "LAST_ACK", NULL),
			PEER_GIVES_UP(CLIENT, "FIN_WAIT2"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 },
			[LAB_END_SERVER] = { .fin = 1 },
		},
		.counters = SILENT(0),
	}, {
		.name = "orphan_zero_window",
		.summary = "closed with data unsent, the peer's window stays shut: silent",
		.run = orphan_zero_window,
		.alone = true,
		.timer = true,
		.acts = {
			ACT_FIN_UNSENT(CLIENT, "fin_close_unsent", "ESTABLISHED", "close"),
			ACT_DEATH(CLIENT, "orphan_timeout", "FIN_WAIT1", NULL),
			ACT_RST(SERVER, "unread_data", "ESTABLISHED", "close", SCENARIO_SOME),
		},
		.wire = SERVER_RST,
		.counters = {
			[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnClose] = 1,
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1,
		},
	},
	{ .name = NULL },
};
