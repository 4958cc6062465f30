// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "json_line.h"

#define NEW_KEY (JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY)

void json_line_add(struct json_object *line, const char *key, struct json_object *value)
{
	json_object_object_add_ex(line, key, value, NEW_KEY);
}

void json_line_text(struct json_object *line, const char *key, const char *text)
{
	json_line_add(line, key, text ? json_object_new_string(text) : NULL);
}

void json_line_count(struct json_object *line, const char *key, uint64_t count)
{
	json_line_add(line, key, json_object_new_int64((int64_t)count));
}

struct json_object *json_line_new(const char *type)
{
	struct json_object *line = json_object_new_object();

	json_line_text(line, "type", type);
	return line;
}

int json_line_write(FILE *out, struct json_object *line)
{
	const char *text = json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
								 JSON_C_TO_STRING_NOSLASHESCAPE);
	int rc = 0;

	if (!text)
		rc = -ENOMEM;
	else if (fputs(text, out) < 0 || putc('\n', out) < 0)
		rc = errno ? -errno : -EIO;
	json_object_put(line);
	return rc;
}
