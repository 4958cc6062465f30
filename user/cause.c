// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cause.c - classify: pure, from facts to the first row that matches */
#include <string.h>

#include "cause.h"

#define F(name) FACT(name)

const struct cause cause_rows[] = {
#define CAUSE(number, slug, class, required, forbidden, witness, summary, mend)                    \
	{ number, #slug, CLASS_##class, required, forbidden, witness, summary, mend },
#include "causes.def"
#undef CAUSE
};

const size_t cause_count = sizeof(cause_rows) / sizeof(cause_rows[0]);

static const char *const fact_names[FACT_BITS] = {
#define SEEN(bit, name, text) [bit] = #name,
#define DERIVED(bit, name, text) [bit] = #name,
#include "abi/facts.def"
#undef SEEN
#undef DERIVED
};

const struct cause *cause_match(const struct cause *rows, size_t count, fact_set facts)
{
	const struct cause *row = rows;

	for (size_t i = 0; i + 1 < count; i++, row++) {
		if ((facts & row->required) == row->required && !(facts & row->forbidden))
			return row;
	}
	return &rows[count - 1];
}

void cause_classify(struct act *act)
{
	act->cause = cause_match(cause_rows, cause_count, act->facts);
	act->exact = !act->cause->witness || (act->facts & act->cause->witness);
	if (act->cause->class == CLASS_UNKNOWN)
		act->exact = false;
}

bool cause_unexpected(const struct act *act)
{
	enum cause_class class = act->cause->class;

	return (class != CLASS_ORDERLY && class != CLASS_REFUSED && class != CLASS_REPLY) ||
	       act_loses_data(act);
}

const struct cause *cause_by_slug(const char *slug)
{
	for (size_t i = 0; i < cause_count; i++) {
		if (!strcmp(cause_rows[i].slug, slug))
			return &cause_rows[i];
	}
	return NULL;
}

const char *cause_class_name(enum cause_class class)
{
	static const char *const names[CAUSE_CLASSES] = {
		[CLASS_UNKNOWN] = "unknown",		[CLASS_ORDERLY] = "orderly",
		[CLASS_LOCAL_RESET] = "local_reset",	[CLASS_PEER_RESET] = "peer_reset",
		[CLASS_REFUSED] = "refused",		[CLASS_TIMEOUT] = "timeout",
		[CLASS_KILLED] = "killed",		[CLASS_REPLY] = "reply",
	};

	return names[class];
}

const char *cause_fact_name(unsigned int bit)
{
	return bit < FACT_BITS ? fact_names[bit] : NULL;
}
