/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wall.h - from the kernel's time to the time of day
 *
 * CLOCK_REALTIME keeps its distance to CLOCK_MONOTONIC, which the programs tell, until somebody
 * sets it or the host sleeps; both run at the same rate.  So each distance is kept with the time
 * from which it holds, and what happened before a step keeps the time of day that it had.
 */
#ifndef CLOSETRACE_WALL_H
#define CLOSETRACE_WALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WALL_SPANS 16	/* acts wait for 20 ms at most: more steps than that lose the oldest */

/* The three clocks at one moment, ns. */
struct wall_reading {
	uint64_t ktime_ns;	/* CLOCK_MONOTONIC */
	int64_t wall_ns;	/* CLOCK_REALTIME - CLOCK_MONOTONIC */
	int64_t boot_ns;	/* CLOCK_BOOTTIME - CLOCK_MONOTONIC: the time asleep */
	uint64_t error_ns;	/* by which each of the two may be wrong */
};

struct wall_span {
	uint64_t since_ns;	/* CLOCK_MONOTONIC from which it holds */
	int64_t offset_ns;	/* CLOCK_REALTIME - CLOCK_MONOTONIC */
};

struct wall {
	struct wall_span span[WALL_SPANS];	/* oldest first, which also holds before it */
	size_t spans;
	struct wall_reading last;
};

/* What became of the wall clock, and when. */
struct wall_step {
	uint64_t ktime_ns;	/* when it was noticed */
	uint64_t wall_ns;	/* the time of day from then on, ns since 1970 */
	int64_t step_ns;	/* by how much it was set; negative: back */
	int64_t slept_ns;	/* for how long the host slept */
};

/* Reads the clocks, several times, and keeps the reading with the smallest error. */
void wall_read(struct wall_reading *reading);

/* Begins with a reading. */
void wall_start(struct wall *wall, const struct wall_reading *reading);

/* The time of day of a moment, ns since 1970. */
uint64_t wall_at(const struct wall *wall, uint64_t ktime_ns);

/* One reading more; true when the clock was set or the host slept since the last. */
bool wall_take(struct wall *wall, const struct wall_reading *reading, struct wall_step *step);

/* A step that was noticed elsewhere, and recorded. */
void wall_step(struct wall *wall, const struct wall_step *step);

/* A descriptor that polls readable when it was set or the host slept; or a negative errno. */
int wall_watch(void);

/* Takes that word from the descriptor; whether there was one. */
bool wall_was_set(int fd);

#endif
