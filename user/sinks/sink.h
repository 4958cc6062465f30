/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sink.h - where acts go: one file a sink, which registers itself
 *
 * A sink reads the field table and the words, never a record's layout.  It writes to one stream
 * and keeps no state from one run to the next.
 */
#ifndef CLOSETRACE_SINK_H
#define CLOSETRACE_SINK_H

#include <stdio.h>

#include "../act.h"
#include "../gap.h"
#include "../held.h"
#include "../message.h"
#include "../run.h"
#include "../stamp.h"
#include "../stats.h"

struct ask;
struct recording;

struct sink_options {
	FILE *out;
	struct recording *recording;	/* of a recorder, see store/recorder.h; else NULL */
	struct ask *ask;	/* of a question, see report/ask.h; else NULL */
	uint64_t times;		/* acts that this one stands for; a question may get many as one */
	FILE *messages;		/* header and totals for people; NULL with -q */
	unsigned int columns;	/* of the terminal; 0: not a terminal, lines are never folded */
	bool verbose;		/* -v: why and mend under each act */
	bool color;
	bool services;		/* -N: ports by name */
	bool recorded;		/* these acts are over: nobody waits for them */
	bool counts;		/* --count-only */
	bool silent;		/* --summary alone: no lines, and no header above them */
	enum stamp stamp;	/* -t */
	uint64_t now_ns;	/* CLOCK_MONOTONIC when the lines of this batch are written */
};

/* --count-only: acts that a line has no room to tell apart. */
struct count_line {
	struct act act;			/* one like them: its cause, owner and port */
	bool others;			/* of many owners and ports */
	uint64_t acts;			/* since the start */
};

struct sink {
	const char *name;	/* of -o */
	const char *summary;
	bool stacks;		/* turns -k on */
	bool runs;		/* each run of a record begins and ends anew; else all are one */
	/*
	 * Optional: whether what it writes to is there, before anything is traced.  0, or a
	 * negative errno with *message saying in one line what is missing.
	 */
	int (*ready)(char message[MESSAGE]);
	/*
	 * Optional: bytes as they came from the kernel.  Then nothing is judged, and none of the
	 * others but start, clock, tick and end is called.
	 */
	int (*record)(const struct sink_options *options, const void *data, size_t size);
	/* 0 or a negative errno of writing; the stream is flushed by the caller. */
	int (*start)(const struct sink_options *options, const struct run *run);
	int (*act)(const struct sink_options *options, const struct act *act);
	/* No act: a descriptor was closed while others hold it.  NULL: only acts are counted. */
	int (*held)(const struct sink_options *options, const struct act *act,
		    const struct held *held);
	/* No act: what looks like one with --all.  NULL: as with held. */
	int (*note)(const struct sink_options *options, const struct act *note);
	/* Optional: what is due at now_ns; returns when it must be called again. */
	uint64_t (*tick)(const struct sink_options *options);
	/* The wall clock was set.  NULL: the format has no place for it. */
	int (*clock)(const struct sink_options *options, const struct run *run,
		     const struct wall_step *step);
	/*
	 * So many acts of a share of the ring were suppressed since the last such line.  NULL: the
	 * format has no place for it.
	 */
	int (*suppressed)(const struct sink_options *options, const struct run *run,
			  const char *share, uint64_t count);
	/* Something is missing in the record.  NULL: the format has no place for it. */
	int (*gap)(const struct sink_options *options, const struct gap *gap);
	/* With --count-only.  NULL: the format has no such lines, a summary is written. */
	int (*count)(const struct sink_options *options, const struct run *run,
		     const struct count_line *count);
	/* With --stats.  NULL: it is told as text, beside the acts. */
	int (*stats)(const struct sink_options *options, const struct run *run,
		     const struct stats_line *stats);
	int (*end)(const struct sink_options *options, const struct run *run,
		   const struct totals *totals);
};

/* Puts a sink into the table that sink_by_name() searches. */
#define SINK_REGISTER(object)                                                                      \
	static const struct sink *const object##_entry                                             \
		__attribute__((used, section("closetrace_sinks"))) = &(object)

/* What people are told before the first line; nothing with -q. */
void sink_greet(const struct sink_options *options, const struct run *run, const char *doing);

/* NULL when there is none of that name. */
const struct sink *sink_by_name(const char *name);

/* 0, or a negative errno when what was printed could not be written. */
int sink_failed(FILE *out);

/* The names of all sinks, "json, text", into a buffer. */
void sink_names(char *buffer, size_t size);

#endif
