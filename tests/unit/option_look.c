// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_look.c - the options about causes, and those about how lines look */
#include <criterion/criterion.h>

#include "parse.h"

#define SECOND		1000000000ULL

Test(options, causes)
{
	struct options options = accept("--cause=linger0,!orderly", "--fail-on", "unread_data",
					"--unexpected", NULL);

	cr_expect(options.cause.used && options.fail_on.used && options.unexpected);
	cr_expect(options.cause.wanted && options.cause.excluded);
	options = accept("--cause", "unexpected", "--cause=!timeout", NULL);
	cr_expect(options.cause.wants_unexpected && !options.unexpected);
	cr_expect(options.cause.excluded && !options.fail_on.used);
	refuse("is it unread_data?", "--cause", "unread_dta", NULL);
	refuse("is it !orderly?", "--cause=!ordrely", NULL);
	refuse("is it linger0?", "--fail-on", "fin_close,linger", NULL);
	refuse("closetrace explain", "--cause", "xyzzy", NULL);
	refuse("no cause or class ''", "--cause", "", NULL);
	refuse("no cause or class ''", "--fail-on", "linger0,", NULL);
	refuse("--unexpected=x", "--unexpected=x", NULL);
	refuse("--cause", "--cause", NULL);
	refuse("--fail-on", "--fail-on", NULL);
}

Test(options, looks)
{
	struct options options = accept("-Ntt", "--color=never", "--summary=10", NULL);

	cr_expect(options.services && options.stamp == STAMP_EPOCH);
	cr_expect(options.color == COLOR_NEVER && options.summary);
	cr_expect_eq(options.summary_ns, 10 * SECOND);
	cr_expect(!options.format_given);
	options = accept("-Nn", "-t", "-tttt", "--color", "--summary", "-o", "text", NULL);
	cr_expect(!options.services && options.stamp == STAMP_ELAPSED);
	cr_expect(options.color == COLOR_ALWAYS && options.summary && !options.summary_ns);
	cr_expect(options.format_given);
	cr_expect_eq(accept("--color=auto", NULL).color, COLOR_AUTO);
	cr_expect_eq(accept("--color=always", NULL).color, COLOR_ALWAYS);
	cr_expect_eq(accept("-t", NULL).stamp, STAMP_NONE);
	cr_expect_eq(accept("-ttt", NULL).stamp, STAMP_DELTA);
	cr_expect_eq(accept("--summary=5m", NULL).summary_ns, 300 * SECOND);
	refuse("five times", "-tttttt", NULL);
	refuse("auto, always or never", "--color=red", NULL);
	refuse("auto, always or never", "--color=", NULL);
	refuse("time between two", "--summary=soon", NULL);
	refuse("time between two", "--summary=0", NULL);
	refuse("time between two", "--summary=", NULL);
}
