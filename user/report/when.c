// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "value.h"
#include "when.h"

#define SECOND		1000000000ULL
#define DAY		86400
#define LAST		((uint64_t)INT64_MAX)	/* in 2262; SQLite has no later one */
#define EPOCH_DIGITS	9	/* fewer are no time since 1970 that anybody means */

/* Exactly so many digits; the text moves behind them. */
static bool digits(const char **text, unsigned int count, int *number)
{
	*number = 0;
	for (unsigned int i = 0; i < count; i++, ++*text) {
		if (!isdigit((unsigned char)**text))
			return false;
		*number = *number * 10 + (**text - '0');
	}
	return true;
}

static bool skip(const char **text, char expected)
{
	bool there = **text == expected;

	*text += there;
	return there;
}

static bool skip_word(const char **text, const char *word)
{
	size_t length = strlen(word);
	bool there = !strncmp(*text, word, length) && !isalnum((unsigned char)(*text)[length]);

	*text += there ? length : 0;
	return there;
}

/* Behind a second; *unit is how long the last digit lasts. */
static bool fraction(const char **text, uint64_t *ns, uint64_t *unit)
{
	uint64_t value = SECOND;

	*ns = 0;
	if (!skip(text, '.') && !skip(text, ','))
		return true;
	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); ++*text) {
		value /= 10;
		*ns += value * (uint64_t)(**text - '0');
	}
	/* Finer than a nanosecond there is nothing. */
	*unit = value ?: 1;
	return true;
}

/* "12:00", "12:00:01.5"; without one it is midnight. */
static bool clock_time(const char **text, struct tm *tm, uint64_t *ns, uint64_t *unit)
{
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
	*ns = 0;
	*unit = 1;
	if (!isdigit((unsigned char)**text))
		return true;
	if (!digits(text, 2, &tm->tm_hour) || !skip(text, ':') || !digits(text, 2, &tm->tm_min) ||
	    tm->tm_hour > 23 || tm->tm_min > 59)
		return false;
	if (!skip(text, ':'))
		return true;
	*unit = SECOND;
	return digits(text, 2, &tm->tm_sec) && tm->tm_sec <= 59 && fraction(text, ns, unit);
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = !(year % 4) && (year % 100 || !(year % 400));

	return days[month - 1] + (leap && month == 2);
}

/* "2026-11-21 " or "2026-11-21T"; *given says whether it was one. */
static bool date(const char **text, struct tm *tm, bool *given)
{
	*given = strlen(*text) >= 10 && (*text)[4] == '-';
	if (!*given)
		return true;
	if (!digits(text, 4, &tm->tm_year) || !skip(text, '-') || !digits(text, 2, &tm->tm_mon) ||
	    !skip(text, '-') || !digits(text, 2, &tm->tm_mday))
		return false;
	if (tm->tm_year < 1970 || tm->tm_mon < 1 || tm->tm_mon > 12 || tm->tm_mday < 1 ||
	    tm->tm_mday > days_of(tm->tm_year, tm->tm_mon))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return !**text || skip(text, ' ') || skip(text, 'T');
}

/* "Z", "+01:00", "+0100"; false: it is none of them.  *local: there was nothing. */
static bool zone(const char **text, int *offset_s, bool *local)
{
	int hours, minutes, sign = **text == '-' ? -1 : 1;

	*offset_s = 0;
	*local = !**text;
	if (*local || skip(text, 'Z'))
		return true;
	if (!skip(text, '+') && !skip(text, '-'))
		return false;
	if (!digits(text, 2, &hours) || (skip(text, ':'), !digits(text, 2, &minutes)) ||
	    hours > 14 || minutes > 59)
		return false;
	*offset_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* Of today, unless a day is named. */
static bool day(const char **text, uint64_t now_ns, struct tm *tm, bool *given)
{
	time_t now = (time_t)(now_ns / SECOND);

	localtime_r(&now, tm);
	*given = true;
	if (skip_word(text, "yesterday"))
		tm->tm_mday--;
	else if (!skip_word(text, "today"))
		return date(text, tm, given);
	skip(text, ' ');
	return true;
}

static uint64_t moment(time_t second, uint64_t ns)
{
	return (uint64_t)second < LAST / SECOND ? (uint64_t)second * SECOND + ns : LAST;
}

static time_t offset_at(time_t at)
{
	struct tm tm;

	localtime_r(&at, &tm);
	return tm.tm_gmtoff;
}

/*
 * What a local time may mean, with the zone's offset of the day before and of the day after.  When
 * clocks go back an hour comes twice, and both are right; when they go forward one never comes.
 * mktime() takes the one that it took last.
 */
static void readings(struct tm *tm, time_t *first, time_t *last)
{
	time_t utc = timegm(tm);
	time_t before = utc - offset_at(utc - DAY), after = utc - offset_at(utc + DAY);
	bool was = before + offset_at(before) == utc, is = after + offset_at(after) == utc;

	if (was != is)
		before = after = was ? before : after;
	*first = before < after ? before : after;
	*last = before < after ? after : before;
}

static int parse_date(const char *text, uint64_t now_ns, struct when *when)
{
	uint64_t ns, unit;
	bool given, local;
	int offset_s;
	time_t first, last;
	struct tm tm;

	if (!day(&text, now_ns, &tm, &given) || (!given && !isdigit((unsigned char)*text)))
		return -EINVAL;
	if (!clock_time(&text, &tm, &ns, &unit) || !zone(&text, &offset_s, &local) || *text)
		return -EINVAL;
	if (local)
		readings(&tm, &first, &last);
	else
		first = last = timegm(&tm) - offset_s;
	if (first < 0)
		return -EINVAL;
	when->first_ns = moment(first, ns);
	when->last_ns = moment(last, ns + unit - 1);
	return 0;
}

/* As -tt prints it. */
static int parse_epoch(const char *text, struct when *when)
{
	uint64_t ns, unit = SECOND;
	time_t second = 0;
	size_t count = strspn(text, "0123456789");

	if (count < EPOCH_DIGITS || count > EPOCH_DIGITS + 1)
		return -EINVAL;
	for (; isdigit((unsigned char)*text); text++)
		second = second * 10 + (*text - '0');
	if (!fraction(&text, &ns, &unit) || *text)
		return -EINVAL;
	when->first_ns = moment(second, ns);
	when->last_ns = moment(second, ns + unit - 1);
	return 0;
}

int when_parse(const char *text, uint64_t now_ns, struct when *when)
{
	uint64_t ago;

	if (!strcmp(text, "now")) {
		*when = (struct when){ now_ns, now_ns };
		return 0;
	}
	if (*text == '-' && !value_duration(text + 1, &ago)) {
		ago = ago < now_ns ? now_ns - ago : 0;
		*when = (struct when){ ago, ago };
		return 0;
	}
	if (!parse_epoch(text, when))
		return 0;
	return parse_date(text, now_ns, when);
}
