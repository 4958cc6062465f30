/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A random mix of endings by several processes at once in one network namespace, each of them
 * with a log of its own; what closetrace says is compared with the logs.
 *
 * All kinds but those that wait long (slow), change sysctls of the namespace or of all, or take a
 * processor (alone, global). Kinds that wait for a timer come less often than the others.
 */
#ifndef LIVE_MIX_H
#define LIVE_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lab.h"
#include "scenario.h"
#include "verify/skips.h"
#include "verify/tracer.h"

/* What one process did to one set of connections. */
struct mix_entry {
	const struct scenario *scenario;
	int family;
	uint64_t began_us;	/* CLOCK_MONOTONIC */
	int error;		/* 0 or a negative errno; .step failed */
	char step[96];
	struct lab_ends ends;
};

struct mix {
	unsigned int count;
	unsigned int procs;
	unsigned int slow;
	uint64_t seed;
	uint64_t netns;		/* inode number */
	int netns_fd;		/* keeps it until the end */
	struct mix_entry *entry;	/* shared between the processes */
};

/* Performs them all; 0 or a negative errno. What the skips leave out is not chosen. */
int mix_run(struct mix *mix, struct skips *skips);
/* A line for each difference, the first ones only; how many there were. */
unsigned int mix_judge(const struct mix *mix, const struct tracer *tracer, struct skips *skips,
		       FILE *out);
void mix_release(struct mix *mix);

#endif
