/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * close() with SO_LINGER {1, 0}: a reset, unless there is nobody to tell. With another time: as
 * without, only later.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void linger0(struct lab *lab)
{
	lab_pair(lab);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	/* No TIME_WAIT, which would last for a minute. */
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void linger0_unsent(struct lab *lab)
{
	lab_pair(lab);
	lab_fill(lab, LAB_SERVER);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void linger0_closewait(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void linger0_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void linger0_synsent(struct lab *lab)
{
	lab_listen(lab);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_CLIENT, TCP_SYN_SENT);
	lab_wait_dropped(lab, LAB_LISTENER);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

/* The client cannot acknowledge the server's FIN: the server stays in LAST_ACK. */
static void linger0_lastack2(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_drain(lab, LAB_SERVER, 0);
	lab_unheard_fin(lab);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

/* The client's FIN is lost, so that it stays in CLOSING. */
static void linger0_closing(struct lab *lab)
{
	lab_pair(lab);
	lab_drop_fin(lab, LAB_SERVER);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSING);
	lab_wait_state(lab, LAB_SERVER, TCP_FIN_WAIT2);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

/* The kernel sends the FIN again when the time is over already. */
static void linger_timed(struct lab *lab)
{
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_linger(lab, LAB_CLIENT, 1);
	lab_close_lingers(lab, LAB_CLIENT, 1);
	lab_heal(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

/* Were the time kept, the child would not be gone before the lab loses its patience. */
static void linger_kill9(struct lab *lab)
{
	lab_pair(lab);
	lab_holder_start(lab, LAB_CLIENT);
	lab_blackhole(lab, LAB_SERVER);
	lab_linger(lab, LAB_CLIENT, 3600);
	lab_close(lab, LAB_CLIENT);
	lab_holder_end(lab, LAB_HOLDER_KILL);
	lab_heal(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

#define SERVER_RST { [LAB_END_SERVER] = { .rst_ack = 1 } }
#define CLIENT_CLOSES(how) { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", how), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define ON_DATA(resets) { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = resets }

const struct scenario scenario_linger[] = {
	{
		.name = "linger0",
		.summary = "close() with SO_LINGER 0",
		.run = linger0,
		.acts = {
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST, .counters = ON_DATA(2),
	}, {
		.name = "linger0_unsent",
		.summary = "SO_LINGER 0 throws unsent data away",
		.run = linger0_unsent,
		.acts = {
			ACT_RST_UNSENT(SERVER, "linger0", "ESTABLISHED", "close"),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST, .counters = ON_DATA(2),
	}, {
		.name = "linger0_closewait",
		.summary = "SO_LINGER 0 after the peer's FIN",
		.run = linger0_closewait,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_RST(SERVER, "linger0", "CLOSE_WAIT", "close", 0),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = ON_DATA(1),
	}, {
		.name = "linger0_unread",
		.summary = "SO_LINGER 0 and unread data: the unread data is the cause",
		.run = linger0_unread,
		.acts = {
			ACT_RST(SERVER, "unread_data", "ESTABLISHED", "close", 3),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = SERVER_RST,
		.counters = {
			[COUNTER_TCPAbortOnClose] = 1,
			[COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "linger0_synsent",
		.summary = "SO_LINGER 0 while connecting: counted, nothing sent",
		.run = linger0_synsent,
		.acts = { ACT_SILENT(CLIENT, "linger0_silent", "SYN_SENT", "close") },
		.counters = { [COUNTER_TCPAbortOnData] = 1 },
	}, {
		.name = "linger0_lastack2",
		.summary = "SO_LINGER 0 in LAST_ACK, all sent: counted, nothing sent",
		.run = linger0_lastack2,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_shutdown_wr", "CLOSE_WAIT", "shutdown"),
			ACT_SILENT(SERVER, "linger0_silent", "LAST_ACK", "close"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } },
		.counters = { [COUNTER_TCPAbortOnData] = 1 },
	}, {
		.name = "linger0_closing",
		.summary = "SO_LINGER 0 in CLOSING, all sent: counted, nothing sent",
		.run = linger0_closing,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_SILENT(CLIENT, "linger0_silent", "CLOSING", "close"),
			ACT_RST(SERVER, "linger0", "FIN_WAIT2", "close", 0),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst_ack = 1 },
		},
		.counters = { [COUNTER_TCPAbortOnData] = 2, [COUNTER_OutRsts] = 1 },
	}, {
		.name = "linger_timed",
		.summary = "SO_LINGER of 1 s, nothing acknowledged: close() takes 1 s, then a FIN",
		.run = linger_timed,
		.timer = true,
		.acts = CLIENT_CLOSES("close"), .wire = BOTH_FIN,
	}, {
		.name = "linger_kill9",
		.summary = "SIGKILL with SO_LINGER of an hour: nobody waits",
		.run = linger_kill9,
		.held = { HELD(CLIENT, CHILD), CHILD_DROPS(SERVER, 1) },
		.acts = CLIENT_CLOSES("signal"), .wire = BOTH_FIN,
	},
	{ .name = NULL },
};
