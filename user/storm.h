/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* storm.h - tells of the acts that are suppressed, while it goes on: a line a kind and second */
#ifndef CLOSETRACE_STORM_H
#define CLOSETRACE_STORM_H

#include "sinks/sink.h"

/* All 0 before the first call. */
struct storm {
	uint64_t told_ns;		/* when something was told last, CLOCK_MONOTONIC */
	bool going;			/* it was not over then */
	uint64_t told[SHARES];		/* how many until then */
};

/* The name of a share, as lines have it. */
const char *storm_name(enum record_share share);

/* Whether it is time to look again. */
bool storm_due(const struct storm *storm, uint64_t now_ns);

/* Tells what of @suppressed was not told yet.  0 or a negative errno of writing. */
int storm_tell(struct storm *storm, const uint64_t suppressed[SHARES], const struct sink *sink,
	       const struct sink_options *options, const struct run *run);

/* When to look again, whatever happens; UINT64_MAX: there is no storm. */
uint64_t storm_next(const struct storm *storm);

#endif
