/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Orderly ends: a FIN, by close, shutdown or the end of a process, with nothing left to send.
 */
#include <netinet/tcp.h>

#include "scenario.h"

/* The server sees the client's FIN, reads EOF and closes. */
static void server_follows(struct lab *lab)
{
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_drain(lab, LAB_SERVER, 0);
	lab_close(lab, LAB_SERVER);
}

static void fin_clean(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	server_follows(lab);
}

static void fin_server_first(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_drain(lab, LAB_CLIENT, 0);
	lab_close(lab, LAB_CLIENT);
}

static void fin_after_data(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 100);
	lab_wait_unread(lab, LAB_SERVER, 100);
	lab_read(lab, LAB_SERVER, 100, 0);
	lab_send(lab, LAB_SERVER, 1000);
	lab_wait_unread(lab, LAB_CLIENT, 1000);
	lab_read(lab, LAB_CLIENT, 1000, 0);
	lab_wait_acked(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	server_follows(lab);
}

static void fin_shutdown_wr(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_drain(lab, LAB_SERVER, 0);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_drain(lab, LAB_CLIENT, 0);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
}

static void fin_shutdown_rdwr(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown(lab, LAB_CLIENT, SHUT_RDWR);
	server_follows(lab);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

static void fin_shutdown_rd(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown(lab, LAB_CLIENT, SHUT_RD);
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_close(lab, LAB_CLIENT);
	server_follows(lab);
}

static void half_close(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_send(lab, LAB_SERVER, 100);
	lab_wait_unread(lab, LAB_CLIENT, 100);
	lab_read(lab, LAB_CLIENT, 100, 0);
	lab_wait_acked(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_drain(lab, LAB_CLIENT, 0);
	lab_close(lab, LAB_CLIENT);
}

static void eof_unread_fin(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void unacked_fin(struct lab *lab)
{
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 3);
	lab_close(lab, LAB_CLIENT);
	lab_heal(lab, LAB_SERVER);
	lab_drain(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
}

static void dup_close(struct lab *lab)
{
	lab_pair(lab);
	lab_dup(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SPARE, TCP_ESTABLISHED);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_close(lab, LAB_SPARE);
	server_follows(lab);
}

static void held(struct lab *lab, enum lab_holder_end how)
{
	lab_pair(lab);
	lab_holder_start(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_holder_end(lab, how);
	server_follows(lab);
}

static void fork_shared(struct lab *lab)
{
	held(lab, LAB_HOLDER_CLOSE);
}

static void fin_exit(struct lab *lab)
{
	held(lab, LAB_HOLDER_EXIT);
}

static void fin_kill9(struct lab *lab)
{
	held(lab, LAB_HOLDER_KILL);
}

#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define CLIENT_CLOSES(how) ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", how)
#define CLIENT_SHUTS ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown")
#define SERVER_FOLLOWS ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close")

const struct scenario scenario_fin[] = {
	{
		.name = "fin_clean",
		.summary = "close(), the peer reads EOF and closes",
		.run = fin_clean,
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "fin_server_first",
		.summary = "the server closes first, the client follows",
		.run = fin_server_first,
		.acts = {
			ACT_FIN(SERVER, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(CLIENT, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "fin_after_data",
		.summary = "a request and an answer, all read, then close()",
		.run = fin_after_data,
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "fin_shutdown_wr",
		.summary = "both ends end their half by shutdown(SHUT_WR)",
		.run = fin_shutdown_wr,
		.acts = {
			CLIENT_SHUTS,
			ACT_FIN(SERVER, "fin_shutdown_wr", "CLOSE_WAIT", "shutdown"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "fin_shutdown_rdwr",
		.summary = "shutdown(SHUT_RDWR), the peer closes",
		.run = fin_shutdown_rdwr,
		.acts = { CLIENT_SHUTS, SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "fin_shutdown_rd",
		.summary = "shutdown(SHUT_RD) tells nobody; close() sends the FIN",
		.run = fin_shutdown_rd,
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "half_close",
		.summary = "shutdown(SHUT_WR), then the peer's answer is read to its end",
		.run = half_close,
		.acts = { CLIENT_SHUTS, SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "eof_unread_fin",
		.summary = "close() without reading the EOF: a FIN is not data",
		.run = eof_unread_fin,
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "unacked_fin",
		.summary = "close() with data sent but not acknowledged",
		.run = unacked_fin,
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "dup_close",
		.summary = "close() of one of two descriptors does nothing, of the last it does",
		.run = dup_close,
		.held = { HELD(CLIENT, SELF) },
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "fork_shared",
		.summary = "shared after fork: nothing until the child closes too",
		.run = fork_shared,
		.held = { HELD(CLIENT, CHILD), CHILD_DROPS(SERVER, 1) },
		.acts = { CLIENT_CLOSES("close"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "fin_exit",
		.summary = "the process that holds the socket exits",
		.run = fin_exit,
		.held = { HELD(CLIENT, CHILD), CHILD_DROPS(SERVER, 1) },
		.acts = { CLIENT_CLOSES("exit"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	}, {
		.name = "fin_kill9",
		.summary = "the process that holds the socket is killed by SIGKILL",
		.run = fin_kill9,
		.held = { HELD(CLIENT, CHILD), CHILD_DROPS(SERVER, 1) },
		.acts = { CLIENT_CLOSES("signal"), SERVER_FOLLOWS },
		.wire = BOTH_FIN,
	},
	{ .name = NULL },
};
