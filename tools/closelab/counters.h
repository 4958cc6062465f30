/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Witness: what the kernel counted in a network namespace.
 */
#ifndef CLOSELAB_COUNTERS_H
#define CLOSELAB_COUNTERS_H

#include <stdint.h>

struct path;

enum counter {
#define COUNTER(name) COUNTER_##name,
#include "counters.def"
#undef COUNTER
	COUNTER_COUNT,
};

struct counters {
	int64_t value[COUNTER_COUNT];
};

const char *counters_name(enum counter counter);
/* Adds what one end's namespace has counted so far; 0 or a negative errno. end: enum lab_end. */
int counters_collect(struct counters *counters, const struct path *path, int end);
/* after - before, in place of after. */
void counters_subtract(struct counters *after, const struct counters *before);

#endif
