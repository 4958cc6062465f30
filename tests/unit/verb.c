// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* verb.c - words that are no verb, no option, no format: each is named, and what may be meant */
#include <criterion/criterion.h>

#include "options.h"
#include "parse.h"

Test(options, words_that_are_no_verb)
{
	refuse("to trace a command: closetrace -- curl …", "curl", NULL);
	refuse("to trace a command: closetrace -- curl …", "curl", "-s", NULL);
	refuse("did you mean trace?", "-j", "tracee", NULL);
	refuse("did you mean explain?", "exlpain", NULL);
	refuse("closetrace explain unread_data", "unread_data", NULL);
	refuse("closetrace explain fin_received", "fin_received", NULL);
	refuse("closetrace -p 4242", "4242", NULL);
}

Test(options, explain)
{
	cr_expect_null(accept("explain", NULL).topic);
	cr_expect_str_eq(accept("explain", "unread_data", NULL).topic, "unread_data");
	cr_expect_str_eq(accept("explain", "--search", "a b", NULL).search, "a b");
	cr_expect_str_eq(accept("-o", "md", "explain", NULL).format, "md");
	cr_expect_str_eq(accept("explain", "-j", NULL).format, "json");
	refuse("text, md, json", "explain", "-o", "folded", NULL);
	refuse("text, json", "check", "-o", "md", NULL);
	refuse("not 'md'", "-o", "md", NULL);
	refuse("closetrace explain --search 'x'", "--search", "x", NULL);
	refuse("not both", "explain", "linger0", "--search", "x", NULL);
}

/* What argp takes for an error is found again, and named. */
Test(options, options_that_are_none)
{
	refuse("unknown option '--nonsense'; see", "--nonsense", NULL);
	refuse("unknown option '--rts'; did you mean --rst?", "--rts", NULL);
	refuse("unknown option '--porrt=1'; did you mean --port?", "-j", "--porrt=1", NULL);
	refuse("unknown option '-rst'; did you mean --rst?", "-rst", NULL);
	refuse("unknown option '-x'", "-jx", NULL);
	refuse("unknown option '-Z'", "-Z", NULL);
	refuse("option '-p' lacks its value: PID", "-p", NULL);
	refuse("option '-p' lacks its value: PID", "-jp", NULL);
	refuse("option '--pid' lacks its value: PID", "-j", "--pid", NULL);
	refuse("option '--all' takes no value", "--all=1", NULL);
	refuse("may be one of", "--co", "x", NULL);
	/* A value is none of them, whatever it looks like. */
	refuse("unknown option '--nonsense'", "--comm", "--rts", "--nonsense", NULL);
	refuse("unknown option '--nonsense'", "-P", "1", "--btf", "-Z", "--nonsense", NULL);
}
