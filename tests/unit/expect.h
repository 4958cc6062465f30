/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* expect.h - what the keys of an act must be */
#ifndef CLOSETRACE_TEST_EXPECT_H
#define CLOSETRACE_TEST_EXPECT_H

#include "field.h"

/* The value of a key; its text, if any, stands in its room. */
struct value expect_value(const struct act *act, const char *key);

void expect_text(const struct act *act, const char *key, const char *expected);
void expect_integer(const struct act *act, const char *key, int64_t expected);
void expect_kind(const struct act *act, const char *key, enum value_kind kind);

#endif
