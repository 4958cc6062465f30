/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* explain.h - the verb explain: what a cause or a note means, for people and for programs */
#ifndef CLOSETRACE_EXPLAIN_H
#define CLOSETRACE_EXPLAIN_H

#include <stdio.h>

#include "options.h"
#include "topic.h"

/* One of the forms of -o. */
struct explain_form {
	const char *name;
	void (*topic)(FILE *out, const struct topic *topic);	/* all there is to say */
	void (*head)(FILE *out, const char *class);	/* before the rows of a class; or NULL */
	/* A line of a list; @found is where a search met its words, or NULL. */
	void (*row)(FILE *out, const struct topic *topic, const char *found);
};

extern const struct explain_form explain_text, explain_md, explain_json;

/* NULL when there is none of that name. */
const struct explain_form *explain_form(const char *name);

/* Returns the exit status. */
int explain_run(const struct options *options);

#endif
