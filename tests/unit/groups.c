// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* groups.c - --by and --histogram: what is counted, in which order, in each form */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture.h"
#include "gallery.h"
#include "report/groups.h"
#include "report/histogram.h"

#define SECOND	1000000000ULL

static void use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

TestSuite(groups, .init = use_utc);
TestSuite(histogram, .init = use_utc);

static struct act plain(const char *comm)
{
	struct record record;

	fixture_plain(&record);
	snprintf(record.owner.comm, sizeof(record.owner.comm), "%s", comm);
	return fixture_judged(&record);
}

static struct groups by(const char *keys)
{
	struct groups groups;
	char message[MESSAGE];

	cr_assert_eq(groups_parse(&groups, keys, message), 0, "%s", message);
	return groups;
}

static void add(struct groups *groups, const char *comm, unsigned int times)
{
	struct act act = plain(comm);

	while (times--)
		cr_assert_eq(groups_act(groups, &act, 1), 0);
}

/* What is written must be this; a header only with @messages. */
static void expect_print(const struct groups *groups, const char *format, bool header, uint64_t top,
			 const char *expected)
{
	char *text = NULL;
	size_t size;
	struct sink_options options = { .out = open_memstream(&text, &size) };

	options.messages = header ? options.out : NULL;
	cr_expect_eq(groups_print(groups, &options, format, top), 0);
	fclose(options.out);
	cr_expect_str_eq(text, expected, "%s", text);
	free(text);
}

Test(groups, most_frequent_first)
{
	struct groups groups = by("owner_comm,cause");

	add(&groups, "curl", 2);
	add(&groups, "nginx", 5);
	add(&groups, "apache", 2);
	expect_print(&groups, "text", true, 0,
		     "    ACTS    FIN>    RST>    <RST       -   LOSSY  owner_comm  cause\n"
		     "       5       5       .       .       .       .  nginx       fin_close\n"
		     "       2       2       .       .       .       .  apache      fin_close\n"
		     "       2       2       .       .       .       .  curl        fin_close\n");
	expect_print(&groups, "text", false, 1,
		     "       5       5       .       .       .       .  nginx       fin_close\n"
		     "       4       4       .       .       .       .  2 others\n");
	groups_free(&groups);
}

Test(groups, json_and_csv)
{
	struct groups groups = by("owner_comm,lport,pid");
	struct act act = plain("=1");

	add(&groups, "nginx", 2);
	act.record.known &= ~KNOWN_ACTOR;
	cr_assert_eq(groups_act(&groups, &act, 1), 0);
	expect_print(&groups, "json", true, 0,
		     "{\"type\":\"group\",\"acts\":2,\"fin\":2,\"rst_out\":0,\"rst_in\":0,"
		     "\"silent\":0,\"lossy\":0,\"owner_comm\":\"nginx\",\"lport\":80,\"pid\":812}\n"
		     "{\"type\":\"group\",\"acts\":1,\"fin\":1,\"rst_out\":0,\"rst_in\":0,"
		     "\"silent\":0,\"lossy\":0,\"owner_comm\":\"=1\",\"lport\":80,\"pid\":null}\n");
	expect_print(&groups, "csv", true, 0,
		     "acts,fin,rst_out,rst_in,silent,lossy,owner_comm,lport,pid\r\n"
		     "2,2,0,0,0,0,nginx,80,812\r\n"
		     "1,1,0,0,0,0,\"'=1\",80,\r\n");
	groups_free(&groups);
}

/* Every act of the gallery, by each key: nothing is lost, and values come back as they were. */
Test(groups, every_key_counts_every_act)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);

	for (size_t i = 0; i < field_count; i++) {
		struct groups groups = { .key = { &fields[i] }, .keys = 1 };
		const struct group **sorted;
		uint64_t sum = 0;

		if (fields[i].kind == VALUE_FRAMES)
			continue;
		for (size_t j = 0; j < count; j++)
			cr_assert_eq(groups_act(&groups, &acts[j], 1), 0);
		sorted = groups_sorted(&groups);
		for (size_t j = 0; j < groups.count; j++) {
			struct value value;
			size_t at = 0;

			group_value(sorted[j], &at, &value);
			cr_expect_eq(at, sorted[j]->size, "%s", fields[i].key);
			cr_expect(value.kind == VALUE_NULL || value.kind == fields[i].kind);
			sum += sorted[j]->tally.number[ACTS];
		}
		cr_expect_eq(sum, count, "%s: %lu acts", fields[i].key, (unsigned long)sum);
		free(sorted);
		groups_free(&groups);
	}
}

/* More groups than there were slots, and acts that stand for many. */
Test(groups, many)
{
	struct groups groups = by("lport");
	struct act act = plain("nginx");
	const struct group **sorted;

	for (unsigned int port = 1; port < 60000; port++) {
		act.record.lport = (__u16)port;
		cr_assert_eq(groups_act(&groups, &act, 1), 0);
	}
	cr_expect_eq(groups.count, 59999);
	act.record.lport = 5000;
	cr_assert_eq(groups_act(&groups, &act, 10), 0);
	cr_expect_eq(groups.count, 59999);
	sorted = groups_sorted(&groups);
	cr_expect_eq(sorted[0]->tally.number[ACTS], 11);
	cr_expect_eq(sorted[1]->tally.number[ACTS], 1);
	free(sorted);
	groups_free(&groups);
}

static void refuse(const char *keys, const char *why)
{
	char message[MESSAGE] = "";
	struct groups groups;

	cr_expect_eq(groups_parse(&groups, keys, message), -EINVAL, "%s", keys);
	cr_expect(strstr(message, why), "%s: %s", keys, message);
	groups_free(&groups);
}

Test(groups, no_keys)
{
	refuse("", "keys of -o json");
	refuse("cuase", "did you mean cause?");
	refuse("cause,", "keys of -o json");
	refuse("CAUSE", "did you mean cause?");
	refuse("xyzzy", "not 'xyzzy'");
	refuse("cause,class,cause", "twice");
	refuse("stack", "-o folded");
	refuse("cause,class,wire,dir,laddr,raddr,lport,rport,pid", "at most 8");
}

static void at(struct histogram *histogram, uint64_t second, unsigned int times)
{
	struct act act = plain("nginx");

	act.wall_ns = second * SECOND + 5;
	while (times--)
		cr_assert_eq(histogram_act(histogram, &act, 1), 0);
}

static void expect_bars(const struct histogram *histogram, const char *format,
			unsigned int columns, uint64_t step, const char *expected)
{
	char *text = NULL;
	size_t size;
	struct sink_options options = { .out = open_memstream(&text, &size), .columns = columns };

	options.messages = options.out;
	cr_expect_eq(histogram_print(histogram, &options, format, step), 0);
	fclose(options.out);
	cr_expect_str_eq(text, expected, "%s", text);
	free(text);
}

#define NOON 1795435200	/* 2026-11-23T12:00:00Z */

Test(histogram, bars)
{
	struct histogram histogram = { 0 };

	expect_bars(&histogram, "text", 60, 0, "");
	at(&histogram, NOON + 2, 30);
	at(&histogram, NOON, 10);
	at(&histogram, NOON + 3, 1);
	at(&histogram, NOON, 5);
	expect_bars(&histogram, "text", 62, 0,
		    "2026-11-23 12:00:00        15  ###############\n"
		    "2026-11-23 12:00:01         0\n"
		    "2026-11-23 12:00:02        30  ##############################\n"
		    "2026-11-23 12:00:03         1  #\n");
	expect_bars(&histogram, "text", 20, 2,
		    "2026-11-23 12:00:00        15  #####\n"
		    "2026-11-23 12:00:02        31  ##########\n");
	expect_bars(&histogram, "csv", 0, 60,
		    "time,seconds,acts,fin,rst_out,rst_in,silent,lossy\r\n"
		    "2026-11-23T12:00:00.000000000Z,60,46,46,0,0,0,0\r\n");
	expect_bars(&histogram, "json", 0, 3,
		    "{\"type\":\"bucket\",\"time\":\"2026-11-23T12:00:00.000000000Z\","
		    "\"seconds\":3,\"acts\":45,\"fin\":45,\"rst_out\":0,\"rst_in\":0,"
		    "\"silent\":0,\"lossy\":0}\n"
		    "{\"type\":\"bucket\",\"time\":\"2026-11-23T12:00:03.000000000Z\","
		    "\"seconds\":3,\"acts\":1,\"fin\":1,\"rst_out\":0,\"rst_in\":0,"
		    "\"silent\":0,\"lossy\":0}\n");
	histogram_free(&histogram);
}

/* A host that learned the time after its first act. */
Test(histogram, leaves_out_what_is_long)
{
	struct histogram histogram = { 0 };

	at(&histogram, 7, 3);
	at(&histogram, NOON, 1);
	expect_bars(&histogram, "text", 62, 1,
		    "1970-01-01 00:00:07         3  ##############################\n"
		    "2026-11-23 12:00:00         1  ##########\n");
	histogram_free(&histogram);
}

/* However long it is, it fits a screen, and each act is in one step. */
Test(histogram, steps_fit)
{
	static const uint64_t spans[] = { 0, 1, 39, 40, 100, 3600, 86400, 7 * 86400, 400 * 86400 };

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct histogram histogram = { 0 };
		struct sink_options options = { 0 };
		unsigned long lines = 0, sum = 0, acts;
		char *text = NULL, *rest, *line;
		size_t size;

		for (uint64_t second = 0; second < 50; second++)
			at(&histogram, NOON + second * spans[i] / 49, 1);
		options.out = open_memstream(&text, &size);
		cr_assert_eq(histogram_print(&histogram, &options, "csv", 0), 0);
		fclose(options.out);
		for (rest = text; (line = strsep(&rest, "\n")) && *line; lines++) {
			cr_assert_eq(sscanf(line, "%*[^,],%*u,%lu", &acts), 1, "%s", line);
			sum += acts;
		}
		cr_expect(lines && lines <= 41, "%lu steps for %lu s", lines,
			  (unsigned long)spans[i]);
		cr_expect_eq(sum, 50);
		free(text);
		histogram_free(&histogram);
	}
}

/* A day begins with the local clock. */
Test(histogram, local_days)
{
	struct histogram histogram = { 0 };

	setenv("TZ", "CET-1", 1);
	tzset();
	at(&histogram, NOON - 12 * 3600 - 1, 1);
	at(&histogram, NOON + 11 * 3600 - 1, 1);
	at(&histogram, NOON + 11 * 3600, 1);
	expect_bars(&histogram, "text", 40, 86400,
		    "2026-11-23 00:00         2  ###########\n"
		    "2026-11-24 00:00         1  ######\n");
	histogram_free(&histogram);
}
