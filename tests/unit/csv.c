// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* csv.c - records of RFC 4180, of which no spreadsheet runs a cell */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "gallery.h"
#include "sinks/sink.h"

#define CELLS	128
#define CELL	4096

/* One record, its cells without their quotes. */
struct row {
	size_t count;
	char cell[CELLS][CELL];
};

static bool ends_cell(const char *at, bool quoted)
{
	return quoted ? *at == '"' && at[1] != '"' : strchr(",\r\n", *at) != NULL;
}

/* Reads the record at *text as RFC 4180 says it, strictly; false at the end. */
static bool read_row(const char **text, struct row *row)
{
	const char *at = *text;

	if (!*at)
		return false;
	for (row->count = 0;; at++) {
		char *out = row->cell[row->count++];
		bool quoted = *at == '"';

		cr_assert(row->count < CELLS);
		for (at += quoted; !ends_cell(at, quoted); at++) {
			cr_assert(*at && (quoted || *at != '"'), "a bare quote: %.40s", at);
			at += *at == '"';
			*out++ = *at;
		}
		*out = '\0';
		at += quoted;
		if (*at != ',')
			break;
	}
	cr_assert(!strncmp(at, "\r\n", 2), "no end of a record: %.40s", at);
	*text = at + 2;
	return true;
}

struct bench {
	const struct sink *sink;
	struct sink_options options;
	char *text;
	size_t size;
};

static void bench_init(struct bench *bench, const char *name)
{
	memset(bench, 0, sizeof(*bench));
	bench->sink = sink_by_name(name);
	bench->options.out = open_memstream(&bench->text, &bench->size);
	cr_assert(bench->sink && bench->options.out);
}

static void bench_free(struct bench *bench)
{
	fclose(bench->options.out);
	free(bench->text);
}

/* The line of JSON of the same act. */
static struct json_object *as_json(const struct act *act)
{
	struct json_object *line;
	struct bench bench;

	bench_init(&bench, "json");
	cr_assert_eq(bench.sink->act(&bench.options, act), 0);
	fflush(bench.options.out);
	line = json_tokener_parse(bench.text);
	bench_free(&bench);
	cr_assert(line);
	return line;
}

/* What a cell says, once our two marks are taken away again. */
static void undo(char *cell)
{
	char *semicolon;

	if (*cell == '\'')
		memmove(cell, cell + 1, strlen(cell));
	while ((semicolon = strstr(cell, "\\x3b"))) {
		*semicolon = ';';
		memmove(semicolon + 1, semicolon + 4, strlen(semicolon + 4) + 1);
	}
}

static void check_cell(const char *key, char *cell, struct json_object *line)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(line, key, &value) || !value) {
		cr_expect_str_eq(cell, "", "%s is '%s'", key, cell);
		return;
	}
	if (json_object_is_type(value, json_type_array))
		return;
	cr_expect(!strchr("=+-@", *cell) || !*cell, "a spreadsheet runs %s", cell);
	cr_expect(!strchr(cell, ';'), "%s", cell);
	undo(cell);
	cr_expect_str_eq(cell, json_object_get_string(value), "%s is '%s'", key, cell);
}

/* Cell for cell the same as JSON, under the same keys. */
Test(csv, says_what_json_says)
{
	static struct row head, row;
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts), rows = 0;
	const char *rest;
	struct bench bench;
	struct run run;

	bench_init(&bench, "csv");
	bench.options.messages = fopen("/dev/null", "we");
	gallery_run(&run);
	cr_assert_eq(bench.sink->start(&bench.options, &run), 0);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(bench.sink->act(&bench.options, &acts[i]), 0);
	fflush(bench.options.out);
	rest = bench.text;
	cr_assert(read_row(&rest, &head));
	cr_expect_str_eq(head.cell[0], "type");
	for (; read_row(&rest, &row); rows++) {
		struct json_object *line = as_json(&acts[rows]);

		cr_expect_eq(row.count, head.count);
		for (size_t i = 0; i < row.count; i++)
			check_cell(head.cell[i], row.cell[i], line);
		json_object_put(line);
	}
	cr_expect_eq(rows, count);
	fclose(bench.options.messages);
	bench_free(&bench);
}

static void check_comm(const char *comm, const char *expected)
{
	static struct row row;
	struct record record;
	const char *rest;
	struct bench bench;
	struct act act;
	bool found = false;

	fixture_plain(&record);
	record.known |= KNOWN_ACTOR;
	memset(record.actor.comm, 0, sizeof(record.actor.comm));
	memcpy(record.actor.comm, comm, strlen(comm));
	act = fixture_judged(&record);
	bench_init(&bench, "csv");
	cr_assert_eq(bench.sink->act(&bench.options, &act), 0);
	fflush(bench.options.out);
	rest = bench.text;
	cr_assert(read_row(&rest, &row));
	for (size_t i = 0; i < row.count; i++)
		found |= !strcmp(row.cell[i], expected);
	cr_expect(found, "no cell '%s' in %s", expected, bench.text);
	bench_free(&bench);
}

Test(csv, what_a_spreadsheet_runs)
{
	check_comm("=1+1", "'=1+1");
	check_comm("+1", "'+1");
	check_comm("-bash", "'-bash");
	check_comm("@SUM(A1)", "'@SUM(A1)");
	check_comm("\uff1d1+1", "'\uff1d1+1");
	check_comm("\uff0b1", "'\uff0b1");
	/* The way back is the same for all. */
	check_comm("'quoted", "''quoted");
	check_comm("a;=1+1", "a\\x3b=1+1");
	check_comm("\t=1+1", "\\x09=1+1");
	/* No harm in these. */
	check_comm("a=b", "a=b");
	check_comm("a,b\"c\"", "a,b\"c\"");
	check_comm("sch\u00f6n", "sch\u00f6n");
}

/* Lines of other types fill their own columns. */
Test(csv, held_and_notes)
{
	struct held held = { .count = 2, .pids = { 11, 22 } };
	struct act notes[NOTES], act;
	static struct row row;
	const char *rest;
	struct bench bench;

	fixture_plain(&held.record);
	held.record.references = 3;
	act = fixture_judged(&held.record);
	gallery_notes(notes);
	bench_init(&bench, "csv");
	cr_assert_eq(bench.sink->held(&bench.options, &act, &held), 0);
	cr_assert_eq(bench.sink->note(&bench.options, &notes[0]), 0);
	fflush(bench.options.out);
	rest = bench.text;
	cr_assert(read_row(&rest, &row));
	cr_expect_str_eq(row.cell[0], "held");
	cr_expect_str_eq(row.cell[row.count - 3], "");
	cr_expect_str_eq(row.cell[row.count - 2], "3");
	cr_expect_str_eq(row.cell[row.count - 1], "11 22");
	cr_assert(read_row(&rest, &row));
	cr_expect_str_eq(row.cell[0], "note");
	cr_expect_str_eq(row.cell[row.count - 3], "close_after_fin");
	cr_expect_str_eq(row.cell[row.count - 1], "");
	cr_expect(!read_row(&rest, &row));
	bench_free(&bench);
}
