/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* gallery.h - acts that show all a sink can meet: families, comm of strangers, unknowns, halves */
#ifndef UNIT_GALLERY_H
#define UNIT_GALLERY_H

#include <stddef.h>

#include "act.h"
#include "run.h"
#include "stats.h"

#define GALLERY_MAX 32

/* Fills @acts with judged acts; returns how many. */
size_t gallery_acts(struct act acts[GALLERY_MAX]);

/* Gives each act frames, as with -k: some stacks, some that are partial, mostly none. */
void gallery_frames(struct act acts[GALLERY_MAX], size_t count);
/* Fills @notes with one of each kind; returns how many. */
size_t gallery_notes(struct act notes[NOTES]);

/* A run and an account with fixed values. */
void gallery_run(struct run *run);
void gallery_totals(const struct act *acts, size_t count, struct totals *totals);
/* Adds those of a run with --all. */
void gallery_note_totals(const struct act *notes, size_t count, struct totals *totals);
/* What --stats tells two seconds after the start. */
void gallery_stats(struct stats_line *line, struct usage *usage, const struct totals *totals);

#endif
