/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * connect(AF_UNSPEC), and what ends an attempt to connect before it was answered.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void unspec_estab(struct lab *lab)
{
	lab_pair(lab);
	lab_disconnect(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void unspec_closewait(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_disconnect(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void unspec_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_disconnect(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

/* The same socket's second life, with another client port. */
static void unspec_again(struct lab *lab)
{
	lab_pair(lab);
	lab_disconnect(lab, LAB_CLIENT);
	lab_wait_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	/* The first port stays in its slot: the socket moves to the second client's. */
	if (lab_step(lab, "client is called client 2")) {
		lab->fd[LAB_CLIENT2] = lab->fd[LAB_CLIENT];
		lab->fd[LAB_CLIENT] = -1;
	}
	lab_wait_so_error(lab, LAB_CLIENT2, ECONNRESET);
	lab_connect(lab, LAB_CLIENT2);
	lab_accept(lab);
	lab_close(lab, LAB_CLIENT2);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void connecting(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_CLIENT, TCP_SYN_SENT);
	lab_wait_dropped(lab, LAB_LISTENER);
}

static void unspec_synsent(struct lab *lab)
{
	connecting(lab);
	lab_disconnect(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

static void shut_synsent_wr(struct lab *lab)
{
	connecting(lab);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

static void shut_synsent_rd(struct lab *lab)
{
	connecting(lab);
	lab_shutdown(lab, LAB_CLIENT, SHUT_RD);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

static void close_synsent(struct lab *lab)
{
	connecting(lab);
	lab_close(lab, LAB_CLIENT);
}

#define RESETS(n) { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = n }

const struct scenario scenario_disconnect[] = {
	{
		.name = "unspec_estab",
		.summary = "connect(AF_UNSPEC) on a connection resets it",
		.run = unspec_estab,
		.acts = {
			ACT_RST(SERVER, "disconnect_unspec", "ESTABLISHED", "disconnect", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = RESETS(2),
	}, {
		.name = "unspec_closewait",
		.summary = "connect(AF_UNSPEC) after the peer's FIN",
		.run = unspec_closewait,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_RST(SERVER, "disconnect_unspec", "CLOSE_WAIT", "disconnect", 0),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = RESETS(1),
	}, {
		.name = "unspec_unread",
		.summary = "connect(AF_UNSPEC) with data unread: the call is the cause",
		.run = unspec_unread,
		.acts = {
			ACT_RST(SERVER, "disconnect_unspec", "ESTABLISHED", "disconnect", 3),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = RESETS(2),
	}, {
		.name = "unspec_again",
		.summary = "connect(AF_UNSPEC), then the same socket connects again and closes",
		.run = unspec_again,
		.acts = {
			ACT_RST(CLIENT, "disconnect_unspec", "ESTABLISHED", "disconnect", 0),
			ACT_PEER(SERVER, "ESTABLISHED", "ECONNRESET"),
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst_ack = 1 },
			[LAB_END_SERVER] = { .fin = 1 },
		},
		.counters = RESETS(2),
	}, {
		.name = "unspec_synsent",
		.summary = "connect(AF_UNSPEC) while connecting: silent",
		.run = unspec_synsent,
		.acts = { ACT_SILENT(CLIENT, "disconnect_synsent", "SYN_SENT", "disconnect") },
	}, {
		.name = "shut_synsent_wr",
		.summary = "shutdown(SHUT_WR) while connecting: silent",
		.run = shut_synsent_wr,
		.acts = { ACT_SILENT(CLIENT, "disconnect_synsent", "SYN_SENT", "shutdown") },
	}, {
		.name = "shut_synsent_rd",
		.summary = "shutdown(SHUT_RD) while connecting: the same",
		.run = shut_synsent_rd,
		.acts = { ACT_SILENT(CLIENT, "disconnect_synsent", "SYN_SENT", "shutdown") },
	}, {
		.name = "close_synsent",
		.summary = "close() while connecting: silent",
		.run = close_synsent,
		.acts = { ACT_SILENT(CLIENT, "disconnect_synsent", "SYN_SENT", "close") },
	},
	{ .name = NULL },
};
