// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* look.c - times, names of ports, colours and floods: how text looks, whatever it says */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gallery.h"
#include "output.h"
#include "services.h"
#include "sinks/flood.h"
#include "sinks/line.h"
#include "stamp.h"
#include "words.h"

#define SECOND	1000000000ULL
#define NOON	1795435201123456789ULL	/* 2026-11-23T12:00:01.123456789Z */

static void check_stamp(enum stamp stamp, int64_t since_ns, const char *expected)
{
	char out[WORDS_TIME];

	setenv("TZ", "<+0530>-5:30", 1);
	tzset();
	stamp_text(stamp, NOON, since_ns, out);
	cr_expect_str_eq(out, expected, "%s, not %s", out, expected);
	if (since_ns >= 0)
		cr_expect_eq((int)strlen(out), stamp_columns(stamp), "%s", out);
}

Test(look, stamps)
{
	check_stamp(STAMP_CLOCK, 0, "17:30:01.123");
	check_stamp(STAMP_NONE, 0, "");
	check_stamp(STAMP_EPOCH, 0, "1795435201.123456");
	check_stamp(STAMP_DATE, 0, "2026-11-23 17:30:01.123456");
	check_stamp(STAMP_DELTA, 0, "00:00:00.000000");
	check_stamp(STAMP_DELTA, 1999, "00:00:00.000001");
	check_stamp(STAMP_ELAPSED, 3723 * SECOND + 4567000, "01:02:03.004567");
	check_stamp(STAMP_ELAPSED, 99 * 3600 * SECOND, "99:00:00.000000");
	/* A line that comes late. */
	check_stamp(STAMP_DELTA, -1500000, "-00:00:00.001500");
}

static void learn(const char *text)
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");

	cr_assert(file);
	cr_expect_eq(services_read(file), 0);
	fclose(file);
}

static void check_service(uint16_t port, const char *expected)
{
	const char *name = services_name(port);

	if (expected)
		cr_expect(name && !strcmp(name, expected), "%u: %s", port, name ?: "nothing");
	else
		cr_expect_null(name, "%u: %s", port, name);
}

Test(look, services)
{
	check_service(80, NULL);
	learn("# services(5)\n"
	      "ssh\t\t22/tcp\t\t\t# SSH Remote Login Protocol\n"
	      "domain 53/udp\n"
	      "http 80/tcp www\n"
	      "other 80/tcp\n"
	      "#https 443/tcp\n"
	      "broken\nbroken 444\nbroken 445/\nbroken /tcp\nbroken 70000/tcp\n"
	      "a-name-that-is-longer-than-any-service-has 446/tcp\n"
	      "esc\033[31m 447/tcp\n"
	      "last 65535/tcp");
	check_service(22, "ssh");
	check_service(53, NULL);
	check_service(80, "http");
	check_service(443, NULL);
	check_service(444, NULL);
	check_service(445, NULL);
	check_service(446, NULL);
	check_service(447, "esc\\x1b[31m");
	check_service(70000 - 65536, NULL);
	check_service(65535, "last");
	check_service(0, NULL);
}

static char *one_line(const struct act *act, const struct sink_options *set)
{
	struct sink_options options = *set;
	size_t size;
	char *text;

	options.out = open_memstream(&text, &size);
	cr_assert(options.out);
	line_print(&options, &(struct line){ .act = act, .wire = "FIN>", .what = "fin_close",
					     .evidence = "close()" });
	fclose(options.out);
	return text;
}

Test(look, ports_by_name)
{
	struct act acts[GALLERY_MAX];
	char *numbers, *names;

	gallery_acts(acts);
	learn("http 80/tcp\n");
	numbers = one_line(&acts[0], &(struct sink_options){ 0 });
	names = one_line(&acts[0], &(struct sink_options){ .services = true });
	cr_expect(strstr(numbers, "10.0.0.5:80 ") && strstr(numbers, "10.0.0.9:40112 "));
	cr_expect(strstr(names, "10.0.0.5:http ") && strstr(names, "10.0.0.9:40112 "), "%s", names);
	free(names);
	names = one_line(&acts[2], &(struct sink_options){ .services = true });
	cr_expect(strstr(names, "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:http  [fe80::1]:65535 "),
		  "%s", names);
	free(numbers);
	free(names);
}

/* Two lines below 100 columns, one from there on, with nothing behind the last word. */
/* Blanks and ends of lines become one blank. */
static char *squeeze(char *text)
{
	char *out = text;

	for (const char *at = text; *at; at++) {
		if (!strchr(" \n", *at))
			*out++ = *at;
		else if (out > text && out[-1] != ' ')
			*out++ = ' ';
	}
	*out = '\0';
	return text;
}

/* Evidence is broken at blanks, and where there is no room left beside it, it stands below. */
static void check_lines(char *text, unsigned int columns)
{
	size_t number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (number++)
			cr_expect_leq(words_columns(line), columns, "%u: '%s'", columns, line);
	}
	cr_expect_gt(number, columns < 100 ? 2 : 1);
}

Test(look, evidence_fits)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);

	for (unsigned int columns = 70; columns <= 150; columns += 5) {
		for (size_t i = 0; i < count; i++) {
			char *whole = one_line(&acts[i], &(struct sink_options){ 0 });
			char *text = one_line(&acts[i],
					      &(struct sink_options){ .columns = columns });

			check_lines(strdupa(text), columns);
			if (columns >= 100)
				cr_expect_str_eq(squeeze(text), squeeze(whole));
			free(text);
			free(whole);
		}
	}
}

Test(look, every_width)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);

	for (unsigned int columns = 20; columns <= 140; columns += 20) {
		for (size_t i = 0; i < count; i++) {
			struct sink_options options = { .columns = columns };
			char *text = one_line(&acts[i], &options);

			cr_expect(!strstr(text, " \n"), "blanks at an end: %s", text);
			free(text);
		}
	}
}

Test(look, columns_of_words)
{
	static const struct {
		const char *text;
		size_t columns;
	} rows[] = {
		{ "", 0 }, { "nginx", 5 }, { "sch\u00f6n", 5 }, { "\u20ac", 1 },
		{ "\U0001f427", 2 }, { "\u65e5\u672c", 4 }, { "e\u0301", 1 }, { "\\xff", 4 },
		{ "\xff", 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(words_columns(rows[i].text), rows[i].columns, "%s", rows[i].text);
}

/* What turns or hides the text beside it is written out, what is only foreign stays. */
Test(look, tricky_characters)
{
	static const struct {
		const char *text, *inert;
	} rows[] = {
		{ "\u202egnp.exe", "\\xe2\\x80\\xaegnp.exe" },
		{ "a\u200bb", "a\\xe2\\x80\\x8bb" },
		{ "\u2066x\u2069", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9" },
		{ "\ufeffx", "\\xef\\xbb\\xbfx" },
		{ "\u2028", "\\xe2\\x80\\xa8" },
		{ "\u00ad", "\\xc2\\xad" },
		{ "\U000e0041", "\\xf3\\xa0\\x81\\x81" },
		{ "\u65e5\u672c", "\u65e5\u672c" },
		{ "\u0645\u0635\u0631", "\u0645\u0635\u0631" },
		{ "na\u00efve", "na\u00efve" },
	};
	char out[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		words_inert(rows[i].text, strlen(rows[i].text), out, sizeof(out));
		cr_expect_str_eq(out, rows[i].inert, "%s", out);
	}
}

/* Neither a file nor a pipe gets colours, unless somebody asks. */
Test(look, colors)
{
	FILE *pipe = popen("cat", "w");

	cr_assert(pipe);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	cr_expect(!output_colors(pipe, COLOR_AUTO));
	cr_expect(output_colors(pipe, COLOR_ALWAYS));
	cr_expect(!output_colors(pipe, COLOR_NEVER));
	cr_expect_eq(output_columns(pipe), 0);
	pclose(pipe);
}

static const char fin[] = "fin_close", rst[] = "linger0";

static char *told(struct flood *flood)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	cr_assert(out);
	flood_tell(flood, out);
	fclose(out);
	return text;
}

Test(look, flood)
{
	struct flood flood = { 0 };
	uint64_t now = 5 * SECOND;
	char *text;

	cr_expect_eq(flood_due(&flood), UINT64_MAX);
	for (unsigned int i = 0; i < FLOOD_LINES; i++)
		cr_expect(flood_admits(&flood, now + i, 1, fin));
	cr_expect_eq(flood_due(&flood), UINT64_MAX);
	for (unsigned int i = 0; i < 3412; i++)
		cr_expect(!flood_admits(&flood, now + 1000, 1, i % 4 ? fin : rst));
	cr_expect_eq(flood_due(&flood), now + SECOND);
	/* Until it is told, nothing comes after it. */
	cr_expect(!flood_admits(&flood, now + SECOND, 1, rst));
	text = told(&flood);
	cr_expect_str_eq(text, "+ 2559 fin_close in the last second\n"
			       "+ 854 linger0 in the last second\n");
	free(text);
	cr_expect_eq(flood_due(&flood), UINT64_MAX);
	cr_expect(flood_admits(&flood, now + SECOND, 1, rst));
	text = told(&flood);
	cr_expect_str_eq(text, "");
	free(text);
}

/* Lines are counted, not acts. */
Test(look, flood_of_long_acts)
{
	struct flood flood = { 0 };

	cr_expect(flood_admits(&flood, SECOND, FLOOD_LINES + 50, fin), "one is always shown");
	cr_expect(!flood_admits(&flood, SECOND, 1, fin));
	flood = (struct flood){ 0 };
	for (unsigned int i = 0; i < FLOOD_LINES / 2; i++)
		cr_expect(flood_admits(&flood, SECOND, 2, fin));
	cr_expect(!flood_admits(&flood, SECOND, 2, fin));
}

Test(look, flood_of_many_kinds)
{
	static char names[FLOOD_KINDS + 2][8];
	struct flood flood = { 0 };
	uint64_t sum = 0;

	cr_expect(flood_admits(&flood, SECOND, FLOOD_LINES, fin));
	for (unsigned int i = 0; i < FLOOD_KINDS + 2; i++)
		cr_expect(!flood_admits(&flood, SECOND, 1, names[i]));
	for (unsigned int i = 0; i < flood.kinds; i++)
		sum += flood.kind[i].hidden;
	cr_expect_eq(sum, FLOOD_KINDS + 2);
	cr_expect_eq(flood.kinds, FLOOD_KINDS);
}
