/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ends with received data that nobody read: a reset, whatever else was set or done before.
 */
#include <errno.h>
#include <poll.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* The client is told and closes a socket that is dead already. */
static void client_hears(struct lab *lab)
{
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void unread_peek(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, MSG_PEEK);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void unread_partial(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 5);
	lab_wait_unread(lab, LAB_SERVER, 5);
	lab_read(lab, LAB_SERVER, 2, 0);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void unread_client(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_SERVER, 1000);
	lab_wait_unread(lab, LAB_CLIENT, 1000);
	lab_close(lab, LAB_CLIENT);
	lab_wait_error(lab, LAB_SERVER, ECONNRESET);
	lab_close(lab, LAB_SERVER);
}

static void eof_plus_data_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_half_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void oob_last_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_send_oob(lab, LAB_CLIENT);
	lab_wait_poll(lab, LAB_SERVER, POLLPRI);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void oob_read_via_msgoob(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_send_oob(lab, LAB_CLIENT);
	lab_wait_poll(lab, LAB_SERVER, POLLPRI);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_read_oob(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void shut_rd_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown(lab, LAB_SERVER, SHUT_RD);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	client_hears(lab);
}

static void shut_wr_then_unread_close(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_CLIENT);
}

static void unread_then_shut_wr(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_SERVER, TCP_FIN_WAIT2);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_CLIENT);
}

/* The client cannot acknowledge the server's FIN, nor hear the reset. */
static void unread_lastack(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_half_close(lab, LAB_CLIENT);
	lab_unheard_fin(lab);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void kill9_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_holder_start(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 5);
	lab_wait_unread(lab, LAB_SERVER, 5);
	lab_close(lab, LAB_SERVER);
	lab_holder_end(lab, LAB_HOLDER_KILL);
	client_hears(lab);
}

static void http_unread_body(struct lab *lab)
{
	lab_pair(lab);
	lab_send_text(lab, LAB_CLIENT, "POST /upload HTTP/1.1\r\nContent-Length: 4000\r\n\r\n");
	lab_send(lab, LAB_CLIENT, 4000);
	lab_wait_unread(lab, LAB_SERVER, 47 + 4000);
	lab_read(lab, LAB_SERVER, 47, 0);
	lab_send_text(lab, LAB_SERVER, "HTTP/1.1 413 Content Too Large\r\n\r\n");
	lab_wait_acked(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

/* The variants that differ only in how the bytes came to be left. */
#define UNREAD(how, n) { \
	ACT_RST(SERVER, "unread_data", "ESTABLISHED", how, n), \
	ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET") }
#define SERVER_RST { [LAB_END_SERVER] = { .rst_ack = 1 } }
#define ON_CLOSE(resets) { \
	[COUNTER_TCPAbortOnClose] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = resets }

const struct scenario scenario_unread[] = {
	{
		.name = "unread",
		.summary = "close() with 3 bytes unread",
		.run = unread,
		.acts = UNREAD("close", 3), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "unread_peek",
		.summary = "MSG_PEEK does not read",
		.run = unread_peek,
		.acts = UNREAD("close", 3), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "unread_partial",
		.summary = "2 of 5 bytes read",
		.run = unread_partial,
		.acts = UNREAD("close", 3), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "unread_client",
		.summary = "the client leaves before it has read the answer",
		.run = unread_client,
		.acts = {
			ACT_RST(CLIENT, "unread_data", "ESTABLISHED", "close", 1000),
			ACT_PEER(SERVER, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_CLIENT] = { .rst_ack = 1 } },
		.counters = ON_CLOSE(2),
	}, {
		.name = "eof_plus_data_unread",
		.summary = "data and FIN unread: the data counts",
		.run = eof_plus_data_unread,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_RST(SERVER, "unread_data", "CLOSE_WAIT", "close", 3),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = ON_CLOSE(1),
	}, {
		.name = "oob_last_unread",
		.summary = "only the urgent byte at the end is left",
		.run = oob_last_unread,
		.acts = UNREAD("close", 1), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "oob_read_via_msgoob",
		.summary = "the urgent byte was read, but only by MSG_OOB: it still counts",
		.run = oob_read_via_msgoob,
		.acts = UNREAD("close", 1), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "shut_rd_unread",
		.summary = "data that came after shutdown(SHUT_RD)",
		.run = shut_rd_unread,
		.acts = UNREAD("close", 3), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "shut_wr_then_unread_close",
		.summary = "FIN by shutdown, then data comes, then close(): FIN and RST",
		.run = shut_wr_then_unread_close,
		.acts = {
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_RST(SERVER, "unread_data", "FIN_WAIT2", "close", 3),
			ACT_PEER(CLIENT, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 } },
		.counters = ON_CLOSE(1),
	}, {
		.name = "unread_then_shut_wr",
		.summary = "shutdown(SHUT_WR) with data unread sends a FIN, close() then a RST",
		.run = unread_then_shut_wr,
		.acts = {
			ACT_FIN_UNREAD(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown", 3),
			ACT_RST(SERVER, "unread_data", "FIN_WAIT2", "close", 3),
			ACT_PEER(CLIENT, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 } },
		.counters = ON_CLOSE(1),
	}, {
		.name = "unread_lastack",
		.summary = "after FIN both ways, not yet acknowledged: still a RST",
		.run = unread_lastack,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN_UNREAD(SERVER, "fin_shutdown_wr", "CLOSE_WAIT", "shutdown", 3),
			ACT_RST(SERVER, "unread_data", "LAST_ACK", "close", 3),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 },
		},
		.counters = ON_CLOSE(0),
	}, {
		.name = "kill9_unread",
		.summary = "SIGKILL with 5 bytes unread",
		.run = kill9_unread,
		.held = { HELD(SERVER, CHILD), CHILD_DROPS(CLIENT, 1) },
		.acts = UNREAD("signal", 5), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	}, {
		.name = "http_unread_body",
		.summary = "a server answers 413 and closes without reading the body",
		.run = http_unread_body,
		.acts = UNREAD("close", 4000), .wire = SERVER_RST, .counters = ON_CLOSE(2),
	},
	{ .name = NULL },
};
