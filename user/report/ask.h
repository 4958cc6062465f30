/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ask.h - what is asked of a record in the place of its lines: counts, a histogram, a story
 *
 * A question is a sink at the end of the same pipeline, so that filters mean what they mean for
 * lines.
 */
#ifndef REPORT_ASK_H
#define REPORT_ASK_H

#include "../options.h"
#include "groups.h"
#include "histogram.h"
#include "story.h"

struct ask {
	const struct sink *sink;	/* NULL: lines are asked for */
	const struct options *options;
	struct groups groups;
	struct histogram histogram;
	struct story story;
};

void ask_open(struct ask *ask, const struct options *options);
/* Not what was asked, but of which ends an act is: the first is in ask->story. */
void ask_find(struct ask *ask, const struct options *options);
/* Nor told: all of the ends that are asked for, in ask->story. */
void ask_collect(struct ask *ask, const struct options *options);

void ask_close(struct ask *ask);

#endif
