/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"

#define TRIES 2			/* of a case */

/* What the other witnesses saw, if it is not what the scenario says; to be freed, else NULL. */
static char *off_script(const struct trial *trial)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool differs;

	if (!out)
		abort();
	differs = trial_check(trial, out) > 0;
	fclose(out);
	if (differs)
		return text;
	free(text);
	return NULL;
}

static void tell_again(const struct fleet_case *one, const char *why, FILE *out)
{
	fprintf(out, "    note: %s %s ran again, %.*s: %.*s\n", one->scenario->name,
	       trial_path_name(one->family, one->veth), (int)strcspn(why, "\n"), why, 200,
	       one->trial.story);
}

/* Marks as skipped all but the first so many that are off their script; how many these are. */
static unsigned int choose(struct fleet_case *cases, size_t count, unsigned int most, FILE *out)
{
	unsigned int chosen = 0;

	for (size_t i = 0; i < count; i++) {
		struct fleet_case *one = &cases[i];
		char *why = one->skipped || chosen == most ? NULL : off_script(&one->trial);

		one->skipped = !why;
		if (!why)
			continue;
		if (out)
			tell_again(one, why, out);
		free(why);
		chosen++;
	}
	return chosen;
}

int again_run(struct fleet_case *cases, size_t count, const struct fleet_way *way,
	      unsigned int most, FILE *out)
{
	bool *skipped = calloc(count + 1, sizeof(*skipped));
	int rc = skipped ? 0 : -ENOMEM;

	for (int tries = 0; !rc && tries < TRIES; tries++) {
		unsigned int chosen;

		for (size_t i = 0; i < count; i++)
			skipped[i] = cases[i].skipped;
		chosen = choose(cases, count, most, out);
		most -= chosen;
		/* The old namespaces stay open: their inode numbers must not come back. */
		if (chosen)
			rc = fleet_run(cases, count, way);
		for (size_t i = 0; i < count; i++)
			cases[i].skipped = skipped[i];
	}
	free(skipped);
	return rc;
}
