// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>

#include "flood.h"

#define SECOND	1000000000ULL

static void hide(struct flood *flood, const char *name)
{
	for (unsigned int i = 0; i < flood->kinds; i++) {
		if (flood->kind[i].name == name) {
			flood->kind[i].hidden++;
			return;
		}
	}
	if (flood->kinds < FLOOD_KINDS) {
		flood->kind[flood->kinds++] = (struct flood_kind){ name, 1 };
		return;
	}
	flood->kind[FLOOD_KINDS - 1].name = "others";
	flood->kind[FLOOD_KINDS - 1].hidden++;
}

bool flood_admits(struct flood *flood, uint64_t now_ns, unsigned int lines, const char *name)
{
	/* What was hidden is told before another second begins. */
	if (now_ns - flood->since_ns >= SECOND && !flood->kinds) {
		flood->since_ns = now_ns;
		flood->lines = 0;
	}
	/* One act with a long stack is shown all the same. */
	if (flood->lines && flood->lines + lines > FLOOD_LINES) {
		hide(flood, name);
		return false;
	}
	flood->lines += lines;
	return true;
}

uint64_t flood_due(const struct flood *flood)
{
	return flood->kinds ? flood->since_ns + SECOND : UINT64_MAX;
}

static int most_first(const void *left, const void *right)
{
	const struct flood_kind *a = left, *b = right;

	return (a->hidden < b->hidden) - (a->hidden > b->hidden);
}

void flood_tell(struct flood *flood, FILE *out)
{
	qsort(flood->kind, flood->kinds, sizeof(flood->kind[0]), most_first);
	for (unsigned int i = 0; i < flood->kinds; i++)
		fprintf(out, "+ %" PRIu64 " %s in the last second\n", flood->kind[i].hidden,
			flood->kind[i].name);
	flood->kinds = 0;
}
