/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* field.h - the keys of an act and how to get their values: user/fields.def */
#ifndef CLOSETRACE_FIELD_H
#define CLOSETRACE_FIELD_H

#include <stddef.h>

#include "act.h"

enum value_kind {
	VALUE_ABSENT,
	VALUE_NULL,
	VALUE_TEXT,
	VALUE_INTEGER,
	VALUE_BOOLEAN,
	VALUE_FRAMES,
};

struct frames;

#define FIELD_ROOM 1536	/* the longest text: all facts of an unknown act */

struct value {
	enum value_kind kind;
	int64_t integer;
	bool boolean;
	const char *text;	/* valid UTF-8, inert; into room or static */
	const struct frames *frames;	/* known ones */
	char room[FIELD_ROOM];
};

struct field {
	const char *key;
	const char *name;	/* ,"key": as JSON has it */
	size_t name_size;
	enum value_kind kind;	/* neither VALUE_ABSENT nor VALUE_NULL */
	const char *text;	/* one line of documentation */
	void (*get)(const struct act *act, struct value *value);
};

extern const struct field fields[];
extern const size_t field_count;

/* The row of a key that there is. */
const struct field *field_by_key(const char *key);

/* What a line of type count says as an act does; ends with NULL. */
extern const char *const field_of_count[];

/* Whether a line of type held has the key: those of a process and its connection. */
bool field_of_held(const struct field *field);

/* Names of the interface, shared with the text sink. */
const char *field_wire(const struct act *act);
const char *field_dir(const struct act *act);
/* All facts of an act, space-separated, into a buffer; truncates at a whole name. */
void field_facts(const struct act *act, char *buffer, size_t size);

#endif
