/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * held.h - closes that were not the last: who holds the socket still, and what came of it
 */
#ifndef CLOSETRACE_HELD_H
#define CLOSETRACE_HELD_H

#include <sys/types.h>

#include "act.h"

#define HELD_PIDS 16

/* One such close. */
struct held {
	struct record record;		/* of kind RECORD_HELD, with the references that remained */
	pid_t pids[HELD_PIDS];		/* of processes with a descriptor of it, a moment later */
	size_t count;			/* of pids */
	bool more;			/* there are more processes than pids has room for */
};

static inline bool held_is(const struct act *act)
{
	return act->record.kind == RECORD_HELD;
}

/* The closes of late, so that the end of the connection can be tied to the last of them. */
struct held_log;

struct held_log *held_log_new(void);
void held_log_free(struct held_log *log);
void held_log_add(struct held_log *log, const struct record *record);
/*
 * Looks through /proc/PID/fd for the holders of all that were added since the last look: once for
 * many, as it takes long on a host with many descriptors. What it may not read it leaves out.
 */
void held_log_look(struct held_log *log);
/* The entry of a record; NULL when it is too old. */
const struct held *held_log_find(struct held_log *log, const struct record *record);
/* Sets act->held when the socket of this act was closed before, though not for good. */
void held_log_tie(struct held_log *log, struct act *act);

#endif
