// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* when.c - --since and --until: what people write, what closetrace prints, what is no time */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "report/when.h"
#include "stamp.h"

#define SECOND	1000000000ULL
#define DAY	(86400 * SECOND)
#define MIDNIGHT (1795392000 * SECOND)	/* 2026-11-23T00:00:00Z */
#define NOW	(MIDNIGHT + 43201 * SECOND + 118000000)

static void use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

TestSuite(when, .init = use_utc);

static void check(const char *text, uint64_t first, uint64_t last)
{
	struct when when = { 0 };

	cr_expect_eq(when_parse(text, NOW, &when), 0, "%s", text);
	cr_expect_eq(when.first_ns, first, "%s begins %lld ns later", text,
		     (long long)(when.first_ns - first));
	cr_expect_eq(when.last_ns, last, "%s ends %lld ns later", text,
		     (long long)(when.last_ns - last));
}

static void check_moment(const char *text, uint64_t at)
{
	check(text, at, at);
}

Test(when, before_now)
{
	check_moment("now", NOW);
	check_moment("-15min", NOW - 900 * SECOND);
	check_moment("-2h", NOW - 7200 * SECOND);
	check_moment("-30", NOW - 30 * SECOND);
	check_moment("-250ms", NOW - SECOND / 4);
	check_moment("-100000d", 0);
}

Test(when, days_and_clocks)
{
	check_moment("today", MIDNIGHT);
	check_moment("yesterday", MIDNIGHT - DAY);
	check_moment("yesterday 06:30", MIDNIGHT - DAY + 23400 * SECOND);
	check_moment("12:00", MIDNIGHT + DAY / 2);
	check_moment("2026-11-21", MIDNIGHT - 2 * DAY);
	check_moment("2026-11-21 12:00", MIDNIGHT - 2 * DAY + DAY / 2);
	check_moment("2024-02-29", 1709164800 * SECOND);
}

/* What has seconds lasts as long as its last digit says. */
Test(when, seconds_last)
{
	uint64_t noon = MIDNIGHT + DAY / 2;

	check("12:00:01", noon + SECOND, noon + 2 * SECOND - 1);
	check("12:00:01.5", noon + SECOND + SECOND / 2, noon + SECOND + SECOND / 2 + 99999999);
	check("12:00:01,118", noon + SECOND + 118000000, noon + SECOND + 118999999);
	check("2026-11-23T12:00:01.000000007Z", noon + SECOND + 7, noon + SECOND + 7);
	check("2026-11-23T12:00:01.0000000079Z", noon + SECOND + 7, noon + SECOND + 7);
	check("1795392000", MIDNIGHT, MIDNIGHT + SECOND - 1);
	check("1795392000.25", MIDNIGHT + SECOND / 4, MIDNIGHT + SECOND / 4 + 9999999);
}

Test(when, zones)
{
	check_moment("2026-11-23T00:00Z", MIDNIGHT);
	check_moment("2026-11-23T01:00+01:00", MIDNIGHT);
	check_moment("2026-11-22T18:30-0530", MIDNIGHT);
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	check_moment("2026-11-23", MIDNIGHT - 3600 * SECOND);
	check_moment("2026-07-01 02:00", 1782864000 * SECOND);
	check_moment("2026-11-23T00:00Z", MIDNIGHT);
}

/* The local hour that comes twice, whatever was asked before; and the one that never comes. */
Test(when, put_clocks)
{
	const uint64_t hour = 3600 * SECOND;
	const uint64_t back = 1792890000 * SECOND, forward = 1774746000 * SECOND;

	setenv("TZ", "Europe/Berlin", 1);
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK))
		setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (int i = 0; i < 2; i++) {
		check_moment(i ? "2026-01-01" : "2026-07-01",
			     i ? 1767222000 * SECOND : 1782856800 * SECOND);
		check("2026-10-25 02:30", back - hour / 2, back + hour / 2);
		check("2026-10-25 02:30:05", back - hour / 2 + 5 * SECOND,
		      back + hour / 2 + 6 * SECOND - 1);
	}
	check_moment("2026-10-25 01:59", back - hour - 60 * SECOND);
	check_moment("2026-10-25 03:00", back + hour);
	check_moment("2026-10-25T02:30+01:00", back + hour / 2);
	check("2026-03-29 02:30", forward - hour / 2, forward + hour / 2);
	check_moment("2026-03-29 03:00", forward);
}

/* A record has no later time than the last of its form. */
Test(when, after_all_times)
{
	check("2262-04-11T23:47:15.9Z", 9223372035900000000, 9223372035999999999);
	check_moment("2262-04-12", INT64_MAX);
	check_moment("2554-07-22", INT64_MAX);
	check_moment("2600-01-01", INT64_MAX);
	check_moment("9999-12-31 23:59:59", INT64_MAX);
	check_moment("9999999999", INT64_MAX);
}

/* Each style of -t that tells a time of day is read back, and finds what it was of. */
Test(when, what_is_printed_is_read)
{
	static const enum stamp stamps[] = { STAMP_CLOCK, STAMP_EPOCH, STAMP_DATE };
	uint64_t at = NOW + 456789;
	char text[WORDS_TIME];
	struct when when;

	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		stamp_text(stamps[i], at, 0, text);
		cr_assert_eq(when_parse(text, NOW, &when), 0, "%s", text);
		cr_expect(when.first_ns <= at && at <= when.last_ns, "%s", text);
	}
	words_time(at, text);
	cr_assert_eq(when_parse(text, NOW, &when), 0, "%s", text);
	cr_expect(when.first_ns == at && when.last_ns == at, "%s", text);
}

Test(when, no_times)
{
	static const char *const texts[] = {
		"", " ", "soon", "-", "-x", "-15parsecs", "12", "12:0", "25:00", "12:60",
		"12:00:60", "12:00:01.", "12:00x", "2026-13-01", "2026-02-29", "2026-04-31",
		"2026-1-1",
		"2026-11-23 12:00 CET", "2026-11-23T12:00+15:00", "todayx",
		"yesterday x", "12345", "12345678901", "1795392000.", "1969-12-31", "now ",
	};
	struct when when = { 7, 8 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_eq(when_parse(texts[i], NOW, &when), -EINVAL, "'%s'", texts[i]);
	cr_expect(when.first_ns == 7 && when.last_ns == 8, "a bad time changes nothing");
}
