/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ways.c - how a process lets go of the end of a connection, by itself or through a child
 *
 * A child keeps nothing but what it was given: whatever else it inherited it closes before its
 * parent goes on, so that it is never the last to hold it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "stress.h"

#define PATIENCE_NS	20000000u	/* how long a child waits before it acts, at most */
#define SOON_NS		2000000u

static struct hold *own_hold(const struct held *held)
{
	return &held->conn->end[held->side].hold[0];
}

/* A moment soon. */
static uint64_t some_time(struct worker *worker)
{
	return log_now() + random_next(&worker->random) % PATIENCE_NS;
}

/* Two tasks that act at the same moment must both be awake. */
static void wait_until(uint64_t when_ns)
{
	uint64_t now = log_now();

	if (when_ns > now + SOON_NS)
		pause_us((unsigned int)((when_ns - now - SOON_NS) / 1000));
	while (log_now() < when_ns)
		;
}

static void drop_by(int fd, struct hold *hold, enum way way)
{
	int other;

	hold->way = (uint8_t)way;
	hold->dropped.begin_ns = log_now();
	switch (way) {
	case WAY_CLOSE_RANGE:
		close_range((unsigned int)fd, (unsigned int)fd, 0);
		break;
	case WAY_DUP2:
		other = open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(other, fd);
		hold->dropped.end_ns = log_now();
		close(other);
		close(fd);
		return;
	default:
		close(fd);
	}
	hold->dropped.end_ns = log_now();
}

static void shut(int fd, struct hold *hold, enum way way)
{
	hold->shut_way = (uint8_t)way;
	hold->shut.begin_ns = log_now();
	shutdown(fd, way == WAY_SHUT_RDWR ? SHUT_RDWR : SHUT_WR);
	hold->shut.end_ns = log_now();
}

static void dissolve(int fd, struct hold *hold)
{
	const struct sockaddr unspec = { .sa_family = AF_UNSPEC };

	hold->dissolved.begin_ns = log_now();
	connect(fd, &unspec, sizeof(unspec));
	hold->dissolved.end_ns = log_now();
}

static void keep_only(int one, int other)
{
	unsigned int low = (unsigned int)(one < other ? one : other);
	unsigned int high = (unsigned int)(one < other ? other : one);

	if (low > 3)
		close_range(3, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

/* What a child does with its end; it does not come back. */
_Noreturn static void child_end(const struct log *log, int fd, struct hold *hold, enum way way,
				uint64_t when_ns)
{
	char *const argv[] = { (char *)"stress", (char *)"--nothing", NULL };

	/* Those that are made before closetrace starts hold their ends until it runs. */
	while (!log->start.end_ns)
		pause_us(1000);
	wait_until(when_ns);
	switch (way) {
	case WAY_CHILD_LINGER0:
		net_linger0(fd);
		drop_by(fd, hold, way);
		break;
	case WAY_CHILD_SHUT:
		shut(fd, hold, way);
		break;
	case WAY_CHILD_KILL:
		while (true)
			pause();
	case WAY_CHILD_EXEC:
		hold->way = (uint8_t)way;
		hold->dropped.begin_ns = log_now();
		execv("/proc/self/exe", argv);
		break;
	case WAY_CHILD_EXIT:
		break;
	default:
		drop_by(fd, hold, way);
	}
	hold->way = (uint8_t)way;
	if (!hold->dropped.begin_ns)
		hold->dropped.begin_ns = log_now();
	_exit(0);
}

static void child_begin(const struct worker *worker, int keep, int ready)
{
	char name[STRESS_NAME];

	log_name(name, worker->number, true);
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	keep_only(keep, ready);
}

static struct child *free_slot(struct worker *worker)
{
	for (size_t i = 0; i < sizeof(worker->child) / sizeof(*worker->child); i++) {
		if (!worker->child[i].pid)
			return &worker->child[i];
	}
	return NULL;
}

/* Waits until the child has closed the writing end, or written to it. */
static void await_ready(const int ready[2])
{
	char byte;

	close(ready[1]);
	if (read(ready[0], &byte, 1) < 0)
		byte = 0;
	close(ready[0]);
}

/* Hands an end to a child, which acts at that time; false when nothing has happened. */
static bool hand_over(struct worker *worker, const struct held *held, enum way way,
		      uint64_t when_ns)
{
	struct hold *hold = &held->conn->end[held->side].hold[1];
	struct child *child = free_slot(worker);
	uint64_t begin = log_now();
	int ready[2];

	if (!child || hold->pid || pipe2(ready, O_CLOEXEC) < 0)
		return false;
	child->pid = fork();
	if (child->pid == 0) {
		child_begin(worker, held->fd, ready[1]);
		log_take(hold, worker->number, true, begin);
		close(ready[1]);
		child_end(worker->log, held->fd, hold, way, when_ns);
	}
	await_ready(ready);
	if (child->pid < 0) {
		child->pid = 0;
		return false;
	}
	child->hold = hold;
	child->kill = way == WAY_CHILD_KILL;
	child->kill_ns = when_ns;
	return true;
}

static void drop(struct held *held, enum way way)
{
	drop_by(held->fd, own_hold(held), way);
	held->fd = -1;
}

static void end_by_child(struct worker *worker, struct held *held, enum way way)
{
	uint64_t when_ns = some_time(worker);

	if (!hand_over(worker, held, way, when_ns)) {
		drop(held, WAY_CLOSE);
		return;
	}
	if (way == WAY_CHILD_SHUT) {
		held->shut = true;
		return;
	}
	if (way == WAY_CHILD_BOTH)
		wait_until(when_ns);
	drop(held, way);
}

void ways_end(struct worker *worker, struct held *held, enum way way)
{
	switch (way) {
	case WAY_LINGER0:
		net_linger0(held->fd);
		drop(held, way);
		break;
	case WAY_UNSPEC:
		dissolve(held->fd, own_hold(held));
		drop(held, way);
		break;
	case WAY_SHUT_WR:
	case WAY_SHUT_RDWR:
		shut(held->fd, own_hold(held), way);
		held->shut = true;
		break;
	case WAY_MEET:
		if (!held->conn->meet_ns)
			held->conn->meet_ns = log_now() + SOON_NS;
		wait_until(held->conn->meet_ns);
		drop(held, way);
		break;
	case WAY_CHILD_CLOSE ... WAY_CHILD_EXEC:
		end_by_child(worker, held, way);
		break;
	default:
		drop(held, way);
	}
}

/* Accepts what comes within some milliseconds, and ends it. */
_Noreturn static void child_accept(struct worker *worker, enum way way)
{
	struct pollfd poller = { .fd = worker->listener, .events = POLLIN };
	struct conn *conn;
	int fd;

	poll(&poller, 1, PATIENCE_NS / 1000000);
	conn = net_accept(worker->log, worker->listener, worker->number, true, &fd);
	if (conn)
		child_end(worker->log, fd, &conn->end[SIDE_SERVER].hold[0], way,
			  some_time(worker));
	_exit(0);
}

void ways_accept_child(struct worker *worker)
{
	static const enum way ways[] = { WAY_CHILD_CLOSE, WAY_CHILD_LINGER0, WAY_CHILD_EXIT,
					 WAY_CHILD_SHUT };
	enum way way = ways[random_next(&worker->random) % (sizeof(ways) / sizeof(*ways))];
	struct child *child = free_slot(worker);
	int ready[2];

	if (!child || pipe2(ready, O_CLOEXEC) < 0)
		return;
	child->pid = fork();
	if (child->pid == 0) {
		child_begin(worker, worker->listener, ready[1]);
		close(ready[1]);
		child_accept(worker, way);
	}
	await_ready(ready);
	if (child->pid < 0)
		child->pid = 0;
	child->hold = NULL;
	child->kill = false;
}

static void reap_one(const struct worker *worker, struct child *child)
{
	uint64_t now = log_now();

	if (child->kill && worker->log->start.end_ns && now >= child->kill_ns) {
		child->hold->way = WAY_CHILD_KILL;
		child->hold->dropped.begin_ns = now;
		kill(child->pid, SIGKILL);
		child->kill = false;
	}
	if (waitpid(child->pid, NULL, WNOHANG) != child->pid)
		return;
	if (child->hold && !child->hold->dropped.end_ns)
		child->hold->dropped.end_ns = log_now();
	child->pid = 0;
}

bool ways_reap(struct worker *worker)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(worker->child) / sizeof(*worker->child); i++) {
		if (!worker->child[i].pid)
			continue;
		reap_one(worker, &worker->child[i]);
		any |= worker->child[i].pid != 0;
	}
	return any;
}
