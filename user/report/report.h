/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report.h - the verb report: a record through the pipeline of a live trace */
#ifndef CLOSETRACE_REPORT_H
#define CLOSETRACE_REPORT_H

#include "../options.h"
#include "../pipeline.h"
#include "../gap.h"
#include "../source.h"
#include "ask.h"
#include "follow.h"

struct report {
	const struct options *options;
	struct pipeline pipeline;
	struct ask ask;
	struct follow follow;
	struct anonym anonym;
	struct source_file file;
	struct which which;		/* with --socket */
	bool looks;			/* for another report: of the file nothing is told */
	bool keyed;			/* anonym.key is that of the file */
	size_t gaps;
	struct run run;			/* the one that is being read */
	struct report_ended {		/* the one before it */
		char boot_id[37];
		uint64_t ktime_ns, wall_ns;	/* when it ended */
	} ended;
	struct totals recorded;		/* of runs that ended, as they were counted then */
	size_t runs;			/* that began */
	bool open;			/* the run has not ended */
	bool lost;			/* acts were lost in one of them */
};

/* The verb; returns the exit status. */
int report_run(const struct options *options);

/* A run begins; report->run is filled, and no cgroups are known.  0 or a negative errno. */
int report_begin(struct report *report);

/* It ends, with what was counted; NULL: nobody knows. */
void report_end(struct report *report, const struct totals *totals);

/* It goes on in another file; these totals are of what was read of it. */
void report_turn(struct report *report, const struct totals *totals);

/* Something is missing in the record. */
void report_gap(struct report *report, const struct gap *gap);

/* The key of the file, for --anonymize; a source that has one tells it before its first act. */
void report_key(struct report *report, const uint8_t key[ANONYM_KEY]);

/* Nobody wants more: -c is reached, or nothing can be written, or Ctrl-C ended -F. */
bool report_done(const struct report *report);

#endif
