/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A descriptor is closed while something holds the socket still: nothing leaves for the peer, and
 * --held tells who closed and who holds it. Those who hold it do so for a while.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* Its peer has not heard of it; then the last one closes. */
static void still_open(struct lab *lab)
{
	lab_holder_keeps(lab);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
}

static void server_follows(struct lab *lab)
{
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void shared(struct lab *lab)
{
	lab_pair(lab);
	lab_holder_start(lab, LAB_CLIENT);
}

static void held_child(struct lab *lab)
{
	shared(lab);
	lab_close(lab, LAB_CLIENT);
	still_open(lab);
	lab_holder_end(lab, LAB_HOLDER_CLOSE);
	server_follows(lab);
}

static void held_range(struct lab *lab)
{
	shared(lab);
	lab_close_range(lab, LAB_CLIENT);
	still_open(lab);
	lab_holder_end(lab, LAB_HOLDER_CLOSE);
	server_follows(lab);
}

static void child_first(struct lab *lab, enum lab_holder_end how)
{
	shared(lab);
	lab_holder_end(lab, how);
	still_open(lab);
	lab_close(lab, LAB_CLIENT);
	server_follows(lab);
}

static void held_exit(struct lab *lab)
{
	child_first(lab, LAB_HOLDER_EXIT);
}

static void held_kill9(struct lab *lab)
{
	child_first(lab, LAB_HOLDER_KILL);
}

static void held_exec(struct lab *lab)
{
	child_first(lab, LAB_HOLDER_EXEC);
}

static void held_dup(struct lab *lab)
{
	lab_pair(lab);
	lab_dup(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	still_open(lab);
	lab_close(lab, LAB_SPARE);
	server_follows(lab);
}

static void held_dup2(struct lab *lab)
{
	lab_pair(lab);
	lab_dup(lab, LAB_CLIENT);
	lab_dup2_over(lab, LAB_CLIENT);
	still_open(lab);
	lab_close(lab, LAB_SPARE);
	server_follows(lab);
}

static void held_passed(struct lab *lab)
{
	lab_pair(lab);
	lab_send_away(lab, LAB_CLIENT);
	still_open(lab);
	lab_receive_back(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	server_follows(lab);
}

static void held_recv(struct lab *lab)
{
	lab_pair(lab);
	lab_call(lab, LAB_CLIENT, LAB_CALL_RECV);
	lab_close(lab, LAB_CLIENT);
	still_open(lab);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_call_ends(lab, 0);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE);
	lab_close(lab, LAB_SERVER);
}

static void held_uring(struct lab *lab)
{
	lab_pair(lab);
	lab_poll_uring(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	still_open(lab);
	lab_poll_uring_ends(lab);
	server_follows(lab);
	lab_close(lab, LAB_SPARE);
}

#define ENDS(how) { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", how), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define SHUT_THEN(how) { \
	ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"), \
	ACT_FIN(CLIENT, "fin_close_passive", "CLOSE_WAIT", how) }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define STAYS(how, by) \
	.via = how, .end = LAB_END_CLIENT, .holder = HOLDER_##by, .count = 1, \
	.stays = true

const struct scenario scenario_held[] = {
	{
		.name = "held_child",
		.summary = "close() while a child has the socket still",
		.run = held_child,
		.timer = true,
		.held = {
			{ STAYS("close", CHILD) },
			CHILD_DROPS(SERVER, 1),
		},
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_range",
		.summary = "close_range() while a child has the socket still",
		.run = held_range,
		.timer = true,
		.held = {
			{ STAYS("close_range", CHILD), .full = true },
			CHILD_DROPS(SERVER, 1),
		},
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_exit",
		.summary = "a child exits, its parent has the socket still",
		.run = held_exit,
		.timer = true,
		.held = {
			{ STAYS("exit", SELF), .child = true, .full = true },
			CHILD_DROPS(SERVER, 1),
		},
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_kill9",
		.summary = "a child is killed, its parent has the socket still",
		.run = held_kill9,
		.timer = true,
		.held = {
			{ STAYS("signal", SELF), .child = true, .full = true },
			CHILD_DROPS(SERVER, 1),
		},
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_exec",
		.summary = "a child executes, close-on-exec; its parent has the socket still",
		.run = held_exec,
		.timer = true,
		.held = {
			{ STAYS("exec", SELF), .child = true, .full = true },
			CHILD_DROPS(SERVER, 1),
		},
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_dup",
		.summary = "close() while there is a duplicate",
		.run = held_dup,
		.timer = true,
		.held = { { STAYS("close", SELF) } },
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_dup2",
		.summary = "dup2() over it while there is a duplicate",
		.run = held_dup2,
		.timer = true,
		.held = { { STAYS("dup", SELF) } },
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_passed",
		.summary = "close() while it is on its way through a Unix socket",
		.run = held_passed,
		.timer = true,
		.held = { { STAYS("close", NONE) } },
		.acts = ENDS("close"), .wire = BOTH_FIN,
	}, {
		.name = "held_recv",
		.summary = "close() while a thread waits in recv()",
		.run = held_recv,
		.timer = true,
		.held = { { STAYS("close", NONE) } },
		.acts = SHUT_THEN("recv"), .wire = BOTH_FIN,
	}, {
		.name = "held_uring",
		.summary = "close() while io_uring polls it",
		.run = held_uring,
		.timer = true,
		.held = { { STAYS("close", NONE) } },
		.acts = ENDS("io_uring"), .wire = BOTH_FIN,
	},
	{ .name = NULL },
};
