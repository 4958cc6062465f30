// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_write.c - the writer of a record in SQLite: starts and ends, what is missing */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_bench.h"
#include "fixture.h"
#include "gallery.h"
#include "note.h"
#include "store/db.h"
#include "store/db_read.h"
#include "store/db_schema.h"
#include "store/dict.h"

Test(db_write, ends_in_one_file)
{
	struct bench bench;

	bench_set_up(&bench, 0);
	bench_feed(&bench, 1000);
	ASK(1000, "SELECT count(*) FROM acts");
	bench_check_counts(&bench);
	ASK(1, "SELECT ended = 'running' AND stop IS NULL AND emitted = 1000 FROM runs");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	cr_expect_eq(db_lost(bench.db)->acts, 0);
	ASK(1, "SELECT ended = 'clean' AND stop >= start AND emitted = 1000 FROM runs");
	ASK(0, "SELECT count(*) FROM gaps");
	bench_check_counts(&bench);
	db_close(bench.db);
	bench.db = NULL;
	cr_assert_eq(unlink(bench.path), 0);
	cr_expect_eq(rmdir(bench.folder), 0, "more than one file");
}

/* Killed: the next start tells so, and adds to the roll-up what it lacks. */
Test(db_write, goes_on_after_a_kill)
{
	struct bench bench;

	bench_set_up(&bench, 0);
	bench_feed(&bench, 500);
	db_close(bench.db);
	bench_open(&bench);
	ASK(1, "SELECT count(*) FROM gaps WHERE kind = 'stopped' AND until >= since");
	ASK(1, "SELECT count(*) FROM runs WHERE ended = 'killed'");
	bench_feed(&bench, 500);
	ASK(1000, "SELECT count(*) FROM acts");
	ASK(1000, "SELECT count(DISTINCT id) FROM rows");
	bench_check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* The run began in another file: here it begins when that ended. */
Test(db_write, begins_when_it_is_told_to)
{
	struct bench bench;

	bench_set_up(&bench, 0);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	db_close(bench.db);
	bench.options.since_ns = run_now() + 7;
	bench_open(&bench);
	cr_expect_eq(bench_ask(&bench, "SELECT start FROM runs WHERE id = 2"),
		     (int64_t)bench.options.since_ns);
	cr_expect_eq(bench_ask(&bench, "SELECT until FROM gaps WHERE kind = 'stopped'"),
		     (int64_t)bench.options.since_ns);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* Somebody else writes to it, as time that goes by would. */
static void change(const struct bench *bench, const char *text)
{
	sqlite3 *sql;

	cr_assert_eq(sqlite3_open_v2(bench->path, &sql, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(sql, text, NULL, NULL, NULL), SQLITE_OK, "%s",
		     sqlite3_errmsg(sql));
	cr_assert_eq(sqlite3_close(sql), SQLITE_OK);
}

/* A loss that goes on is one gap; a minute later it is another. */
Test(db_write, tells_what_was_lost)
{
	struct bench bench;

	bench_set_up(&bench, 0);
	for (int i = 0; i < 5; i++) {
		bench.totals.lost_ring += 7;
		bench_feed(&bench, 10);
	}
	ASK(35, "SELECT count FROM gaps WHERE kind = 'lost' AND until >= since");
	ASK(1, "SELECT count(*) FROM gaps");
	ASK(1, "SELECT lost_ring = 35 AND lost = 35 FROM runs");
	change(&bench, "UPDATE gaps SET until = until - 60000000000");
	bench.totals.lost_ring += 7;
	bench_feed(&bench, 10);
	ASK(2, "SELECT count(*) FROM gaps");
	ASK(7, "SELECT count FROM gaps ORDER BY id DESC LIMIT 1");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

Test(db_write, tells_of_the_clock)
{
	const struct wall_step step = { .ktime_ns = 5, .wall_ns = 7 * SECOND, .step_ns = -3000000,
					.slept_ns = 2000000 };
	struct bench bench;

	bench_set_up(&bench, 0);
	db_add_clock(bench.db, &step);
	bench_tick(&bench, SECOND);
	ASK(1, "SELECT time = 7000000000 AND ktime_ns = 5 AND step_us = -3000 AND slept_us = 2000"
	       " FROM clocks");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* Notes are rows, and nobody counts them. */
Test(db_write, notes_are_no_acts)
{
	struct act notes[NOTES];
	size_t count = gallery_notes(notes);
	struct bench bench;

	bench_set_up(&bench, 0);
	for (size_t i = 0; i < count; i++)
		db_add(bench.db, &notes[i], NULL);
	bench_feed(&bench, 10);
	ASK(10, "SELECT count(*) FROM acts");
	ASK((int64_t)count, "SELECT count(*) FROM rows r JOIN shapes s ON s.id = r.shape"
			    " WHERE s.type = 'note'");
	bench_check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* A file may come from anywhere: what no recorder writes is refused, and never used. */
Test(db_write, values_out_of_range_are_refused)
{
	static const char *const harms[] = {
		"UPDATE shapes SET kind = 77", "UPDATE shapes SET context_number = 9",
		"UPDATE shapes SET owner_by = 200", "UPDATE shapes SET family_number = 1",
		"UPDATE shapes SET cause = NULL", "DELETE FROM shapes", "DELETE FROM tasks",
		"DELETE FROM names", "UPDATE rows SET shape = NULL", "UPDATE rows SET actor = -5",
		"UPDATE shapes SET extra = 1",
	};
	char text[1024];

	snprintf(text, sizeof(text), "SELECT %s FROM rows r", db_read_columns());
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		struct db_reader *reader;
		struct db_entry entry;
		sqlite3_stmt *rows;
		struct bench bench;
		sqlite3 *sql;

		bench_set_up(&bench, 0);
		bench_feed(&bench, 1);
		cr_expect_eq(db_end(bench.db, &bench.totals), 0);
		cr_assert_eq(sqlite3_open(bench.path, &sql), SQLITE_OK);
		cr_assert_eq(sqlite3_exec(sql, harms[i], NULL, NULL, NULL), SQLITE_OK, "%s: %s",
			     harms[i], sqlite3_errmsg(sql));
		cr_assert_eq(db_reader_open(&reader, sql), SQLITE_OK);
		cr_assert_eq(sqlite3_prepare_v2(sql, text, -1, &rows, NULL), SQLITE_OK);
		cr_assert_eq(sqlite3_step(rows), SQLITE_ROW);
		cr_expect_eq(db_read(reader, rows, &entry), -EBADMSG, "%s", harms[i]);
		sqlite3_finalize(rows);
		db_reader_close(reader);
		sqlite3_close(sql);
		bench_tear_down(&bench);
	}
}

Test(dict, numbers_are_those_of_the_first_time)
{
	struct dict dict = { 0 };
	bool added;

	for (int64_t i = 0; i < 10000; i++) {
		cr_assert_eq(dict_number(&dict, &i, sizeof(i), &added), i);
		cr_assert(added);
	}
	for (int64_t i = 0; i < 10000; i++) {
		cr_assert_eq(dict_number(&dict, &i, sizeof(i), &added), i);
		cr_assert(!added);
		cr_assert_eq(dict_find(&dict, &i, sizeof(i)), i);
		cr_assert_eq(*(const int64_t *)dict_key(&dict, (size_t)i), i);
	}
	cr_expect_eq(dict_find(&dict, "four", 4), -ENOENT);
	dict_clear(&dict);
	cr_expect_eq(dict_number(&dict, "four", 4, &added), 0);
	cr_expect(added);
	dict_free(&dict);
}
