/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

static void print_array(const struct json_object *array, FILE *out)
{
	size_t count = json_object_array_length(array);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? ", " : "",
			json_object_get_string(json_object_array_get_idx(array, i)));
	if (!count)
		fputs("nothing", out);
}

static void print_counters(struct json_object *counters, FILE *out)
{
	const char *separator = "";

	json_object_object_foreach(counters, name, value) {
		fprintf(out, "%s%s %" PRId64, separator, name, json_object_get_int64(value));
		separator = ", ";
	}
	if (!*separator)
		fputs("nothing", out);
}

char *line_words(const struct json_object *line, const char *key)
{
	struct json_object *value = line_get(line, key);
	char *words = NULL;
	size_t size;
	FILE *out = open_memstream(&words, &size);

	if (!out)
		abort();
	if (json_object_is_type(value, json_type_array))
		print_array(value, out);
	else if (json_object_is_type(value, json_type_object))
		print_counters(value, out);
	else
		fputs(value ? json_object_get_string(value) : "-", out);
	fclose(out);
	return words;
}
