/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup.h - which topics speak of something, the likeliest first */
#ifndef CLOSETRACE_LOOKUP_H
#define CLOSETRACE_LOOKUP_H

#include "topic.h"

#define LOOKUP_HITS	96	/* at least as many as there are topics */
#define LOOKUP_FOUND	72

struct lookup_hit {
	const struct topic *topic;
	unsigned int rank;		/* where it stands; 0: the likeliest place */
	bool headline;			/* it stands in the name or the summary, too */
	char found[LOOKUP_FOUND];	/* the words around it, when it is in no headline */
};

/*
 * The topics in which all of it stands in one place; when there are none, those that have each of
 * its words somewhere.  Upper and lower case are the same.  Returns how many there are.
 */
size_t lookup_topics(const char *words, struct lookup_hit hits[LOOKUP_HITS]);

#endif
