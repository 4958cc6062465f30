// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_report.c - what is asked of a record, and questions that nobody could answer */
#include "parse.h"

Test(option_report, questions)
{
	struct options options = accept("report", "x", "--by", "cause,raddr", "--top", "5", NULL);

	cr_expect_str_eq(options.report.by, "cause,raddr");
	cr_expect_eq(options.report.top, 5);
	cr_expect_not(options_tell(&options));
	options = accept("report", "--histogram=5m", NULL);
	cr_expect(options.report.histogram && options.report.step_s == 300);
	cr_expect_null(options.topic, "the newest");
	options = accept("report", "-F", "--since", "now", "--anonymize", NULL);
	cr_expect(options.report.follow && options.report.anonymize && options.report.since_ns);
	options = accept("report", "x", "-k", "--held", NULL);
	cr_expect(options.stacks && options.held);
}

/* A story is text; in other forms, or counted, a connection is a filter. */
Test(option_report, stories)
{
	struct options options = accept("report", "--socket", "2a", NULL);

	cr_expect(options_tell(&options) && options.report.which.socket == 0x2a);
	options = accept("report", "--socket", "[::1]:1-[::1]:2", "-j", NULL);
	cr_expect(!options_tell(&options) && options.report.which.ends);
	options = accept("report", "--socket", "2a", "--top", "1", NULL);
	cr_expect_not(options_tell(&options));
}

/* What has seconds lasts as long as its last digit says. */
Test(option_report, times)
{
	struct options options = accept("report", "--since", "2026-11-23T12:00:01Z", "--until",
					"2026-11-23T12:00:01.5Z", NULL);

	cr_expect_eq(options.report.since_ns, 1795435201000000000ULL);
	cr_expect_eq(options.report.until_ns, 1795435201599999999ULL);
	options = accept("report", "--until", "1970-01-01T00:00Z", NULL);
	cr_expect(options.report.until_ns, "a bound, though nothing was before it");
}

Test(option_report, refused)
{
	refuse("not a time", "report", "--since", "soon", NULL);
	refuse("not a time", "report", "--until", "", NULL);
	refuse("nothing lies between", "report", "--since", "now", "--until", "-1h", NULL);
	refuse("two ends", "report", "--socket", "10.0.0.1", NULL);
	refuse("from 1", "report", "--top", "x", NULL);
	refuse("whole seconds", "report", "--histogram=1500ms", NULL);
	refuse("two questions", "report", "--top", "1", "--histogram", NULL);
	refuse("counts by itself", "report", "--summary", "--histogram", NULL);
	refuse("text, json or csv", "report", "--top", "1", "-o", "folded", NULL);
	refuse("follows lines", "report", "-F", "--socket", "2a", NULL);
	refuse("closetrace report -F", "trace", "-F", NULL);
	refuse("does not take --follow", "report", "-f", "-p", "1", NULL);
}
