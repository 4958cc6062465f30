/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cause.h - from facts to meaning: the table of user/causes.def and the one function that reads it
 */
#ifndef CLOSETRACE_CAUSE_H
#define CLOSETRACE_CAUSE_H

#include <stddef.h>

#include "act.h"

enum cause_class {
	CLASS_UNKNOWN,
	CLASS_ORDERLY,
	CLASS_LOCAL_RESET,
	CLASS_PEER_RESET,
	CLASS_REFUSED,
	CLASS_TIMEOUT,
	CLASS_KILLED,
	CLASS_REPLY,
	CAUSE_CLASSES,
};

struct cause {
	unsigned int number;		/* never reused */
	const char *slug;
	enum cause_class class;
	fact_set required;		/* all of these facts */
	fact_set forbidden;		/* none of these */
	fact_set witness;		/* any of these makes it exact; 0: always exact */
	const char *summary;
	const char *mend;
};

/* The rows in the order in which they are tried; the last matches everything. */
extern const struct cause cause_rows[];
extern const size_t cause_count;

/* The first row whose condition the facts meet; rows[count - 1] must match everything. */
const struct cause *cause_match(const struct cause *rows, size_t count, fact_set facts);

/* Judges an act whose facts are derived: sets cause and exact. */
void cause_classify(struct act *act);

/*
 * What is worth a look: every class but orderly, refused and reply; and whatever loses data.  Of a
 * judged act.
 */
bool cause_unexpected(const struct act *act);

/* Whether it is a row of the table: a record of a younger version may have others. */
static inline bool cause_is_row(const struct cause *cause)
{
	return cause >= cause_rows && cause < cause_rows + cause_count;
}

/* NULL when there is none of that name. */
const struct cause *cause_by_slug(const char *slug);

const char *cause_class_name(enum cause_class class);

/* The name of fact bit 0..127; NULL for a bit without a fact. */
const char *cause_fact_name(unsigned int bit);

#endif
