/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counters.h - adds up what the programs count, a slot for each CPU, in shared memory */
#ifndef CLOSETRACE_COUNTERS_H
#define CLOSETRACE_COUNTERS_H

#include "run.h"

/* Adds the RECORD_SLOTS slots to what the totals hold already. */
void counters_add(const struct record_counters *slots, struct totals *totals);

/* Whether a CPU ever had so few copies of a program free that an event may have found none. */
bool counters_crowded(const struct record_counters *slots);

/* Adds what was suppressed of each share of the ring. */
void counters_suppressed(const struct record_counters *slots, uint64_t suppressed[SHARES]);

/* Second halves of acts that were lost: cheap enough to ask at each wake-up. */
uint64_t counters_amends_lost(const struct record_counters *slots);

/* Sockets of -p that were taken up and not given up yet. */
uint64_t counters_subjects(const struct record_counters *slots);

/* Descendants of -p that live, with -f. */
uint64_t counters_children(const struct record_counters *slots);

#endif
