/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spool.h - keeps what is printed while nobody may be waited for, as a pager is */
#ifndef REPORT_SPOOL_H
#define REPORT_SPOOL_H

#include <stdio.h>

/* All zero: nothing is kept. */
struct spool {
	FILE **place, *real, *memory;
	char *text;
	size_t size;
};

/* What is printed to *place, unless that is NULL, is kept from now on.  0 or -ENOMEM. */
int spool_begin(struct spool *spool, FILE **place);

/* Prints it, however long that takes.  0 or a negative errno. */
int spool_end(struct spool *spool);

void spool_free(struct spool *spool);

#endif
