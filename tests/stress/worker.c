/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* worker.c - one process: it listens, connects, talks a little, and ends what it holds */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "stress.h"

#define ACCEPTS		4	/* at a time */
#define ROOM		8u	/* free ends, so that others can connect to us */
#define RESTART		600u	/* one step of so many closes the listener and opens it again */
#define IDLE_US		20000u	/* between two steps of all, before closetrace runs */
#define LINGER_MS	300	/* how long connections are accepted after the last was made */

static unsigned int roll(struct worker *worker, unsigned int sides)
{
	return (unsigned int)(random_next(&worker->random) % sides);
}

static struct held *free_place(struct worker *worker)
{
	for (size_t i = 0; i < STRESS_HELD; i++) {
		if (worker->held[i].fd < 0)
			return &worker->held[i];
	}
	return NULL;
}

static unsigned int holding(const struct worker *worker)
{
	unsigned int n = 0;

	for (size_t i = 0; i < STRESS_HELD; i++)
		n += worker->held[i].fd >= 0;
	return n;
}

static void hold(struct worker *worker, struct conn *conn, enum side side, int fd)
{
	*free_place(worker) = (struct held){ .conn = conn, .side = side, .fd = fd };
}

/* There must be a free place. */
static bool accept_one(struct worker *worker)
{
	int fd;
	struct conn *conn = net_accept(worker->log, worker->listener, worker->number, false, &fd);

	if (conn)
		hold(worker, conn, SIDE_SERVER, fd);
	return conn;
}

/* There must be a free place; false when there is no connection. */
static bool connect_one(struct worker *worker, uint32_t server)
{
	int fd;
	struct conn *conn = net_connect(worker->log, worker->number, server,
					roll(worker, 2), &fd);

	if (conn)
		hold(worker, conn, SIDE_CLIENT, fd);
	return conn && conn->established;
}

/* Some bytes there, or some from there: what is not read will matter. */
static void talk(struct worker *worker, const struct held *held)
{
	char bytes[200] = { 0 };
	size_t size = 1 + roll(worker, sizeof(bytes));

	if (roll(worker, 2))
		send(held->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		recv(held->fd, bytes, size, MSG_DONTWAIT);
}

static enum way choose_way(struct worker *worker, const struct held *held)
{
	/* What needs a child is dear. */
	enum way last = roll(worker, 3) ? WAY_MEET : WAY_CHILD_EXEC;
	enum way way;

	do {
		way = WAY_CLOSE + roll(worker, last);
	} while (held->shut && (way == WAY_SHUT_WR || way == WAY_SHUT_RDWR));
	return way;
}

static void end_one(struct worker *worker, struct held *held)
{
	ways_end(worker, held, choose_way(worker, held));
}

static struct held *some_held(struct worker *worker)
{
	struct held *held = &worker->held[roll(worker, STRESS_HELD)];

	return held->fd >= 0 ? held : NULL;
}

/* The other end wants to close together with us. */
static void meet(struct worker *worker)
{
	for (size_t i = 0; i < STRESS_HELD; i++) {
		struct held *held = &worker->held[i];

		if (held->fd >= 0 && held->conn->meet_ns)
			ways_end(worker, held, WAY_MEET);
	}
}

static void close_listener(struct worker *worker)
{
	struct proc *proc = worker->proc;
	struct span *span = &proc->closing[proc->closings];

	if (proc->closings == STRESS_CLOSINGS)
		return;
	proc->closings++;
	span->begin_ns = log_now();
	close(worker->listener);
	span->end_ns = log_now();
	worker->listener = -1;
}

/* What waits in its queue is reset; a child that accepts would keep it open. */
static void restart_listener(struct worker *worker)
{
	if (ways_reap(worker) || worker->proc->closings + 2 > STRESS_CLOSINGS)
		return;
	close_listener(worker);
	worker->listener = net_listen(worker->number);
	if (worker->listener < 0)
		abort();
}

static void connect_somewhere(struct worker *worker)
{
	uint32_t other = roll(worker, worker->log->procs);

	if (other != worker->number && holding(worker) < STRESS_HELD - ROOM)
		connect_one(worker, other);
}

/* Connections that are older than closetrace are held until it runs. */
static bool is_seed(const struct worker *worker, const struct held *held)
{
	return !worker->log->start.end_ns &&
	       held - worker->held < (ptrdiff_t)(2 * worker->log->seeded);
}

static void step(struct worker *worker)
{
	struct held *held;

	ways_reap(worker);
	for (int i = 0; i < ACCEPTS && free_place(worker) && accept_one(worker); i++)
		;
	meet(worker);
	if (roll(worker, 3))
		connect_somewhere(worker);
	held = some_held(worker);
	if (held)
		talk(worker, held);
	held = some_held(worker);
	if (held && !is_seed(worker, held) && (roll(worker, 2) || !free_place(worker)))
		end_one(worker, held);
	if (worker->log->children_accept && !roll(worker, 16))
		ways_accept_child(worker);
	if (!roll(worker, RESTART))
		restart_listener(worker);
}

/* Before closetrace starts: connections to those after us, and from those before us. */
static void open_seeds(struct worker *worker)
{
	struct log *log = worker->log;
	uint32_t accepted = 0;

	for (uint32_t i = 0; i < log->seeded; i++) {
		while (!connect_one(worker, (worker->number + i + 1) % log->procs))
			pause_us(1000);
	}
	while (accepted < log->seeded) {
		if (accept_one(worker))
			accepted++;
		else
			pause_us(1000);
	}
	/* Some of them are a child's from now on. */
	for (int i = 0; i < 3; i++) {
		struct held *held = some_held(worker);

		if (held)
			ways_end(worker, held, WAY_CHILD_KILL - (enum way)i);
	}
}

static void end_all(struct worker *worker)
{
	struct pollfd poller = { .fd = worker->listener, .events = POLLIN };
	uint64_t until = log_now() + LINGER_MS * 1000000ULL;

	while (log_now() < until) {
		struct held *held = some_held(worker);

		if (held)
			end_one(worker, held);
		else
			poll(&poller, 1, 1);
		if (free_place(worker))
			accept_one(worker);
		ways_reap(worker);
	}
	for (size_t i = 0; i < STRESS_HELD; i++) {
		if (worker->held[i].fd >= 0)
			ways_end(worker, &worker->held[i], WAY_CLOSE);
	}
	close_listener(worker);
	while (ways_reap(worker))
		pause_us(1000);
}

static void run(struct worker *worker)
{
	struct log *log = worker->log;

	while (!log->go)
		pause_us(1000);
	open_seeds(worker);
	worker->proc->progress = PROGRESS_HOLDS;
	while (!log->stop) {
		step(worker);
		if (!log->start.end_ns)
			pause_us(IDLE_US * log->procs);
	}
	end_all(worker);
	worker->proc->progress = PROGRESS_ENDED;
}

_Noreturn void worker_main(struct log *log, uint32_t number, uint64_t seed)
{
	struct worker worker = {
		.log = log, .proc = &log->proc[number], .number = number,
		.random = (seed + number) * 2654435761u | 1,
	};
	char name[STRESS_NAME];

	log_name(name, number, false);
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < STRESS_HELD; i++)
		worker.held[i].fd = -1;
	for (int i = 0; i < 8; i++)
		random_next(&worker.random);
	worker.proc->pid = getpid();
	worker.listener = net_listen(number);
	if (worker.listener < 0)
		abort();
	worker.proc->progress = PROGRESS_LISTENS;
	run(&worker);
	_exit(0);
}
