/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.c - the shared log, and small things that all need */
#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>

#include "stress.h"

#define SLACK_NS	20000u	/* between two readings of one clock */

/* Only what is written takes memory. */
struct log *log_new(uint32_t procs)
{
	size_t size = sizeof(struct log) + (size_t)procs * STRESS_CONNS * sizeof(struct conn);
	struct log *log = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (log == MAP_FAILED)
		return NULL;
	log->procs = procs;
	return log;
}

uint64_t log_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct conn *log_conn(struct log *log, uint32_t proc, uint32_t number)
{
	return &log->conn[(size_t)proc * STRESS_CONNS + number];
}

void log_name(char name[STRESS_NAME], uint32_t proc, bool child)
{
	snprintf(name, STRESS_NAME, "st-%02u%s", proc % 100, child ? "c" : "");
}

/* The running process holds it. */
void log_take(struct hold *hold, uint32_t proc, bool child, uint64_t since_ns)
{
	hold->pid = getpid();
	hold->proc = (uint16_t)proc;
	hold->child = child;
	hold->taken.begin_ns = since_ns;
	hold->taken.end_ns = log_now();
}

bool span_has(const struct span *span, uint64_t time_ns)
{
	return span->begin_ns && span->begin_ns <= time_ns + SLACK_NS &&
	       (!span->end_ns || time_ns <= span->end_ns + SLACK_NS);
}

bool log_before(uint64_t event_ns, uint64_t time_ns)
{
	return event_ns && event_ns <= time_ns + SLACK_NS;
}

bool hold_outlived(const struct hold *hold, const struct hold *other)
{
	return other->pid && hold->dropped.end_ns &&
	       other->taken.end_ns < hold->dropped.begin_ns &&
	       (!other->dropped.begin_ns || other->dropped.begin_ns > hold->dropped.end_ns);
}

bool hold_at_start(const struct log *log, const struct hold *hold)
{
	return hold->pid && hold->taken.begin_ns <= log->start.end_ns &&
	       (!hold->dropped.end_ns || hold->dropped.end_ns >= log->start.begin_ns);
}

bool hold_through_start(const struct log *log, const struct hold *hold)
{
	return hold->pid && hold->taken.end_ns < log->start.begin_ns &&
	       (!hold->dropped.begin_ns || hold->dropped.begin_ns > log->start.end_ns);
}

const char *way_name(enum way way)
{
	static const char *const names[WAYS] = {
		[WAY_NONE] = "none",
		[WAY_CLOSE] = "close",
		[WAY_CLOSE_RANGE] = "close_range",
		[WAY_DUP2] = "dup2",
		[WAY_LINGER0] = "linger0",
		[WAY_UNSPEC] = "unspec",
		[WAY_SHUT_WR] = "shut_wr",
		[WAY_SHUT_RDWR] = "shut_rdwr",
		[WAY_MEET] = "meet",
		[WAY_CHILD_CLOSE] = "child_close",
		[WAY_CHILD_LINGER0] = "child_linger0",
		[WAY_CHILD_SHUT] = "child_shut",
		[WAY_CHILD_BOTH] = "child_both",
		[WAY_CHILD_EXIT] = "child_exit",
		[WAY_CHILD_KILL] = "child_kill",
		[WAY_CHILD_EXEC] = "child_exec",
	};

	return names[way];
}

/* xorshift64* */
uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1dULL) >> 16;
}

void pause_us(unsigned int us)
{
	const struct timespec pause = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L };

	nanosleep(&pause, NULL);
}
