/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* histogram.h - --histogram: acts over time */
#ifndef REPORT_HISTOGRAM_H
#define REPORT_HISTOGRAM_H

#include "sinks/sink.h"
#include "numbers.h"

#define HISTOGRAM_ROWS	40	/* as many lines as fit a screen, or fewer */

struct histogram {
	struct histogram_span *span;	/* by time, each one second or more; none is empty */
	size_t count, room;
};

struct histogram_span {
	uint64_t second;		/* since 1970 */
	struct numbers tally;
};

/* Counts an act that stands for so many of its second.  0 or -ENOMEM. */
int histogram_act(struct histogram *histogram, const struct act *act, uint64_t times);

/*
 * Writes it in the form of -o, in steps of so many seconds; 0: as fits forty lines.
 * Those without acts in between are there too, but not 100000 in a row.  0 or a negative errno.
 */
int histogram_print(const struct histogram *histogram, const struct sink_options *options,
		    const char *format, uint64_t step_s);

void histogram_free(struct histogram *histogram);

#endif
