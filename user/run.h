/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run.h - one start of closetrace: where it ran, and what it counted */
#ifndef CLOSETRACE_RUN_H
#define CLOSETRACE_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "act.h"
#include "wall.h"

#define CLOSETRACE_SCHEMA 1	/* of the JSON lines; raised when a key changes its meaning */

struct run {
	uint64_t id;
	struct utsname host;
	char boot_id[37];
	const char *tier;		/* "full" or "base" */
	const char *version;		/* of the closetrace that traced */
	uint64_t start_wall_ns;
	struct wall wall;
};

/*
 * What became of every act: seen = emitted + filtered + unowned + lost, where lost = lost_ring +
 * lost_pending + lost_table + suppressed + lost_store + undecodable.  Amending records are halves
 * of acts and counted apart.
 */
struct totals {
	uint64_t seen;
	uint64_t emitted;		/* handed to the sink */
	uint64_t filtered;		/* by the programs or by user space */
	uint64_t unowned;		/* -p: nothing is known about the owner */
	uint64_t lost_ring;		/* no room in the ring */
	uint64_t lost_pending;		/* no room to hold a sample */
	uint64_t lost_table;		/* --count-only: no room for their like */
	uint64_t suppressed;		/* of a storm whose share of the ring was used up */
	uint64_t lost_store;		/* the record could not be written */
	uint64_t lost_amend;		/* verdicts left provisional */
	uint64_t owner_full;		/* owners not remembered */
	uint64_t note_full;		/* facts not remembered */
	uint64_t children_full;		/* -f: processes that could not be followed */
	uint64_t missed;		/* runs that the kernel skipped: each may be an act */
	uint64_t stack_full;		/* stacks not taken for want of room in the ring */
	uint64_t unfinished;		/* resets that the kernel could not send */
	uint64_t held, held_lost;	/* with --held: closes that were not the last, no acts */
	uint64_t amended;
	uint64_t late;			/* shown after a younger one */
	uint64_t undecodable;		/* records that were rejected */
	uint64_t wire_fin, wire_rst_out, wire_rst_in, wire_none;	/* of the emitted */
	/* With --all: notes = lines + notes_filtered + notes_lost.  None of them is an act. */
	bool all;
	uint64_t notes;
	uint64_t notes_filtered;
	uint64_t notes_lost;		/* no room in the ring, or to make one */
	uint64_t note[NOTES];		/* the notes by enum note_kind */
	uint64_t ring_peak;		/* the most bytes that the ring ever held, or would have */
	uint64_t end_wall_ns;
	int status;			/* exit status to come */
};

/* What only grows; the others are all, ring_peak, end_wall_ns and status. */
#define TOTALS_GROWN(GROWN)                                                                        \
	GROWN(seen) GROWN(emitted) GROWN(filtered) GROWN(unowned) GROWN(lost_ring)                 \
	GROWN(lost_pending) GROWN(lost_table) GROWN(suppressed) GROWN(lost_store)                  \
	GROWN(lost_amend) GROWN(owner_full) GROWN(note_full) GROWN(children_full) GROWN(missed)    \
	GROWN(stack_full) GROWN(unfinished) GROWN(held) GROWN(held_lost) GROWN(amended)            \
	GROWN(late) GROWN(undecodable) GROWN(wire_fin) GROWN(wire_rst_out) GROWN(wire_rst_in)      \
	GROWN(wire_none) GROWN(notes) GROWN(notes_filtered) GROWN(notes_lost)

/* All that did not arrive. */
static inline uint64_t totals_lost(const struct totals *totals)
{
	return totals->lost_ring + totals->lost_pending + totals->lost_table +
	       totals->suppressed + totals->lost_store + totals->undecodable;
}

/* True when the account does not miss or guess anything. */
static inline bool totals_complete(const struct totals *totals)
{
	return !totals_lost(totals) && !totals->lost_amend && !totals->missed &&
	       !totals->children_full && !totals->held_lost;
}

/* Identity of this run; 0 or a negative errno. */
int run_init(struct run *run);

/* CLOCK_MONOTONIC now, ns. */
uint64_t run_now(void);

/* Adds so many acts like this one, which were handed to the sink. */
void totals_add(struct totals *totals, const struct act *act, uint64_t acts);

/* Leaves what was counted since these earlier totals of the same run. */
void totals_since(struct totals *totals, const struct totals *earlier);

#endif
