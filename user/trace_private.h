/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* trace_private.h - what trace.c sets up and trace_loop.c runs */
#ifndef CLOSETRACE_TRACE_PRIVATE_H
#define CLOSETRACE_TRACE_PRIVATE_H

#include <poll.h>

#include "command.h"
#include "pipeline.h"
#include "probe.h"
#include "ring.h"
#include "store/recorder.h"
#include "storm.h"

enum { WATCH_RING, WATCH_SIGNAL, WATCH_OUTPUT, WATCH_CLOCK, WATCH_PIDS };

/* Whether the ring wakes the reader, or the reader looks when it has slept. */
struct pace {
	bool busy;			/* it looks by itself */
	bool behind;			/* it left some in the ring, and does not sleep at all */
	uint64_t nap_ns;		/* how long it sleeps; a part of what fills the ring */
	uint64_t window_ns;		/* since then, CLOCK_MONOTONIC, */
	unsigned int wakes;		/* so often was it woken */
};

struct trace {
	const struct options *options;
	struct command command;
	struct run run;
	struct probe *probe;
	struct ring ring;
	struct pace pace;
	struct pipeline pipeline;
	struct recording recording;	/* of record; else without a recorder */
	struct storm storm;
	struct stats stats;
	struct pollfd polls[WATCH_PIDS + SETTINGS_PIDS];
	nfds_t poll_count;
	size_t alive;			/* of -p and the command */
	bool watching;			/* there were some: with the last of them it ends */
	uint64_t ended_ns;		/* when the last of -p ended; 0: not yet */
	uint64_t looked_ns;		/* when it was seen that the file of a record is there */
	uint64_t deadline_ns;		/* of -d; UINT64_MAX: none */
	bool released;			/* the command runs, or has run */
	bool stop;
};

/* The processes of -p, and the command: with the last of them it ends. */
void trace_watch_processes(struct trace *trace);

/* Until a signal, a limit, the end of the processes or an error. */
void trace_loop(struct trace *trace);

/* How long the reader sleeps when the host is busy, by the size of the ring. */
void trace_pace(struct trace *trace);

/* What is in the ring, a batch at most. */
void trace_drain(struct trace *trace);

/* Hands on what is due; returns when to call again. */
uint64_t trace_advance(struct trace *trace);

/* A record that is gone is begun anew.  @now: once a second; UINT64_MAX: at the end. */
void trace_look_for_file(struct trace *trace, uint64_t now);

/* A provisional verdict must not be settled by the absence of a reply that was lost. */
void trace_settle_losses(struct trace *trace);

/* What is suppressed, and was not told yet. */
void trace_storm(struct trace *trace);

/* With --stats: from now on; one line; the last one, if there is something to tell. */
void trace_stats_begin(struct trace *trace);
void trace_stats(struct trace *trace);
void trace_stats_end(struct trace *trace);

void trace_totals(const struct trace *trace, struct totals *totals);
/* For people. */
void trace_print_totals(const struct trace *trace);

#endif
