// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is written as it comes is what the library reads. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"

/* An object with one text and one number, as it is read again. */
static struct json_object *written(const char *text, int64_t integer)
{
	struct json_object *object;
	struct json_text line;
	size_t size;
	char *room;
	FILE *out = open_memstream(&room, &size);

	json_text_begin(&line, out, "act");
	json_text_key(&line, "text");
	json_text_string(&line, text);
	json_text_name(&line, ",\"number\":", 10);
	json_text_integer(&line, integer);
	cr_assert_eq(json_text_end(&line), 0);
	fclose(out);
	cr_expect(size && room[size - 1] == '\n', "a line");
	object = json_tokener_parse(room);
	free(room);
	cr_assert(object, "is no JSON");
	return object;
}

static void expect(const char *text, int64_t integer)
{
	struct json_object *object = written(text, integer);

	cr_expect_str_eq(json_object_get_string(json_object_object_get(object, "text")), text);
	cr_expect_eq(json_object_get_int64(json_object_object_get(object, "number")), integer);
	json_object_put(object);
}

Test(json_text, all_bytes)
{
	char text[256];

	for (int c = 1; c < 128; c++)
		text[c - 1] = (char)c;
	text[127] = '\0';
	expect(text, INT64_MIN);
	expect("", INT64_MAX);
	expect("\xc3\xa9\xe2\x82\xac", 0);
}

/* However its pieces fall, and with an escape at each place. */
Test(json_text, long_texts)
{
	char text[10000];

	for (size_t size = 200; size < sizeof(text); size += size < 800 ? 1 : 497) {
		memset(text, 'x', size);
		text[size] = '\0';
		expect(text, -1);
		text[size - 1] = text[size / 2] = '"';
		expect(text, -1);
	}
}
