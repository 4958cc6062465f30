// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "near.h"

#define LONGEST	48	/* of names and words that are compared */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Letters to insert, delete, replace or swap with the next (optimal string alignment): three rows
 * of the matrix are enough.
 */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *now = rows[2];
	size_t width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		last[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *old = before;

		now[0] = i;
		for (size_t j = 1; j <= width; j++) {
			now[j] = least(least(now[j - 1], last[j]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = old;
	}
	return last[width];
}

void near_try(struct near *near, const char *name)
{
	size_t typed = strlen(near->word), length = strlen(name), steps, score;

	if (typed > LONGEST || length > LONGEST)
		return;
	/* The beginning of a name is no worse than one slip. */
	if (typed >= 3 && typed < length && !strncmp(near->word, name, typed))
		steps = 1;
	else
		steps = distance(near->word, name);
	/* A quarter of the letters may be wrong. */
	if (steps > 1 + length / 4 || steps >= length)
		return;
	/* Of two as near as each other the one of the same length. */
	score = steps * (LONGEST + 1) + (typed < length ? length - typed : typed - length);
	if (near->best && score >= near->score)
		return;
	near->best = name;
	near->score = score;
}
