/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"

#define TRIES 2			/* of a case */
#define MOST 8u			/* in a run; of some 800 cases one at most is usual */

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

static void tell_again(const struct fleet_case *one, const char *why)
{
	printf("    note: %s %s ran again, %.*s: %.*s\n", one->scenario->name,
	       trial_path_name(one->family, one->veth), (int)strcspn(why, "\n"), why, 200,
	       one->trial.story);
}

int again_run(struct fleet_case *cases, size_t count, unsigned int slow)
{
	unsigned int again = 0;
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		struct fleet_case *one = &cases[i];
		char *why = NULL;

		for (int tries = 0; !one->skipped && !rc && tries < TRIES; tries++) {
			why = off_script(&one->trial);
			if (!why || again++ >= MOST)
				break;
			tell_again(one, why);
			free(why);
			why = NULL;
			/* The old namespace stays open: its inode number must not come back. */
			rc = fleet_run(one, 1, 1, slow);
		}
		free(why);
	}
	return rc;
}
