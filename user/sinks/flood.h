/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flood.h - how many lines a second a terminal gets; the rest is summed up */
#ifndef CLOSETRACE_FLOOD_H
#define CLOSETRACE_FLOOD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FLOOD_LINES	200		/* a second */
#define FLOOD_KINDS	128		/* of acts and notes; more share the last row */

struct flood {
	uint64_t since_ns;		/* when this second began */
	unsigned int lines;		/* shown in it */
	unsigned int kinds;		/* rows in use */
	struct flood_kind {
		const char *name;	/* static: told apart by its address */
		uint64_t hidden;
	} kind[FLOOD_KINDS];
};

/* Whether there is room for some lines of a kind now; counts what there is not. */
bool flood_admits(struct flood *flood, uint64_t now_ns, unsigned int lines, const char *name);

/* When the sum of what was hidden is due; UINT64_MAX: nothing was. */
uint64_t flood_due(const struct flood *flood);

/* Writes "+ 3412 fin_close in the last second" for each kind that was hidden, and forgets it. */
void flood_tell(struct flood *flood, FILE *out);

#endif
