// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * golden.c - all sinks against tests/golden, byte for byte
 *
 * tests/run --golden rewrites the files; what has changed is then read in the diff.  It runs at
 * the top of the tree.
 */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "field.h"
#include "gallery.h"
#include "golden.h"
#include "sinks/sink.h"

struct form {
	const char *file;
	const char *sink;
	unsigned int columns;
	bool verbose;
	bool quiet;
	bool notes;	/* --all, and notes alone */
	bool stacks;	/* -k */
	bool color;
	enum stamp stamp;
};

static void use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

TestSuite(golden, .init = use_utc);

/* All that a run prints, lines for people included; to be freed. */
static char *render(const struct form *form)
{
	const struct sink *sink = sink_by_name(form->sink);
	struct sink_options options = { .columns = form->columns, .verbose = form->verbose,
					.color = form->color, .stamp = form->stamp };
	struct act acts[GALLERY_MAX];
	size_t count = form->notes ? gallery_notes(acts) : gallery_acts(acts), size;
	struct stats_line stats;
	struct totals totals;
	struct usage usage;
	struct run run;
	char *text;

	cr_assert(sink, "no sink %s", form->sink);
	if (form->stacks)
		gallery_frames(acts, count);
	options.out = open_memstream(&text, &size);
	cr_assert(options.out);
	options.messages = form->quiet ? NULL : options.out;
	gallery_run(&run);
	gallery_totals(acts, form->notes ? 0 : count, &totals);
	if (form->notes)
		gallery_note_totals(acts, count, &totals);
	cr_expect_eq(sink->start(&options, &run), 0);
	for (size_t i = 0; i < count; i++)
		cr_expect_eq((form->notes ? sink->note : sink->act)(&options, &acts[i]), 0);
	if (sink->suppressed)
		cr_expect_eq(sink->suppressed(&options, &run, "reply_port", 13), 0);
	gallery_stats(&stats, &usage, &totals);
	if (sink->stats)
		cr_expect_eq(sink->stats(&options, &run, &stats), 0);
	cr_expect_eq(sink->end(&options, &run, &totals), 0);
	fclose(options.out);
	return text;
}

static void write_golden(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	cr_assert(file, "cannot write %s", path);
	cr_assert(fputs(text, file) >= 0);
	cr_assert_eq(fclose(file), 0);
}

static char *read_golden(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	char *text = NULL;

	cr_assert(file, "no %s: run at the top of the tree; tests/run --golden makes it", path);
	if (getdelim(&text, &size, '\0', file) < 0)
		text = strdup("");
	fclose(file);
	cr_assert(text);
	return text;
}

/* The first line in which the two differ, so that the report is not two whole files. */
static void compare(const char *path, char *expected, char *actual)
{
	char *one, *other;
	unsigned int line = 1;

	for (;; line++) {
		one = strsep(&expected, "\n");
		other = strsep(&actual, "\n");
		if (!one || !other || strcmp(one, other))
			break;
	}
	cr_expect(!one && !other, "%s:%u\n  expected: %s\n  actual:   %s", path, line,
		  one ? one : "(the end)", other ? other : "(the end)");
}

void golden_check(const char *file, char *actual)
{
	const char *mode = getenv("GOLDEN");
	char path[64], *expected;

	snprintf(path, sizeof(path), "tests/golden/%s", file);
	if (mode && !strcmp(mode, "write")) {
		write_golden(path, actual);
		return;
	}
	expected = read_golden(path);
	compare(path, expected, actual);
	free(expected);
}

static void check(const struct form *form)
{
	char *actual = render(form);

	golden_check(form->file, actual);
	free(actual);
}

/* A file of tests/golden and the form that it shows. */
#define GOLDEN(name, ...)                                                                          \
	Test(golden, name)                                                                         \
	{                                                                                          \
		check(&(struct form){ __VA_ARGS__ });                                              \
	}

GOLDEN(text, .file = "text", .sink = "text")
GOLDEN(text_140, .file = "text-140", .sink = "text", .columns = 140)
GOLDEN(text_80, .file = "text-80", .sink = "text", .columns = 80)
GOLDEN(text_60, .file = "text-60", .sink = "text", .columns = 60)

/* Escape codes around WIRE and CAUSE, nowhere else. */
GOLDEN(text_color, .file = "text-color", .sink = "text", .color = true)
GOLDEN(notes_color, .file = "notes-color", .sink = "text", .notes = true, .color = true)
GOLDEN(text_delta, .file = "text-delta", .sink = "text", .stamp = STAMP_DELTA)
GOLDEN(csv, .file = "acts.csv", .sink = "csv", .stacks = true)
GOLDEN(notes_csv, .file = "notes.csv", .sink = "csv", .notes = true, .quiet = true)
GOLDEN(text_verbose, .file = "text-verbose", .sink = "text", .verbose = true)
GOLDEN(text_quiet, .file = "text-quiet", .sink = "text", .quiet = true)
GOLDEN(text_stacks, .file = "text-stacks", .sink = "text", .stacks = true)
GOLDEN(json_stacks, .file = "stacks.json", .sink = "json", .stacks = true)
GOLDEN(folded, .file = "folded", .sink = "folded", .stacks = true)

/* As flame graph tools read it: frames divided by semicolons, a space, a number. */
Test(golden, folded_lines_have_their_form)
{
	struct form form = { .sink = "folded", .stacks = true, .quiet = true };
	char *text = render(&form), *rest = text, *again, *one;
	unsigned long sum = 0, lines = 0;

	while ((one = strsep(&rest, "\n")) && *one) {
		char *number = strrchr(one, ' '), *end;

		cr_assert(number && number > one && strchr(one, ';') < number, "%s", one);
		sum += strtoul(number + 1, &end, 10);
		cr_expect(end > number + 1 && !*end, "%s", one);
		lines++;
	}
	cr_expect_eq(sum, 32, "each act is counted once, not %lu", sum);
	cr_expect_lt(lines, sum, "the same stacks share a line");
	free(text);
	/* Nothing is left from one run to the next. */
	text = render(&form);
	again = render(&form);
	cr_expect_str_eq(text, again);
	free(text);
	free(again);
}

GOLDEN(json, .file = "acts.json", .sink = "json")
GOLDEN(notes, .file = "notes", .sink = "text", .notes = true)
GOLDEN(notes_80, .file = "notes-80", .sink = "text", .columns = 80, .notes = true)
GOLDEN(notes_json, .file = "notes.json", .sink = "json", .notes = true)

/* A terminal that is wide enough and a pipe show the same. */
Test(golden, wide_terminals_do_not_fold)
{
	char *pipe = render(&(struct form){ .sink = "text" });
	char *wide = render(&(struct form){ .sink = "text", .columns = 1000 });
	char *narrow = render(&(struct form){ .sink = "text", .columns = 99 });

	cr_expect_str_eq(pipe, wide);
	cr_expect_str_neq(pipe, narrow);
	free(pipe);
	free(wide);
	free(narrow);
}

/* Whatever a process calls itself, no byte of it drives a terminal. */
Test(golden, output_is_inert)
{
	static const struct form forms[] = {
		{ .sink = "text", .verbose = true },
		{ .sink = "text", .columns = 80 },
		{ .sink = "text", .columns = 60 },
		{ .sink = "json" },
		{ .sink = "csv", .stacks = true },
		{ .sink = "text", .stacks = true },
		{ .sink = "json", .stacks = true },
		{ .sink = "folded", .stacks = true },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char *text = render(&forms[i]);

		for (const unsigned char *at = (unsigned char *)text; *at; at++) {
			/* RFC 4180 ends a line with both. */
			cr_assert(*at == '\n' || *at >= 0x20 ||
				  (*at == '\r' && at[1] == '\n' && !strcmp(forms[i].sink, "csv")),
				  "control character %#x", *at);
			cr_assert(*at != 0x7f && *at < 0xf5, "byte %#x", *at);
			cr_assert(at[0] != 0xc2 || at[1] >= 0xa0, "control U+%02X", at[1]);
		}
		free(text);
	}
}

static void check_sum(const struct totals *totals, const char *expected)
{
	struct sink_options options = { 0 };
	struct run run;
	size_t size;
	char *text;

	options.out = options.messages = open_memstream(&text, &size);
	cr_assert(options.out);
	gallery_run(&run);
	cr_expect_eq(sink_by_name("text")->end(&options, &run, totals), 0);
	fclose(options.out);
	cr_expect_str_eq(text, expected, "%s", text);
	free(text);
}

/* Only what happened is named. */
Test(golden, sum_for_people)
{
	check_sum(&(struct totals){ 0 }, "0 acts; 0 lost\n");
	check_sum(&(struct totals){ .emitted = 1, .wire_rst_in = 1 },
		  "1 act: 1 RST received; 0 lost\n");
	check_sum(&(struct totals){ .emitted = 3, .wire_fin = 1, .wire_rst_out = 1,
				    .wire_rst_in = 1 },
		  "3 acts: 1 FIN, 1 RST sent, 1 RST received; 0 lost\n");
	check_sum(&(struct totals){ .emitted = 2, .wire_none = 2, .filtered = 7, .late = 1 },
		  "2 acts: 2 without a packet; 0 lost, 1 late\n");
}

static size_t field_index(const char *key)
{
	for (size_t i = 0; i < field_count; i++) {
		if (!strcmp(fields[i].key, key))
			return i;
	}
	cr_expect_fail("key %s is not in fields.def", key);
	return 0;
}

static bool has_kind(struct json_object *value, enum value_kind kind)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return true;
	case json_type_string:
		return kind == VALUE_TEXT;
	case json_type_int:
		return kind == VALUE_INTEGER;
	case json_type_boolean:
		return kind == VALUE_BOOLEAN;
	case json_type_array:
		return kind == VALUE_FRAMES;
	default:
		return false;
	}
}

/* The keys of an act: type, those of the table in its order, then late when it is so. */
static void check_act_line(struct json_object *line)
{
	size_t last = 0, index;

	json_object_object_foreach(line, key, value) {
		if (!strcmp(key, "type"))
			continue;
		index = field_index(key);
		cr_expect(index >= last, "key %s is out of order", key);
		cr_expect(has_kind(value, fields[index].kind), "key %s is %s", key,
			  json_object_to_json_string(value));
		last = index;
	}
}

static struct json_object *parse_line(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *line;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	line = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	cr_assert(line, "%s in %s", json_tokener_error_desc(json_tokener_get_error(tokener)), text);
	cr_assert(json_object_is_type(line, json_type_object));
	json_tokener_free(tokener);
	return line;
}

static const char *type_of(const char *text, struct json_object *line)
{
	struct json_object *type;

	cr_assert(!strncmp(text, "{\"type\":\"", 9), "type is not the first key of %s", text);
	cr_assert(json_object_object_get_ex(line, "type", &type));
	return json_object_get_string(type);
}

Test(golden, json_lines_parse_back)
{
	char *text = render(&(struct form){ .sink = "json", .stacks = true }), *rest = text, *one;
	size_t acts = 0, lines = 0;

	while ((one = strsep(&rest, "\n")) && *one) {
		struct json_object *line = parse_line(one);
		const char *type = type_of(one, line);

		if (!strcmp(type, "act")) {
			check_act_line(line);
			acts++;
		}
		cr_expect(lines || !strcmp(type, "start"), "the first line is %s", type);
		cr_expect(!rest || *rest || !strcmp(type, "end"), "the last line is %s", type);
		json_object_put(line);
		lines++;
	}
	cr_expect_eq(lines, acts + 4);
	cr_expect_gt(acts, 20);
	free(text);
}

Test(golden, sinks_are_registered)
{
	char names[64], none[1];

	sink_names(names, sizeof(names));
	/* One is built only with libsystemd. */
	cr_expect_str_eq(names, sink_by_name("journal") ? "csv, folded, journal, json, text" :
							  "csv, folded, json, text");
	sink_names(none, sizeof(none));
	cr_expect_str_eq(none, "", "a name does not fit, and the buffer holds");
	cr_expect_null(sink_by_name("xml"));
	cr_expect_null(sink_by_name(""));
	cr_expect_null(sink_by_name("tex"));
}
