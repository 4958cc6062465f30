/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* numbers.h - how many acts, and what was on the wire: the columns of --summary and --by */
#ifndef CLOSETRACE_NUMBERS_H
#define CLOSETRACE_NUMBERS_H

#include <stdint.h>
#include <stdio.h>

#include "act.h"

enum number { ACTS, FIN, RST_OUT, RST_IN, SILENT, LOSSY, NUMBERS };

struct numbers {
	uint64_t number[NUMBERS];
};

/* The keys in JSON and CSV. */
extern const char *const numbers_keys[NUMBERS];

/* An act that stands for so many. */
void numbers_act(struct numbers *tally, const struct act *act, uint64_t times);
void numbers_add(struct numbers *tally, const struct numbers *other);

/* Six columns of eight, none of them with a newline. */
void numbers_head(FILE *out);
void numbers_print(FILE *out, const struct numbers *tally);

#endif
