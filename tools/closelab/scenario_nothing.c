/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What looks like an end and is none: nobody may report more than the end that follows. Rows on
 * loopback only send nothing at all, so that the path does not matter.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void never_connected(struct lab *lab)
{
	lab_socket(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void bound_only(struct lab *lab)
{
	lab_bind(lab, LAB_CLIENT, 0);
	lab_close(lab, LAB_CLIENT);
}

static void listen_empty_close(struct lab *lab)
{
	lab_listen(lab);
	lab_close(lab, LAB_LISTENER);
}

static void listen_shutdown_wr(struct lab *lab)
{
	lab_queue(lab, 1);
	lab_shutdown(lab, LAB_LISTENER, SHUT_WR);
	lab_wait_state(lab, LAB_LISTENER, TCP_LISTEN);
	lab_accept(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void listen_queue_gone(struct lab *lab)
{
	lab_queue(lab, 1);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	lab_close(lab, LAB_LISTENER);
}

/* The second socket is bound to the first one's port: its connect() fails before any SYN. */
static void connect_eaddrnotavail(struct lab *lab)
{
	lab_listen(lab);
	lab_bind(lab, LAB_CLIENT, 0);
	lab_connect(lab, LAB_CLIENT);
	lab_accept(lab);
	lab_bind(lab, LAB_CLIENT2, lab->ends.client_port[0]);
	lab_connect_fails(lab, LAB_CLIENT2, EADDRNOTAVAIL);
	lab_close(lab, LAB_CLIENT2);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void connect_einval(struct lab *lab)
{
	lab_listen(lab);
	lab_connect_short(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void connect_enetunreach(struct lab *lab)
{
	lab_listen(lab);
	lab_connect_unreachable(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

/* While it connects, and when it has connected. */
static void connect_twice(struct lab *lab)
{
	lab_pair(lab);
	lab_connect_fails(lab, LAB_SERVER, EISCONN);
	lab_blackhole(lab, LAB_LISTENER);
	lab_connect_start(lab, LAB_CLIENT2);
	lab_wait_dropped(lab, LAB_LISTENER);
	lab_connect_fails(lab, LAB_CLIENT2, EALREADY);
	lab_close(lab, LAB_CLIENT2);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void shutdown_twice(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_shutdown(lab, LAB_CLIENT, SHUT_RDWR);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
}

/* Its descriptor is closed, but a Unix socket still holds it. */
static void held_in_flight(struct lab *lab)
{
	lab_pair(lab);
	lab_send_away(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_receive_back(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void shut_closed(struct lab *lab)
{
	lab_socket(lab, LAB_CLIENT);
	lab_shutdown_fails(lab, LAB_CLIENT, SHUT_RDWR, ENOTCONN);
	lab_disconnect(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void dead_shutdown_close(struct lab *lab)
{
	lab_pair(lab);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE);
	lab_shutdown_fails(lab, LAB_SERVER, SHUT_WR, ENOTCONN);
	lab_disconnect(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

#define CLEAN_ACTS { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define CLEAN_WIRE { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define CLIENT_LINGER0 { \
	ACT_RST(CLIENT, "linger0", "ESTABLISHED", "close", 0), \
	ACT_PEER(SERVER, "ESTABLISHED", "ECONNRESET") }
#define CLIENT_RST { [LAB_END_CLIENT] = { .rst_ack = 1 } }
#define LINGER0_COUNT { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2 }

const struct scenario scenario_nothing[] = {
	{
		.name = "never_connected",
		.summary = "close() of a fresh socket",
		.run = never_connected,
		.notes = { NOTE_FULL(CLIENT, "close_unconnected", "CLOSE") },
		.loopback = true,
	}, {
		.name = "bound_only",
		.summary = "close() of a bound socket",
		.run = bound_only,
		.notes = { NOTE_FULL(CLIENT, "close_unconnected", "CLOSE") },
		.loopback = true,
	}, {
		.name = "listen_empty_close",
		.summary = "close() of a listener with an empty queue",
		.run = listen_empty_close,
		.notes = { NOTE_LISTENER },
		.loopback = true,
	}, {
		.name = "listen_shutdown_wr",
		.summary = "shutdown(SHUT_WR) of a listener does nothing, its queue lives on",
		.run = listen_shutdown_wr,
		.acts = CLEAN_ACTS, .wire = CLEAN_WIRE,
	}, {
		.name = "listen_queue_gone",
		.summary = "close() of a listener whose queued connection has died before",
		.run = listen_queue_gone,
		.acts = CLIENT_LINGER0, .wire = CLIENT_RST, .counters = LINGER0_COUNT,
	}, {
		.name = "connect_eaddrnotavail",
		.summary = "connect() fails before any SYN is sent",
		.run = connect_eaddrnotavail,
		.acts = CLEAN_ACTS, .wire = CLEAN_WIRE,
	}, {
		.name = "connect_einval",
		.summary = "connect() to an address that is too short",
		.run = connect_einval,
	}, {
		.name = "connect_enetunreach",
		.summary = "connect() without a route",
		.run = connect_enetunreach,
		.loopback = true,
	}, {
		.name = "connect_twice",
		.summary = "connect() on a connection, and while connecting, changes nothing",
		.run = connect_twice,
		.acts = {
			ACT_SILENT(CLIENT, "disconnect_synsent", "SYN_SENT", "close"),
			ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = CLEAN_WIRE,
	}, {
		.name = "shutdown_twice",
		.summary = "shutdown() after shutdown(SHUT_WR): one FIN, one act",
		.run = shutdown_twice,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = CLEAN_WIRE,
	}, {
		.name = "held_in_flight",
		.summary = "close() while a Unix socket has it in flight does nothing",
		.run = held_in_flight,
		.held = { HELD(CLIENT, NONE) },
		.acts = CLEAN_ACTS, .wire = CLEAN_WIRE,
	}, {
		.name = "shut_closed",
		.summary = "shutdown() and connect(AF_UNSPEC) of a fresh socket",
		.run = shut_closed,
		.loopback = true,
	}, {
		.name = "dead_shutdown_close",
		.summary = "shutdown, connect(AF_UNSPEC), close after the peer's RST: nothing more",
		.run = dead_shutdown_close,
		.acts = CLIENT_LINGER0, .wire = CLIENT_RST, .counters = LINGER0_COUNT,
	},
	{ .name = NULL },
};
