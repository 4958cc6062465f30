/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * topic.h - what there is to know about each cause and each note: user/topics/
 *
 * The rows of causes.def and notes.def say which topics there are, what they are called and what
 * they mean in one line; TOPIC(name, ...) in user/topics/CLASS.def says the rest.  A cause without
 * its TOPIC does not compile, nor does a TOPIC of no cause.
 */
#ifndef CLOSETRACE_TOPIC_H
#define CLOSETRACE_TOPIC_H

#include <stdbool.h>

#include "cause.h"

#define TOPIC_KERNELS	4

/* One way in which the kernel comes there, and where that holds. */
struct topic_kernel {
	const char *versions;
	const char *text;
};

struct topic_text {
	const char *meaning;		/* what happened, and how one comes there */
	struct topic_kernel kernel[TOPIC_KERNELS];	/* function and branch; ends with NULL */
	const char *reason;		/* the kernel's own, by its name in BTF; NULL: none */
	const char *here;		/* what the application on this side sees */
	const char *peer;		/* what the other side sees: packet, errno */
	const char *counters;		/* raised by it, as nstat names them; NULL: none */
	const char *counted;		/* more to say of counters; NULL: nothing */
	const char *lab;		/* scenarios of closelab, the plainest first; NULL: none */
	const char *mend;		/* of a note; a cause has it in causes.def */
	const char *c;			/* example in C, or … */
	const char *sh;			/* … in shell */
	const char *words;		/* what people type who look for it, comma-separated */
};

struct topic {
	const char *name;
	const struct cause *cause;	/* NULL: it is a note */
	const char *summary;
	const struct topic_text *text;
};

#define TOPIC_NOTE	"note"		/* in the place of a class */

/* The causes as in causes.def, then the notes as in notes.def. */
const struct topic *topic_at(size_t i);	/* NULL behind the last */
const struct topic *topic_by_name(const char *name);

/* What to look at or to change. */
const char *topic_mend(const struct topic *topic);

/* The cause's class, or TOPIC_NOTE. */
const char *topic_class(const struct topic *topic);

/* What a class, or TOPIC_NOTE, has in common; NULL: there is no such class. */
const char *topic_class_text(const char *class);

/* How netstat -s words a counter; NULL: it prints the name. */
const char *topic_netstat(const char *counter);

#define TOPIC_WORD	64

/* Takes the next word from a list that is separated by blanks; false: there is none. */
bool topic_word(const char **list, char word[TOPIC_WORD]);

#endif
