/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorder.h - what closetrace record writes: one file a form, which registers itself
 *
 * A recorder is a sink with a file of its own.  Its sink either takes bytes before they are judged
 * (record), or judged acts that passed the filters (act, held, note); it is told the start, the
 * steps of the clock, the time (tick) and the end like any other.  Its state is in the recording,
 * which the sink's options lead to.
 */
#ifndef CLOSETRACE_RECORDER_H
#define CLOSETRACE_RECORDER_H

#include "../message.h"
#include "../sinks/sink.h"
#include "store_lost.h"

#define RECORDING_PATH 4096

struct options;
struct pipeline;
struct recorder;

/* One record being written. */
struct recording {
	const struct recorder *recorder;
	const struct options *options;
	const struct pipeline *pipeline;	/* whose run, cgroups and order this is */
	char path[RECORDING_PATH];			/* "-": standard output */
	void *state;				/* the recorder's own */
	struct store_lost lost;
	/* What was counted so far, by the kernel too. */
	void (*count)(const struct recording *recording, struct totals *totals);
	/* A run may have several files, each with a start and totals of its own. */
	uint64_t since_ns;		/* CLOCK_REALTIME of this one; 0: it begins with the run */
	struct totals before;		/* in those before this one */
};

struct recorder {
	struct sink sink;	/* its name is that of --format */
	const char *suffix;	/* of its files */
	bool continues;		/* one file for all starts; else each has its own */
	/*
	 * Opens recording->path, before anything is traced.  0, or a negative errno with *message
	 * saying in one line what is wrong.
	 */
	int (*open)(struct recording *recording, char message[MESSAGE]);
	/* SIGHUP: begins the path anew when it was renamed or is gone.  0 or a negative errno. */
	int (*reopen)(struct recording *recording);
	/* Whether the file was removed, or what was in it. */
	bool (*is_gone)(const struct recording *recording);
	/* Frees the state, also of a recording that was never opened. */
	void (*close)(struct recording *recording);
};

/* Puts a recorder into the table that recorder_by_name() searches. */
#define RECORDER_REGISTER(object)                                                                  \
	static const struct recorder *const object##_entry                                         \
		__attribute__((used, section("closetrace_recorders"))) = &(object)

/* NULL when there is none of that name. */
const struct recorder *recorder_by_name(const char *name);

/* The names of all, "raw, sqlite", into a buffer. */
void recorder_names(char *buffer, size_t size);

/*
 * Chooses the path, with -w or below /var/lib/closetrace, and opens it.  0, or a negative errno
 * with *message saying what is wrong.
 */
int recording_open(struct recording *recording, char message[MESSAGE]);

/* When the file's part of the run began, ns since 1970. */
uint64_t recording_since(const struct recording *recording);

/* Leaves of the run's totals what is the file's own. */
void recording_own(const struct recording *recording, struct totals *totals);

/* The run goes on in another file; these totals of it are in those before that. */
void recording_turn(struct recording *recording, const struct totals *totals);

/*
 * The youngest record below /var/lib/closetrace.  0, or a negative errno with *message saying that
 * there is none.
 */
int recording_newest(char path[RECORDING_PATH], char message[MESSAGE]);

#endif
