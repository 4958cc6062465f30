// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"

struct value expect_value(const struct act *act, const char *key)
{
	struct value value = { .kind = VALUE_ABSENT };

	for (size_t i = 0; i < field_count; i++) {
		if (strcmp(fields[i].key, key))
			continue;
		fields[i].get(act, &value);
		/* The text goes where it outlives this function. */
		if (value.kind == VALUE_TEXT && value.text != value.room)
			snprintf(value.room, sizeof(value.room), "%s", value.text);
		return value;
	}
	cr_assert_fail("no key %s", key);
	return value;
}

void expect_text(const struct act *act, const char *key, const char *expected)
{
	struct value value = expect_value(act, key);

	cr_assert_eq(value.kind, VALUE_TEXT, "%s is of kind %d", key, value.kind);
	cr_expect_str_eq(value.room, expected, "%s is %s, not %s", key, value.room, expected);
}

void expect_integer(const struct act *act, const char *key, int64_t expected)
{
	struct value value = expect_value(act, key);

	cr_assert_eq(value.kind, VALUE_INTEGER, "%s is of kind %d", key, value.kind);
	cr_expect_eq(value.integer, expected, "%s is %lld", key, (long long)value.integer);
}

void expect_kind(const struct act *act, const char *key, enum value_kind kind)
{
	cr_expect_eq(expect_value(act, key).kind, kind, "%s is of kind %d, not %d", key,
		     expect_value(act, key).kind, kind);
}
