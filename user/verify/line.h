/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The keys of one JSON line.
 */
#ifndef VERIFY_LINE_H
#define VERIFY_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <json-c/json.h>

/* NULL both when the key is absent and when it is null. */
struct json_object *line_get(const struct json_object *line, const char *key);
/* NULL when it is no text, -1 when it is no number. */
const char *line_text(const struct json_object *line, const char *key);
int64_t line_number(const struct json_object *line, const char *key);
/* Whether the key has this text. */
bool line_says(const struct json_object *line, const char *key, const char *text);
/* Whether the line is of this type. */
bool line_is(const struct json_object *line, const char *type);

/*
 * The value of a key as words: lists joined by ", ", counters as "OutRsts 1, …"; "nothing" for
 * what is empty, "-" for null. To be freed.
 */
char *line_words(const struct json_object *line, const char *key);

#endif
