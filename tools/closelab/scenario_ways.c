/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last reference, dropped otherwise than by close(2).
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void server_follows(struct lab *lab)
{
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void way_close_range(struct lab *lab)
{
	lab_pair(lab);
	lab_close_range(lab, LAB_CLIENT);
	server_follows(lab);
}

static void way_dup2(struct lab *lab)
{
	lab_pair(lab);
	lab_dup2_over(lab, LAB_CLIENT);
	server_follows(lab);
}

static void way_exec(struct lab *lab)
{
	lab_pair(lab);
	lab_holder_start(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_holder_end(lab, LAB_HOLDER_EXEC);
	server_follows(lab);
}

static void way_exec_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_holder_start(lab, LAB_SERVER);
	lab_send(lab, LAB_CLIENT, 5);
	lab_wait_unread(lab, LAB_SERVER, 5);
	lab_close(lab, LAB_SERVER);
	lab_holder_end(lab, LAB_HOLDER_EXEC);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void way_uring(struct lab *lab)
{
	lab_pair(lab);
	lab_close_uring(lab, LAB_CLIENT);
	server_follows(lab);
	lab_close(lab, LAB_SPARE);
}

static void way_uring_worker(struct lab *lab)
{
	lab_pair(lab);
	lab_close_uring_worker(lab, LAB_CLIENT);
	server_follows(lab);
	lab_close(lab, LAB_SPARE);
}

static void way_uring_polled(struct lab *lab)
{
	lab_pair(lab);
	lab_close_uring_polled(lab, LAB_CLIENT);
	server_follows(lab);
	lab_close(lab, LAB_SPARE);
}

static void way_uring_shutdown(struct lab *lab)
{
	lab_pair(lab);
	lab_shutdown_uring(lab, LAB_CLIENT, SHUT_WR);
	server_follows(lab);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE);
	lab_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_SPARE);
}

static void way_in_flight(struct lab *lab)
{
	lab_pair(lab);
	lab_close_in_flight(lab, LAB_CLIENT);
	server_follows(lab);
}

static void way_collected(struct lab *lab)
{
	lab_pair(lab);
	/* A worker on another processor may have closed it: no segment may be under way then. */
	lab_close_in_cycle(lab, LAB_CLIENT, LAB_SERVER);
	server_follows(lab);
}

static void mapped_close(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	server_follows(lab);
}

static void mapped_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void mapped_refused(struct lab *lab)
{
	lab_bind(lab, LAB_LISTENER, 0);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNREFUSED);
	lab_close(lab, LAB_CLIENT);
}

#define ENDS(how) { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", how), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define UNREAD(how, n) { \
	ACT_RST(SERVER, "unread_data", "ESTABLISHED", how, n), \
	ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET") }
#define SERVER_RST { [LAB_END_SERVER] = { .rst_ack = 1 } }
#define ON_CLOSE { \
	[COUNTER_TCPAbortOnClose] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2 }

const struct scenario scenario_ways[] = {
	{
		.name = "way_close_range",
		.summary = "close_range()",
		.run = way_close_range,
		.acts = ENDS("close_range"), .wire = BOTH_FIN,
	}, {
		.name = "way_dup2",
		.summary = "dup2() over the last descriptor",
		.run = way_dup2,
		.acts = ENDS("dup"), .wire = BOTH_FIN,
	}, {
		.name = "way_exec",
		.summary = "execve() with the socket close-on-exec",
		.run = way_exec,
		.held = { HELD(CLIENT, CHILD), CHILD_DROPS(SERVER, 1) },
		.acts = ENDS("exec"), .wire = BOTH_FIN,
	}, {
		.name = "way_exec_unread",
		.summary = "execve() with 5 bytes unread",
		.run = way_exec_unread,
		.held = { HELD(SERVER, CHILD), CHILD_DROPS(CLIENT, 1) },
		.acts = UNREAD("exec", 5), .wire = SERVER_RST, .counters = ON_CLOSE,
	}, {
		.name = "way_uring",
		.summary = "IORING_OP_CLOSE",
		.run = way_uring,
		.acts = ENDS("io_uring"), .wire = BOTH_FIN,
	}, {
		.name = "way_uring_worker",
		.summary = "IORING_OP_CLOSE by a worker of the ring",
		.run = way_uring_worker,
		.acts = ENDS("io_uring"), .wire = BOTH_FIN,
	}, {
		.name = "way_uring_polled",
		.summary = "IORING_OP_CLOSE by the thread that polls the ring",
		.run = way_uring_polled,
		.acts = ENDS("io_uring"), .wire = BOTH_FIN,
	}, {
		.name = "way_uring_shutdown",
		.summary = "IORING_OP_SHUTDOWN",
		.run = way_uring_shutdown,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "io_uring"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "way_in_flight",
		.summary = "in flight over a Unix socket that is closed",
		.run = way_in_flight,
		.held = { HELD(CLIENT, NONE) },
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "way_collected",
		.summary = "in flight in a cycle of Unix sockets: the kernel's collector drops it",
		.run = way_collected,
		.held = { HELD(CLIENT, NONE) },
		.acts = ENDS("scm_gc"), .wire = BOTH_FIN,
	}, {
		.name = "mapped_close",
		.summary = "close() of a connection with IPv4-mapped addresses",
		.run = mapped_close,
		.mapped = true,
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "mapped_unread",
		.summary = "data unread, with IPv4-mapped addresses",
		.run = mapped_unread,
		.mapped = true,
		.acts = UNREAD("close", 3), .wire = SERVER_RST, .counters = ON_CLOSE,
	}, {
		.name = "mapped_refused",
		.summary = "refused, with IPv4-mapped addresses",
		.run = mapped_refused,
		.mapped = true,
		.acts = {
			ACT_REPLY(SERVER, "no_socket_rst", NULL, NULL),
			ACT_REFUSED,
		},
		.wire = SERVER_RST,
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_AttemptFails] = 1 },
	},
	{ .name = NULL },
};
