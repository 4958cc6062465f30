// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "cause.h"
#include "choice.h"
#include "suggest.h"

enum {
#define CAUSE(number, slug, ...) ROW_##slug,
#include "causes.def"
#undef CAUSE
	ROWS,
};

_Static_assert(ROWS <= 8 * sizeof(cause_set), "each row has a bit");

static const char unexpected[] = "unexpected";

/* The rows of that name or class. */
static cause_set rows_of(const char *name)
{
	cause_set rows = 0;

	for (size_t i = 0; i < cause_count; i++) {
		if (!strcmp(name, cause_rows[i].slug) ||
		    !strcmp(name, cause_class_name(cause_rows[i].class)))
			rows |= (cause_set)1 << i;
	}
	return rows;
}

int choice_add(struct choice *choice, const char *name, bool not)
{
	bool special = !strcmp(name, unexpected);
	cause_set rows = rows_of(name);

	if (!rows && !special)
		return -EINVAL;
	if (not) {
		choice->excluded |= rows;
		choice->excludes_unexpected |= special;
	} else {
		choice->wanted |= rows;
		choice->wants_unexpected |= special;
		choice->wants = true;
	}
	choice->used = true;
	return 0;
}

const char *choice_near(const char *name)
{
	struct suggest suggest = suggest_for(name);

	for (size_t i = 0; i < cause_count; i++)
		suggest_offer(&suggest, cause_rows[i].slug);
	for (enum cause_class class = 0; class < CAUSE_CLASSES; class++)
		suggest_offer(&suggest, cause_class_name(class));
	suggest_offer(&suggest, unexpected);
	return suggest_best(&suggest);
}

bool choice_takes(const struct choice *choice, const struct act *act)
{
	cause_set row = (cause_set)1 << (act->cause - cause_rows);
	bool surprise;

	if (!choice->used)
		return true;
	surprise = cause_unexpected(act);
	if (choice->excluded & row || (choice->excludes_unexpected && surprise))
		return false;
	return !choice->wants || choice->wanted & row || (choice->wants_unexpected && surprise);
}
