/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A second closetrace, with --all and --held, looks on beside the first: its acts must be the same,
 * and its notes are what the scenarios and the kernel's counters say.
 */
#ifndef VERIFY_NOTES_H
#define VERIFY_NOTES_H

#include <stdio.h>

#include "fleet.h"
#include "skips.h"
#include "tracer.h"
#include "trial.h"

/* Has the modules loaded that closetrace must find when it starts. */
void notes_prepare(unsigned int slow);

/*
 * Lets the namespaces of the cases that are about that go, before the tracer stops, and waits until
 * it has told of it.
 */
void notes_let_go(struct fleet_case *cases, size_t count, const struct tracer *tracer,
		  unsigned int slow);

/* The trial's notes, a line for each difference; how many there were. Skips as for acts. */
unsigned int notes_judge(const struct trial *trial, const struct tracer *tracer,
			 struct skips *skips, const struct skips_row **without, FILE *out);
/* The notes themselves, as printed. */
void notes_print(const struct trial *trial, const struct tracer *tracer, FILE *out);
/* The sums of the last line, and whether each kind of note is demanded by a scenario. */
unsigned int notes_judge_stream(const struct tracer *tracer, FILE *out);

#endif
