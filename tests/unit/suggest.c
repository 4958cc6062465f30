// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* suggest.c - what is near enough to be meant, and what is not */
#include <criterion/criterion.h>
#include <stdarg.h>

#include "suggest.h"

/* The word that is suggested of those that follow; the list ends with NULL. */
__attribute__((sentinel))
static const char *best(const char *word, ...)
{
	struct suggest suggest = suggest_for(word);
	const char *candidate;
	va_list args;

	va_start(args, word);
	while ((candidate = va_arg(args, const char *)))
		suggest_offer(&suggest, candidate);
	va_end(args);
	return suggest_best(&suggest);
}

Test(suggest, distance)
{
	cr_expect_eq(suggest_distance("trace", "trace"), 0);
	cr_expect_eq(suggest_distance("trace", "TRACE"), 0);
	cr_expect_eq(suggest_distance("", "trace"), 5);
	cr_expect_eq(suggest_distance("trce", "trace"), 1);
	cr_expect_eq(suggest_distance("traace", "trace"), 1);
	cr_expect_eq(suggest_distance("trave", "trace"), 1);
	/* Neighbours that changed places are one mistake, not two. */
	cr_expect_eq(suggest_distance("tarce", "trace"), 1);
	cr_expect_eq(suggest_distance("rts", "rst"), 1);
	cr_expect_eq(suggest_distance("kitten", "sitting"), 3);
}

/* However long they are. */
Test(suggest, long_words)
{
	static const char word[] = "0123456789012345678901234567890123456789";

	cr_expect_eq(suggest_distance(word, word), 0);
	cr_expect_leq(suggest_distance(word, "x"), 32);
}

Test(suggest, near_misses)
{
	cr_expect_str_eq(best("chekc", "trace", "check", "explain", NULL), "check");
	cr_expect_str_eq(best("explian", "trace", "check", "explain", NULL), "explain");
	/* A beginning. */
	cr_expect_str_eq(best("unre", "linger0", "unread_data", NULL), "unread_data");
	cr_expect_str_eq(best("unread_dta", "linger0", "unread_data", NULL), "unread_data");
	/* The nearest, not the first. */
	cr_expect_str_eq(best("porrt", "pots", "port", NULL), "port");
}

Test(suggest, far_words)
{
	cr_expect_null(best("curl", "trace", "check", "explain", NULL));
	cr_expect_null(best("x", "y", "z", NULL));
	cr_expect_null(best("", "trace", NULL));
	cr_expect_null(best("tr", "trace", NULL), "two letters are no beginning");
	cr_expect_null(best("trace", NULL));
}
