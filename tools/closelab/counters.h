/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Witness: what the kernel counted in this process's network namespace.
 */
#ifndef CLOSELAB_COUNTERS_H
#define CLOSELAB_COUNTERS_H

#include <stdint.h>

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
/* The counters as they stand; 0 or a negative errno. */
int counters_read(struct counters *counters);
/* after - before, in place of after. */
void counters_subtract(struct counters *after, const struct counters *before);

#endif
