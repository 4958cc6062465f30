/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pipeline.h - from bytes to lines: decode, order, classify, filter, sink
 *
 * The same for a live ring and for a recording; it does not know where the bytes come from.
 */
#ifndef CLOSETRACE_PIPELINE_H
#define CLOSETRACE_PIPELINE_H

#include "cgroup.h"
#include "options.h"
#include "order.h"
#include "report/anonym.h"
#include "run.h"
#include "sinks/sink.h"
#include "stack.h"
#include "summary.h"
#include "tally.h"

struct pipeline {
	const struct options *options;
	const struct sink *sink;
	struct sink_options sink_options;
	struct run *run;
	struct totals totals;	/* emitted, wires, and what user space filtered or rejected */
	struct order order;
	struct held_log *held;		/* NULL without --held; freed with the rest */
	struct cgroups *cgroups;	/* names, which records may add to; freed with the rest */
	struct stacks *stacks;		/* NULL without -k */
	struct summary *summary;	/* NULL without --summary */
	const struct which *which;	/* of a record: this connection alone; NULL: all */
	const struct anonym *anonym;	/* NULL without --anonymize */
	struct tally *tally;		/* NULL without --count-only; freed with the rest */
	uint64_t counted_ns;		/* when counts were written last, CLOCK_MONOTONIC */
	struct wall_step step;
	bool stepped;		/* it waits for the acts before it */
	bool recorded;		/* no program has filtered what comes */
	bool everything;	/* notes and held closes too, whoever asked for them */
	bool full;		/* -c is reached */
	bool found;		/* --fail-on: one was shown */
	int error;		/* of the first write that failed; negative errno */
};

/* The wall clock was set: told between the acts before and those after. */
void pipeline_step(struct pipeline *pipeline, const struct wall_step *step);

/* One record as it came; counts it when it is not one.  0 or -ENOMEM. */
int pipeline_take(struct pipeline *pipeline, const void *data, size_t size);

/*
 * One act, note or held close (then @held) of a record that keeps verdicts, in its place and with
 * the time of day; it stands for so many.
 */
void pipeline_judged(struct pipeline *pipeline, struct act *act, const struct held *held,
		     uint64_t times);

/*
 * Hands on what is due at now_ns (CLOCK_MONOTONIC; UINT64_MAX: everything) and flushes.  Returns
 * when to call again, UINT64_MAX when nothing waits.
 */
uint64_t pipeline_drain(struct pipeline *pipeline, uint64_t now_ns);

/* The summary of the whole run, or its counts; before the totals. */
void pipeline_summarize(struct pipeline *pipeline);

/* --count-only: adds what the programs have counted to the totals. */
void pipeline_account(const struct pipeline *pipeline, struct totals *totals);

void pipeline_free(struct pipeline *pipeline);

#endif
