/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Compares what closetrace said with what a scenario expects.
 */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include <stdbool.h>
#include <stdio.h>
#include <json-c/json.h>

#include "skips.h"
#include "tracer.h"
#include "trial.h"

/*
 * All acts of the trial's network namespace, a line for each difference; how many there were. Acts
 * that a row of skips leaves out are not missed; *without (NULL when none) is the last such row.
 */
unsigned int judge_acts(const struct trial *trial, const struct tracer *tracer,
			struct skips *skips, const struct skips_row **without, FILE *out);
/* The end an act is told of (enum lab_end), or -1 when its ports are nobody's. */
int judge_end_of(const struct json_object *act, const struct lab_ends *ends);
/* Whether an act of this cause may be the one that a row wants. */
bool judge_is_cause(const struct scenario_act *want, const char *cause);
/* Whether a line of this type is about the trial. */
bool judge_is_of(const struct json_object *line, const char *type, const struct trial *trial);
/* The acts themselves, as printed. */
void judge_print(const struct trial *trial, const struct tracer *tracer, FILE *out);
/* The stream as a whole: its first and last line, its sums, the exit status. */
unsigned int judge_stream(const struct tracer *tracer, FILE *out);

#endif
