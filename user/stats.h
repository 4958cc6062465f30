/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats.h - --stats: what passes, what is lost, and what closetrace itself costs */
#ifndef CLOSETRACE_STATS_H
#define CLOSETRACE_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "run.h"

/* What was used since the start, and is used now. */
struct usage {
	bool bpf_known;			/* the kernel measures its programs */
	uint64_t bpf_ns, bpf_runs;	/* of all our programs */
	uint64_t ring_size;		/* bytes */
	uint64_t cpu_us;		/* of this process, in and out of the kernel */
	uint64_t memory;		/* resident, bytes; with what it has touched of the ring */
};

/* Of the last interval. */
struct stats_line {
	uint64_t interval_ns;
	const struct totals *totals;	/* since the start */
	const struct usage *usage;
	uint64_t seen, emitted, filtered, lost;
	uint64_t bpf_ns, cpu_us;
};

struct stats {
	uint64_t every_ns;		/* 0: no --stats */
	uint64_t last_ns;		/* CLOCK_MONOTONIC */
	struct totals totals;		/* at that time */
	struct usage usage;
};

/* What of these two is new since the last call. */
void stats_take(struct stats *stats, uint64_t now_ns, const struct totals *totals,
		const struct usage *usage, struct stats_line *line);

/* When the next one is due; UINT64_MAX: none is. */
uint64_t stats_next(const struct stats *stats);

/* So many events of an interval, a second. */
uint64_t stats_rate(const struct stats_line *line, uint64_t events);

/* One line for people. */
void stats_print(FILE *out, const struct stats_line *line);

#endif
