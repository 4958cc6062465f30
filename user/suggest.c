// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "suggest.h"

#define LETTERS	32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t rows = strnlen(a, LETTERS), columns = strnlen(b, LETTERS);
	size_t cost[LETTERS + 1][LETTERS + 1];

	for (size_t i = 0; i <= rows; i++)
		cost[i][0] = i;
	for (size_t j = 0; j <= columns; j++)
		cost[0][j] = j;
	for (size_t i = 1; i <= rows; i++) {
		for (size_t j = 1; j <= columns; j++) {
			size_t here = cost[i - 1][j - 1] + !same(a[i - 1], b[j - 1]);

			here = least(here, least(cost[i - 1][j], cost[i][j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				here = least(here, cost[i - 2][j - 2] + 1);
			cost[i][j] = here;
		}
	}
	return cost[rows][columns];
}

struct suggest suggest_for(const char *word)
{
	return (struct suggest){ .word = word, .cost = SIZE_MAX };
}

/* A beginning of three letters or more costs nothing; else one and every fourth may be wrong. */
static size_t cost_of(const char *word, const char *candidate)
{
	size_t length = strlen(word), cost;

	if (length > 2 && !strncasecmp(word, candidate, length))
		return 0;
	cost = suggest_distance(word, candidate);
	return cost <= 1 + length / 4 && cost < length ? cost : SIZE_MAX;
}

void suggest_offer(struct suggest *suggest, const char *candidate)
{
	size_t cost = cost_of(suggest->word, candidate);

	/* Of two that begin alike the one that leaves less unsaid. */
	if (cost < suggest->cost || (cost == suggest->cost && suggest->best &&
				     strlen(candidate) < strlen(suggest->best))) {
		suggest->cost = cost;
		suggest->best = candidate;
	}
}

const char *suggest_best(const struct suggest *suggest)
{
	return suggest->best;
}
