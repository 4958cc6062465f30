/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stamp.h - the time in front of a line of text: one style for each number of -t, as tcpdump has */
#ifndef CLOSETRACE_STAMP_H
#define CLOSETRACE_STAMP_H

#include <stdint.h>

#include "words.h"

enum stamp {
	STAMP_CLOCK,	/* local time of day, ms */
	STAMP_NONE,	/* -t */
	STAMP_EPOCH,	/* -tt: seconds since 1970, us */
	STAMP_DELTA,	/* -ttt: since the line before, us */
	STAMP_DATE,	/* -tttt: local date and time, us */
	STAMP_ELAPSED,	/* -ttttt: since the start, us */
	STAMPS,
};

/* Columns that a style takes; 0: there is no such column. */
int stamp_columns(enum stamp stamp);

/* @since_ns: passed since the line before or since the start; the clock's styles ignore it. */
void stamp_text(enum stamp stamp, uint64_t wall_ns, int64_t since_ns, char out[WORDS_TIME]);

#endif
