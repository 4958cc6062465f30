/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP Fast Open: the server's socket is there before the handshake is over, in SYN_RECV. It stays
 * so here because it does not hear the client's ACK: the listener's filter is inherited.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* net.ipv4.tcp_fastopen: client and server, neither with cookies, on sockets that ask for it. */
#define FASTOPEN_NO_COOKIES (0x1 | 0x2 | 0x4 | 0x200)

static void fast_queue(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_fastopen", FASTOPEN_NO_COOKIES);
	lab_listen(lab);
	lab_option(lab, LAB_LISTENER, IPPROTO_TCP, TCP_FASTOPEN, 5, "TCP_FASTOPEN");
	lab_hear_only(lab, LAB_LISTENER, TH_SYN);
	lab_connect_fastopen(lab, LAB_CLIENT, 3);
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
}

static void fast_pair(struct lab *lab)
{
	fast_queue(lab);
	lab_accept(lab);
	lab_wait_state(lab, LAB_SERVER, TCP_SYN_RECV);
}

static void tfo_close(struct lab *lab)
{
	fast_pair(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_heal(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_CLIENT);
}

static void tfo_unread(struct lab *lab)
{
	fast_pair(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void tfo_linger0(struct lab *lab)
{
	fast_pair(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void tfo_shutdown_wr(struct lab *lab)
{
	fast_pair(lab);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_SERVER, TCP_SYN_RECV);
	lab_heal(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 2);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_wait_state(lab, LAB_SERVER, TCP_FIN_WAIT2);
	lab_read(lab, LAB_SERVER, 5, 0);
	lab_close(lab, LAB_CLIENT);
	lab_drain(lab, LAB_SERVER, 0);
	lab_close(lab, LAB_SERVER);
}

static void tfo_listen_close(struct lab *lab)
{
	fast_queue(lab);
	lab_wait_queued(lab, 1);
	lab_close(lab, LAB_LISTENER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void tfo_peer_rst(struct lab *lab)
{
	fast_pair(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_heal(lab, LAB_SERVER);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_SERVER);
}

/* The client challenges the RST, and that ACK completes the handshake. */
static void tfo_bad_ack(struct lab *lab)
{
	fast_pair(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_heal(lab, LAB_SERVER);
	lab_forge(lab, LAB_CLIENT, LAB_SERVER, TH_ACK, lab_next_seq(lab, LAB_CLIENT),
		  lab_expected_seq(lab, LAB_CLIENT) + 1000);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_CLIENT);
}

static void tfo_synack_timeout(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_synack_retries", 0);
	fast_pair(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_wait_so_error(lab, LAB_SERVER, ETIMEDOUT);
	lab_close(lab, LAB_SERVER);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

#define SERVER_RST { [LAB_END_SERVER] = { .rst_ack = 1 } }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define CLIENT_FOLLOWS ACT_FIN(CLIENT, "fin_close_passive", "CLOSE_WAIT", "close")

const struct scenario scenario_fastopen[] = {
	{
		.name = "tfo_close",
		.summary = "close() before the handshake is over, all read: a FIN",
		.run = tfo_close,
		.alone = true,
		.root = true,
		.acts = {
			ACT_FIN(SERVER, "fin_synrecv", "SYN_RECV", "close"),
			CLIENT_FOLLOWS,
		},
		.wire = BOTH_FIN,
	}, {
		.name = "tfo_unread",
		.summary = "close() before the handshake is over, the SYN's data unread: a RST",
		.run = tfo_unread,
		.alone = true,
		.root = true,
		.acts = {
			ACT_RST(SERVER, "unread_data", "SYN_RECV", "close", 3),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST,
		.counters = {
			[COUNTER_TCPAbortOnClose] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "tfo_linger0",
		.summary = "SO_LINGER 0 before the handshake is over",
		.run = tfo_linger0,
		.alone = true,
		.root = true,
		.acts = {
			ACT_RST(SERVER, "linger0", "SYN_RECV", "close", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST,
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "tfo_shutdown_wr",
		.summary = "shutdown(SHUT_WR) is remembered: the FIN follows the handshake",
		.run = tfo_shutdown_wr,
		.alone = true,
		.root = true,
		.acts = {
			ACT_FIN(SERVER, "fin_deferred_shutdown", "ESTABLISHED", NULL),
			CLIENT_FOLLOWS,
		},
		.wire = BOTH_FIN,
	}, {
		.name = "tfo_listen_close",
		.summary = "close() of a listener whose queue has a connection in SYN_RECV",
		.run = tfo_listen_close,
		.alone = true,
		.root = true,
		.acts = {
			ACT_QUEUE("SYN_RECV", "close", 1, 3),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST,
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1 },
	}, {
		.name = "tfo_peer_rst",
		.summary = "a RST before the handshake is over",
		.run = tfo_peer_rst,
		.alone = true,
		.root = true,
		.acts = {
			ACT_RST(CLIENT, "linger0", "ESTABLISHED", "close", 0),
			ACT_PEER(SERVER, "SYN_RECV", "ECONNRESET"),
		},
		.wire = { [LAB_END_CLIENT] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1, [COUNTER_AttemptFails] = 2,
		},
	}, {
		.name = "tfo_bad_ack",
		.summary = "an unacceptable ACK before the handshake is over: reset, no end",
		.run = tfo_bad_ack,
		.alone = true,
		.root = true,
		.forged = true,
		.acts = {
			ACT_REPLY(SERVER, "synrecv_child_bad_ack", NULL, NULL),
			ACT_FIN(SERVER, "fin_close", "ESTABLISHED", "close"),
			CLIENT_FOLLOWS,
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst = 1 },
		},
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_TCPChallengeACK] = 1 },
	}, {
		.name = "tfo_synack_timeout",
		.summary = "the handshake is never over: silent",
		.run = tfo_synack_timeout,
		.alone = true,
		.root = true,
		.timer = true,
		.slow = true,
		.acts = {
			ACT_DEATH(SERVER, "tfo_synack_timeout", "SYN_RECV", "ETIMEDOUT"),
			ACT_RST(CLIENT, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = { [LAB_END_CLIENT] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnData] = 1,
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1,
			[COUNTER_AttemptFails] = 1,
			/* The SYN-ACK that came again. */
			[COUNTER_TCPChallengeACK] = 1, [COUNTER_TCPSYNChallenge] = 1,
		},
	},
	{ .name = NULL },
};
