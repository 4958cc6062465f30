/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stacks that closetrace -k tells of a few scenarios: whole, and of the call that was made.
 */
#ifndef LIVE_STACKS_H
#define LIVE_STACKS_H

#include <stdio.h>

struct stacks_options {
	const char *closetrace;
	const char *tier;	/* NULL: any */
	unsigned int slow;
};

/* Runs them, a line for each difference; how many there were, or a negative errno. */
int stacks_judge(const struct stacks_options *options, FILE *out);

#endif
