/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * complain.h - a line for each difference that a judge finds
 */
#ifndef VERIFY_COMPLAIN_H
#define VERIFY_COMPLAIN_H

#include <stdio.h>

struct complaints {
	const char *about;	/* at the beginning of each line */
	FILE *out;
	unsigned int count;
};

void complain(struct complaints *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
