/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_line.h - one JSON object on a line, its first key being the type */
#ifndef CLOSETRACE_JSON_LINE_H
#define CLOSETRACE_JSON_LINE_H

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>

struct json_object *json_line_new(const char *type);

/* Keys are string constants, each used once a line; a NULL text is null. */
void json_line_add(struct json_object *line, const char *key, struct json_object *value);
void json_line_text(struct json_object *line, const char *key, const char *text);
void json_line_count(struct json_object *line, const char *key, uint64_t count);

/* Writes the line and frees it.  0 or a negative errno. */
int json_line_write(FILE *out, struct json_object *line);

#endif
