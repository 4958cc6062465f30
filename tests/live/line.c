/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "line.h"

struct json_object *line_get(const struct json_object *line, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(line, key, &value);
	return value;
}

const char *line_text(const struct json_object *line, const char *key)
{
	struct json_object *value = line_get(line, key);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

int64_t line_number(const struct json_object *line, const char *key)
{
	struct json_object *value = line_get(line, key);

	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
}

bool line_says(const struct json_object *line, const char *key, const char *text)
{
	const char *value = line_text(line, key);

	return value && !strcmp(value, text);
}

bool line_is(const struct json_object *line, const char *type)
{
	return line_says(line, "type", type);
}
