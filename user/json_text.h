/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_text.h - a JSON object written as it comes, for the lines of which there are very many
 *
 * Objects of the library cost an allocation a key, three quarters of all the time of a busy trace.
 */
#ifndef CLOSETRACE_JSON_TEXT_H
#define CLOSETRACE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_text {
	FILE *out;
	bool failed;
	size_t used;
	char room[4096];	/* to be written when it is full, and at the end */
};

/* Begins an object with its type. */
void json_text_begin(struct json_text *line, FILE *out, const char *type);
/* The next value is of this key, which needs no escapes. */
void json_text_key(struct json_text *line, const char *key);
/* The same of one that is known at build time: ,"key": and its size, less than the room. */
void json_text_name(struct json_text *line, const char *name, size_t size);
/* Values; text is UTF-8, NULL is null. */
void json_text_string(struct json_text *line, const char *text);
void json_text_integer(struct json_text *line, int64_t integer);
void json_text_boolean(struct json_text *line, bool boolean);
/* A list: begin, the values with next between two of them, end. */
void json_text_list_begin(struct json_text *line);
void json_text_list_next(struct json_text *line);
void json_text_list_end(struct json_text *line);
/* Ends the object and the line.  0 or a negative errno. */
int json_text_end(struct json_text *line);

#endif
