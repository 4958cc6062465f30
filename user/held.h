/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * held.h - closes that were not the last: who holds the socket still, and what came of it
 */
#ifndef CLOSETRACE_HELD_H
#define CLOSETRACE_HELD_H

#include <sys/types.h>

#include "act.h"

#define HELD_PIDS 16

/* One such close, as it is shown. */
struct held {
	const struct act *act;		/* of kind RECORD_HELD: who closed, and which connection */
	uint32_t references;		/* that remained */
	pid_t pids[HELD_PIDS];		/* of processes with a descriptor of it, now */
	size_t count;			/* of pids */
	bool more;			/* there are more processes than pids has room for */
};

static inline bool held_is(const struct act *act)
{
	return act->record.kind == RECORD_HELD;
}

/* Looks through /proc/PID/fd for the socket; what it may not read it leaves out. */
void held_find(struct held *held, const struct act *act);

/* The closes of late, so that the end of the connection can be tied to the last of them. */
struct held_log;

struct held_log *held_log_new(void);
void held_log_free(struct held_log *log);
void held_log_add(struct held_log *log, const struct act *act);
/* Sets act->held when the socket of this act was closed before, though not for good. */
void held_log_tie(const struct held_log *log, struct act *act);

#endif
