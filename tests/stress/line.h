/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values of a JSON line.
 */
#ifndef STRESS_LINE_H
#define STRESS_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <json-c/json.h>

/* NULL both when the key is absent and when it is null. */
static inline struct json_object *line_get(const struct json_object *line, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(line, key, &value);
	return value;
}

static inline const char *line_text(const struct json_object *line, const char *key)
{
	struct json_object *value = line_get(line, key);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* -1 when there is none. */
static inline int64_t line_number(const struct json_object *line, const char *key)
{
	struct json_object *value = line_get(line, key);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
}

static inline bool line_is(const struct json_object *line, const char *key, const char *want)
{
	const char *value = line_text(line, key);

	return value && !strcmp(value, want);
}

#endif
