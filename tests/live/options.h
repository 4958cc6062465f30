/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line of live.
 */
#ifndef LIVE_OPTIONS_H
#define LIVE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "verify/cases.h"

struct options {
	const char *closetrace;	/* NULL: the other witnesses only */
	const char *tier;	/* NULL: closetrace's own choice */
	struct cases_choice choice;
	const char *keep;
	char label[64];		/* of the kernel; by default its release as in 6.1 */
	unsigned int slow;	/* multiplies all waits */
	unsigned int jobs;
	unsigned int mix;	/* so many endings at once in place of the cases; 0: no */
	unsigned int procs;	/* by so many processes */
	unsigned int seed;
	bool stacks;		/* those of -k, even with only */
};

/* 0, or -EINVAL. */
int options_parse(struct options *options, int argc, char **argv);
void options_usage(FILE *out);

#endif
