/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verb.h - the table of verbs, and what --help says of each */
#ifndef CLOSETRACE_VERB_H
#define CLOSETRACE_VERB_H

#include <stddef.h>

#include "options.h"

struct verb_info {
	const char *name;
	enum verb verb;
	const char *use;	/* words behind the program's name */
	const char *summary;	/* one line of --help */
	const char *help;	/* of closetrace VERB --help */
	const char *operand;	/* the word that may follow; NULL: none */
};

extern const struct verb_info verb_table[];
extern const size_t verb_count;

/* NULL when there is none of that name. */
const struct verb_info *verb_by_name(const char *name);

const struct verb_info *verb_info(enum verb verb);

/* Says in options->error what may have been meant by a first word that is no verb; EINVAL. */
int verb_unknown(struct options *options, const char *word);

#endif
