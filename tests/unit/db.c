// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db.c - what is recorded in SQLite and read back is printed as it was live, by every sink */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "fixture.h"
#include "gallery.h"
#include "note.h"
#include "sinks/sink.h"
#include "store/db_frames.h"
#include "store/db_put.h"
#include "store/db_read.h"
#include "store/db_schema.h"
#include "words.h"

#define MAX (GALLERY_MAX > NOTES ? GALLERY_MAX : NOTES)

static sqlite3 *open_tables(void)
{
	sqlite3 *sql;

	cr_assert_eq(sqlite3_open(":memory:", &sql), SQLITE_OK);
	cr_assert_eq(db_schema_create(sql), SQLITE_OK, "%s", sqlite3_errmsg(sql));
	cr_assert_eq(sqlite3_exec(sql, "INSERT INTO chunks (id, first, first_minute, rolled)"
				       " VALUES (1, 1, 1, 0)", NULL, NULL, NULL), SQLITE_OK);
	return sql;
}

static void put_all(sqlite3 *sql, const struct act *acts, size_t count)
{
	struct db_link link;
	struct db_put put;

	cr_assert_eq(db_put_open(&put, sql), SQLITE_OK, "%s", sqlite3_errmsg(sql));
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(db_put(&put, &acts[i], NULL, &link), SQLITE_OK, "%s",
			     sqlite3_errmsg(sql));
		if (i % 10 == 7)
			db_put_renew(&put);
	}
	db_put_close(&put);
}

/* All rows, the first first. */
struct reading {
	struct db_reader *reader;
	sqlite3_stmt *rows;
};

static struct reading begin_reading(sqlite3 *sql)
{
	struct reading reading;
	char query[1024];

	cr_assert_eq(db_reader_open(&reading.reader, sql), SQLITE_OK, "%s", sqlite3_errmsg(sql));
	snprintf(query, sizeof(query), "SELECT %s FROM rows r ORDER BY r.id", db_read_columns());
	cr_assert_eq(sqlite3_prepare_v2(sql, query, -1, &reading.rows, NULL), SQLITE_OK);
	return reading;
}

static bool read_next(struct reading *reading, struct db_entry *entry)
{
	if (sqlite3_step(reading->rows) != SQLITE_ROW)
		return false;
	cr_assert_eq(db_read(reading->reader, reading->rows, entry), 0);
	return true;
}

static void end_reading(struct reading *reading)
{
	sqlite3_finalize(reading->rows);
	db_reader_close(reading->reader);
}

/* What a sink prints of an act; to be freed. */
static char *print(const char *name, const struct act *act)
{
	const struct sink *sink = sink_by_name(name);
	int (*tell)(const struct sink_options *, const struct act *) =
		note_is(act) ? sink->note : sink->act;
	struct sink_options options = { 0 };
	struct run run;
	size_t size;
	char *text;

	options.out = open_memstream(&text, &size);
	cr_assert(options.out);
	gallery_run(&run);
	sink->start(&options, &run);
	if (tell)
		cr_expect_eq(tell(&options, act), 0);
	fclose(options.out);
	return text;
}

/* All but what is not recorded: counters of the moment, and who is not known. */
static void same_record(const struct act *before, const struct act *after)
{
	struct record expected = before->record;

	expected.kind_seen = expected.kind_lost = 0;
	if (!(expected.known & (KNOWN_ACTOR | KNOWN_CGROUP)))
		memset(&expected.actor, 0, sizeof(expected.actor));
	if (!(expected.known & KNOWN_OWNER))
		memset(&expected.owner, 0, sizeof(expected.owner));
	cr_expect(!memcmp(&expected, &after->record, sizeof(expected)), "a value was lost");
	cr_expect(before->facts == after->facts);
	cr_expect_eq(before->cause, after->cause);
	cr_expect_eq(before->wall_ns, after->wall_ns);
}

/* The lines that were live are there before the reader learns the names of another kernel. */
static void prints_the_same(sqlite3 *sql, const struct act *acts, size_t count)
{
	static const char *const sinks[] = { "json", "csv", "text", "folded" };
	const size_t kinds = sizeof(sinks) / sizeof(sinks[0]);
	char *live[MAX][sizeof(sinks) / sizeof(sinks[0])];
	struct reading reading;
	struct db_entry entry;
	size_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t s = 0; s < kinds; s++)
			live[i][s] = print(sinks[s], &acts[i]);
	}
	reading = begin_reading(sql);
	while (read_next(&reading, &entry)) {
		same_record(&acts[seen], &entry.act);
		for (size_t s = 0; s < kinds; s++) {
			char *again = print(sinks[s], &entry.act);

			cr_expect_str_eq(again, live[seen][s]);
			free(again);
			free(live[seen][s]);
		}
		seen++;
	}
	cr_expect_eq(seen, count);
	end_reading(&reading);
}

static void comes_back(const struct act *acts, size_t count)
{
	sqlite3 *sql = open_tables();

	put_all(sql, acts, count);
	prints_the_same(sql, acts, count);
	cr_expect_eq(sqlite3_close(sql), SQLITE_OK);
}

Test(db, acts_are_printed_as_they_were)
{
	struct act acts[GALLERY_MAX];

	comes_back(acts, gallery_acts(acts));
}

Test(db, stacks_and_held_are_kept)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);
	struct record before;

	gallery_frames(acts, count);
	before = acts[0].record;
	before.known |= KNOWN_ACTOR;
	before.time_ns -= 12345678;
	before.actor.pid = 99;
	memcpy(before.actor.comm, "=1+1\n\x7f\xff", 8);
	acts[0].held = acts[3].held = &before;
	comes_back(acts, count);
}

Test(db, notes_are_printed_as_they_were)
{
	struct act notes[NOTES];

	comes_back(notes, gallery_notes(notes));
}

/* A file that somebody made: escapes that are there stay, and none that a terminal obeys. */
Test(db, stacks_of_strangers_are_inert)
{
	static const char raw[] = "a\x1b[2Jb\\x1b\t\xe2\x80\xae.so\tsch\xc3\xb6n.c:1\t1f\t0\ncut";
	static struct frames frames;

	db_frames_read(raw, strlen(raw), &frames);
	cr_expect_eq(frames.count, 1);
	cr_expect_str_eq(frames.frame[0].symbol, "a\\x1b[2Jb\\x1b");
	cr_expect_str_eq(frames.frame[0].module, "\\xe2\\x80\\xae.so");
	cr_expect_str_eq(frames.frame[0].source, "sch\xc3\xb6n.c:1");
	cr_expect_eq(frames.frame[0].offset, 0x1f);
}

/* A close that was not the last, with those who hold the socket still. */
Test(db, held_is_kept)
{
	struct act act = { .wall_ns = 1795435200000000007 };
	struct held held = { .pids = { 12, 3456 }, .count = 2, .more = true };
	sqlite3 *sql = open_tables();
	struct reading reading;
	struct db_entry entry;
	struct db_link link;
	struct db_put put;

	fixture_plain(&act.record);
	act.record.kind = RECORD_HELD;
	act.record.references = 3;
	act.record.inode = 77;
	held.record = act.record;
	cr_assert_eq(db_put_open(&put, sql), SQLITE_OK);
	cr_assert_eq(db_put(&put, &act, &held, &link), SQLITE_OK);
	db_put_close(&put);
	reading = begin_reading(sql);
	cr_assert(read_next(&reading, &entry));
	same_record(&act, &entry.act);
	cr_assert(entry.held);
	cr_expect(!memcmp(&entry.held->record, &held.record, sizeof(held.record)));
	cr_expect_eq(entry.held->count, 2);
	cr_expect_eq(entry.held->pids[1], 3456);
	cr_expect(entry.held->more);
	end_reading(&reading);
	cr_expect_eq(sqlite3_close(sql), SQLITE_OK);
}

/* A record made elsewhere: the names that its kernel gave, and not those of this one. */
Test(db, names_of_that_kernel)
{
	struct act act, acts[GALLERY_MAX];
	sqlite3 *sql = open_tables();
	struct reading reading;
	struct db_entry entry;
	char *line;

	gallery_acts(acts);
	act = acts[1];
	act.record.known |= KNOWN_REASON;
	act.record.reason = 21;
	words_name_reason(21, "AS_THERE");
	put_all(sql, &act, 1);
	words_name_reason(21, "AS_HERE");
	reading = begin_reading(sql);
	cr_assert(read_next(&reading, &entry));
	line = print("json", &entry.act);
	cr_expect(strstr(line, "\"reason\":\"AS_THERE\""), "%s", line);
	free(line);
	end_reading(&reading);
	cr_expect_eq(sqlite3_close(sql), SQLITE_OK);
}

/* An address of IPv6 in full; frames one a line. */
static void check_view_value(const struct field *field, const struct act *act, sqlite3_stmt *row,
			     int column)
{
	struct value value = { .kind = VALUE_ABSENT };
	const char *text = (const char *)sqlite3_column_text(row, column);

	field->get(act, &value);
	switch (value.kind) {
	case VALUE_TEXT:
		if (strchr(value.text, ':') && strstr(field->key, "addr"))
			cr_expect_eq(strlen(text), 39, "%s: %s", field->key, text);
		else
			cr_expect_str_eq(text ?: "NULL", value.text, "%s", field->key);
		break;
	case VALUE_INTEGER:
		cr_expect_eq(sqlite3_column_int64(row, column), value.integer, "%s", field->key);
		break;
	case VALUE_BOOLEAN:
		cr_expect_eq(sqlite3_column_int(row, column), value.boolean, "%s", field->key);
		break;
	case VALUE_FRAMES:
		cr_expect(text && *text, "%s", field->key);
		break;
	default:
		cr_expect_eq(sqlite3_column_type(row, column), SQLITE_NULL, "%s: %s", field->key,
			     text);
	}
}

/* The view has the keys of fields.def in their order, and values as JSON has them. */
Test(db, view_has_the_keys_and_values_of_json)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts), seen = 0;
	sqlite3 *sql = open_tables();
	sqlite3_stmt *rows;

	gallery_frames(acts, count);
	put_all(sql, acts, count);
	cr_assert_eq(sqlite3_prepare_v2(sql, "SELECT * FROM acts ORDER BY ktime_ns", -1, &rows,
					NULL), SQLITE_OK);
	cr_assert_eq((size_t)sqlite3_column_count(rows), field_count);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		const struct act *act = &acts[seen++];

		for (size_t i = 0; i < field_count; i++) {
			cr_expect_str_eq(sqlite3_column_name(rows, (int)i), fields[i].key);
			check_view_value(&fields[i], act, rows, (int)i);
		}
	}
	cr_expect_eq(seen, count);
	sqlite3_finalize(rows);
	cr_expect_eq(sqlite3_close(sql), SQLITE_OK);
}
