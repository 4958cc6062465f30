/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * churn - connections that are made and ended as fast as this machine can, or at a given rate
 *
 * A process in a network namespace of its own, with a thread pinned to each CPU.  Each thread is
 * client and server at once: over loopback the whole of a connection's life runs in its own system
 * calls, so that nothing is waited for, and what a tracer costs is missing in the count.
 */
#ifndef BENCH_CHURN_H
#define BENCH_CHURN_H

#include <stdint.h>
#include <sys/types.h>

enum churn_way {
	CHURN_FIN,		/* both sides close */
	CHURN_UNREAD,		/* the client closes with a byte unread */
	CHURN_LINGER0,		/* the client closes with SO_LINGER 0 */
	CHURN_WAYS,
};

#define CHURN_ENDINGS	2	/* of each connection: its two sockets */

struct churn;

const char *churn_name(enum churn_way way);
/* NULL with errno when there can be none. */
struct churn *churn_start(void);
/* rate: connections a second of all threads together; 0: as many as can be. */
void churn_go(struct churn *churn, enum churn_way way, unsigned int rate);
/* Returns when no thread is at work any more. */
void churn_pause(struct churn *churn);
/* Connections ended so far. */
uint64_t churn_count(const struct churn *churn);
/* Connections a second, counted for some seconds. */
double churn_rate(const struct churn *churn, double seconds);
unsigned int churn_threads(const struct churn *churn);
/* The process, for its network namespace. */
pid_t churn_pid(const struct churn *churn);
void churn_stop(struct churn *churn);

#endif
