/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sums.h - the account of a record: what was counted when it was made, and what became of it now */
#ifndef REPORT_SUMS_H
#define REPORT_SUMS_H

#include "run.h"

/* What a run counted that is still true of its record: members of struct totals. */
#define SUMS(SUM)                                                                                  \
	SUM(filtered) SUM(unowned) SUM(lost_ring) SUM(lost_pending) SUM(suppressed)                \
	SUM(lost_amend) SUM(lost_store) SUM(missed) SUM(undecodable) SUM(owner_full)               \
	SUM(note_full) SUM(children_full) SUM(held) SUM(held_lost) SUM(unfinished)                 \
	SUM(stack_full) SUM(notes_filtered) SUM(notes_lost)

/* Adds them, with what else has come to an end. */
void sums_add(struct totals *sum, const struct totals *run);

/*
 * Each act is counted in exactly one, and each note; a run that did not tell its end has that of
 * its last act.
 */
void sums_close(struct totals *totals, const struct run *run, uint64_t last_ns);

#endif
