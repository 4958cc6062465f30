/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * suggest.h - what somebody may have meant who typed a word that there is not
 *
 *	struct suggest suggest = suggest_for(word);
 *	suggest_offer(&suggest, "trace");	once for each word that there is
 *	suggest_best(&suggest)
 */
#ifndef CLOSETRACE_SUGGEST_H
#define CLOSETRACE_SUGGEST_H

#include <stddef.h>

struct suggest {
	const char *word;
	const char *best;
	size_t cost;
};

struct suggest suggest_for(const char *word);
void suggest_offer(struct suggest *suggest, const char *candidate);

/* The nearest word that was offered; NULL when none is near enough to be meant. */
const char *suggest_best(const struct suggest *suggest);

/*
 * How many letters must be added, left out, exchanged or swapped with their neighbour to make one
 * word of the other, upper and lower case being the same: the distance of Damerau and Levenshtein
 * (optimal string alignment).  At most 32 letters of each are looked at.
 */
size_t suggest_distance(const char *a, const char *b);

#endif
