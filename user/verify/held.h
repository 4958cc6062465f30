/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What closetrace --held tells: the closes that were not the last, and their ties to the ends.
 */
#ifndef VERIFY_HELD_H
#define VERIFY_HELD_H

#include <stdio.h>

#include "tracer.h"
#include "trial.h"

/* Whatever the scenario does not name must not be told; a line for each difference; how many. */
unsigned int held_judge(const struct trial *trial, const struct tracer *tracer, FILE *out);
/* The lines themselves, as printed. */
void held_print(const struct trial *trial, const struct tracer *tracer, FILE *out);
/* The sums of the last line. */
unsigned int held_judge_stream(const struct tracer *tracer, FILE *out);

#endif
