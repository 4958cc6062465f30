/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parse.h - command lines for tests; static, because accept() is a system call's name as well */
#ifndef UNIT_PARSE_H
#define UNIT_PARSE_H

#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "options.h"

#define WORDS		8

/* Parses copies: lists are cut up where they stand.  The copies live as long as the test. */
static int parse_words(struct options *options, const char *first, va_list rest)
{
	char *argv[WORDS + 2] = { strdup("closetrace") };
	int argc = 1;

	for (const char *word = first; word; word = va_arg(rest, const char *)) {
		cr_assert(argc < WORDS);
		argv[argc++] = strdup(word);
	}
	return options_parse(options, argc, argv);
}

/* The words must be accepted. */
__attribute__((sentinel, unused))
static struct options accept(const char *first, ...)
{
	struct options options;
	va_list rest;

	va_start(rest, first);
	cr_expect_eq(parse_words(&options, first, rest), 0, "%s ...: %s", first, options.error);
	va_end(rest);
	cr_expect_str_eq(options.error, "");
	return options;
}

/* The words must be refused, in one line that holds @part. */
__attribute__((sentinel, unused))
static void refuse(const char *part, const char *first, ...)
{
	struct options options;
	va_list rest;

	va_start(rest, first);
	cr_expect_eq(parse_words(&options, first, rest), -EINVAL, "%s ...", first);
	va_end(rest);
	cr_expect(strstr(options.error, part), "'%s' lacks '%s'", options.error, part);
	cr_expect(!strchr(options.error, '\n'), "one line: %s", options.error);
	cr_expect(strlen(options.error) < sizeof(options.error) - 1, "it is cut");
}

#endif
