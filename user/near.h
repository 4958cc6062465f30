/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* near.h - which of some names a mistyped word was meant to be */
#ifndef CLOSETRACE_NEAR_H
#define CLOSETRACE_NEAR_H

#include <stddef.h>

struct near {
	const char *word;	/* as it was typed */
	const char *best;	/* the nearest name so far; NULL: none is near enough */
	size_t score;		/* of the best: less is nearer */
};

/* Compares one name, which must outlive @near. */
void near_try(struct near *near, const char *name);

#endif
