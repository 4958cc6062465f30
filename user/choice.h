/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* choice.h - a list of causes and classes, as --cause and --fail-on take it */
#ifndef CLOSETRACE_CHOICE_H
#define CLOSETRACE_CHOICE_H

#include <stdbool.h>

#include "act.h"
#include "cause.h"

typedef unsigned __int128 cause_set;	/* bit i: row i of causes.def */

/* Values are alternatives; what is excluded wins; only excluded ones leave all others. */
struct choice {
	cause_set wanted, excluded;
	bool wants_unexpected, excludes_unexpected;	/* the word "unexpected" */
	bool wants;					/* it does not only exclude some */
	bool used;					/* something was chosen */
};

/* Adds a cause, a class, or "unexpected"; -EINVAL: there is none of that name. */
int choice_add(struct choice *choice, const char *name, bool not);

/* The name that comes near to one that is unknown; NULL: none does. */
const char *choice_near(const char *name);

/* Whether the list wants all causes of a class, those too that only a younger version knows. */
bool choice_wants_class(const struct choice *choice, enum cause_class class);

/* Whether the list names this judged act; an unused one names every act. */
bool choice_takes(const struct choice *choice, const struct act *act);

#endif
