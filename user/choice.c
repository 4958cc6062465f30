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

/* The bit of a cause; of one that only a younger version knows, all of its class. */
static cause_set rows_of_cause(const struct cause *cause)
{
	if (cause_is_row(cause))
		return (cause_set)1 << (cause - cause_rows);
	return rows_of(cause_class_name(cause->class));
}

bool choice_wants_class(const struct choice *choice, enum cause_class class)
{
	cause_set rows = rows_of(cause_class_name(class));

	return rows && (choice->wanted & rows) == rows;
}

bool choice_takes(const struct choice *choice, const struct act *act)
{
	cause_set rows;
	bool surprise;

	if (!choice->used)
		return true;
	surprise = cause_unexpected(act);
	rows = rows_of_cause(act->cause);
	if ((choice->excluded & rows) == rows || (choice->excludes_unexpected && surprise))
		return false;
	return !choice->wants || (choice->wanted & rows) == rows ||
	       (choice->wants_unexpected && surprise);
}
