// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_write.c - the writer of a record in SQLite: bounds, starts and ends, what is missing */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "gallery.h"
#include "note.h"
#include "store/db.h"
#include "store/db_read.h"
#include "store/db_schema.h"
#include "store/dict.h"

#define SECOND	1000000000ULL

struct bench {
	char folder[32], path[48];
	struct db_options options;
	struct run run;
	struct totals totals;
	struct db *db;
	uint64_t now_ns, made;
};

static void open_db(struct bench *bench)
{
	char message[MESSAGE] = "";

	cr_assert_eq(run_init(&bench->run), 0);
	bench->run.tier = "base";
	bench->options.path = bench->path;
	cr_assert_eq(db_open(&bench->db, &bench->options, &bench->run, message), 0, "%s", message);
	bench->now_ns = run_now();
}

static void set_up(struct bench *bench, uint64_t max_size)
{
	*bench = (struct bench){ .folder = "/dev/shm/db_XXXXXX", .options.max_size = max_size };
	if (!mkdtemp(bench->folder)) {
		strcpy(bench->folder, "/tmp/db_XXXXXX");
		cr_assert(mkdtemp(bench->folder));
	}
	snprintf(bench->path, sizeof(bench->path), "%s/x.db", bench->folder);
	open_db(bench);
}

static void tear_down(struct bench *bench)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[64];

	db_close(bench->db);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", bench->path, suffixes[i]);
		unlink(path);
	}
	cr_expect_eq(rmdir(bench->folder), 0, "a file is left");
}

static void tick(struct bench *bench, uint64_t ns)
{
	bench->now_ns += ns;
	if (bench->now_ns >= db_next(bench->db))
		db_tick(bench->db, bench->now_ns, &bench->totals);
}

/* So many acts, of which every tenth has another shape; a tick after each hundred. */
static void feed(struct bench *bench, size_t count)
{
	struct act acts[GALLERY_MAX], act;

	gallery_acts(acts);
	for (size_t i = 0; i < count; i++, bench->made++) {
		act = acts[bench->made / 10 % 5];
		act.record.time_ns = 5 * SECOND + bench->made * 1000000;
		act.wall_ns = bench->run.start_wall_ns + bench->made * 1000000;
		db_add(bench->db, &act, NULL);
		totals_add(&bench->totals, &act, 1);
		bench->totals.seen++;
		if (i % 100 == 99)
			tick(bench, SECOND / 3);
	}
	tick(bench, SECOND);
}

/* One number of the file, read beside the writer. */
static int64_t ask(const struct bench *bench, const char *text)
{
	sqlite3_stmt *query;
	int64_t number = -1;
	sqlite3 *sql;

	cr_assert_eq(sqlite3_open_v2(bench->path, &sql, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(sql, text, -1, &query, NULL), SQLITE_OK, "%s: %s", text,
		     sqlite3_errmsg(sql));
	if (sqlite3_step(query) == SQLITE_ROW)
		number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	cr_assert_eq(sqlite3_close(sql), SQLITE_OK);
	return number;
}

#define ASK(number, text) cr_expect_eq(ask(&bench, text), number, "%s", text)

static uint64_t size_of(const struct bench *bench)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	uint64_t size = 0;
	struct stat info;
	char path[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", bench->path, suffixes[i]);
		size += stat(path, &info) ? 0 : (uint64_t)info.st_size;
	}
	return size;
}

/* The roll-up, with what was not rolled up yet, counts each act that is kept. */
static void check_counts(const struct bench *bench)
{
	cr_expect_eq(ask(bench, "SELECT (SELECT coalesce(sum(acts), 0) FROM counts) -"
				" (SELECT count(*) FROM acts)"), 0);
	cr_expect_eq(ask(bench, "SELECT count(*) FROM (SELECT cause, sum(acts) FROM counts"
				" GROUP BY 1 EXCEPT SELECT cause, count(*) FROM acts"
				" GROUP BY 1)"), 0);
}

Test(db_write, ends_in_one_file)
{
	struct bench bench;

	set_up(&bench, 0);
	feed(&bench, 1000);
	ASK(1000, "SELECT count(*) FROM acts");
	check_counts(&bench);
	ASK(1, "SELECT ended = 'running' AND stop IS NULL AND emitted = 1000 FROM runs");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	cr_expect_eq(db_lost(bench.db)->acts, 0);
	ASK(1, "SELECT ended = 'clean' AND stop >= start AND emitted = 1000 FROM runs");
	ASK(0, "SELECT count(*) FROM gaps");
	check_counts(&bench);
	db_close(bench.db);
	bench.db = NULL;
	cr_assert_eq(unlink(bench.path), 0);
	cr_expect_eq(rmdir(bench.folder), 0, "more than one file");
}

/* Killed: the next start tells so, and adds to the roll-up what it lacks. */
Test(db_write, goes_on_after_a_kill)
{
	struct bench bench;

	set_up(&bench, 0);
	feed(&bench, 500);
	db_close(bench.db);
	open_db(&bench);
	ASK(1, "SELECT count(*) FROM gaps WHERE kind = 'stopped' AND until >= since");
	ASK(1, "SELECT count(*) FROM runs WHERE ended = 'killed'");
	feed(&bench, 500);
	ASK(1000, "SELECT count(*) FROM acts");
	ASK(1000, "SELECT count(DISTINCT id) FROM rows");
	check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
}

Test(db_write, keeps_to_its_bound)
{
	struct bench bench;
	uint64_t most = 0;

	set_up(&bench, DB_SIZE_MIN);
	for (int i = 0; i < 60; i++) {
		feed(&bench, 300);
		most = size_of(&bench) > most ? size_of(&bench) : most;
	}
	cr_expect_leq(most, DB_SIZE_MIN * 1.05, "%lu", (unsigned long)most);
	cr_expect_geq(most, DB_SIZE_MIN * .85, "%lu", (unsigned long)most);
	cr_expect_gt(ask(&bench, "SELECT count(*) FROM acts"), 5000);
	/* What is left is the youngest, without a hole. */
	ASK(1, "SELECT count(*) = max(id) - min(id) + 1 AND max(id) = 18000 FROM rows r"
	       " WHERE id >= " DB_OLDEST("first"));
	ASK(0, "SELECT count(*) FROM rows WHERE shape NOT IN (SELECT id FROM shapes)"
	       " AND id >= " DB_OLDEST("first"));
	check_counts(&bench);
	cr_expect_eq(db_lost(bench.db)->acts, 0);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
}

/* A bound that is lower than before: the file shrinks, by and by. */
Test(db_write, shrinks_to_a_lower_bound)
{
	struct bench bench;

	set_up(&bench, 0);
	for (int i = 0; i < 60; i++)
		feed(&bench, 300);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	db_close(bench.db);
	cr_expect_gt(size_of(&bench), DB_SIZE_MIN * 3 / 2);
	bench.options.max_size = DB_SIZE_MIN;
	open_db(&bench);
	for (int i = 0; i < 100; i++) {
		feed(&bench, 1);
		tick(&bench, SECOND);
	}
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	cr_expect_leq(size_of(&bench), DB_SIZE_MIN * 1.05, "%lu", (unsigned long)size_of(&bench));
	check_counts(&bench);
	tear_down(&bench);
}

Test(db_write, forgets_what_is_old)
{
	struct bench bench;

	set_up(&bench, 0);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	db_close(bench.db);
	bench.options.max_age_ns = 3600 * SECOND;
	open_db(&bench);
	feed(&bench, 200);
	ASK(200, "SELECT count(*) FROM acts");
	for (int i = 0; i < 5; i++)
		tick(&bench, 1800 * SECOND);
	ASK(0, "SELECT count(*) FROM acts");
	for (int i = 0; i < 5; i++)
		tick(&bench, SECOND);
	ASK(0, "SELECT count(*) FROM rows");
	check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
}

/* One who reads all the time in one transaction does not make it grow for ever. */
Test(db_write, is_bounded_beside_a_reader, .init = cr_redirect_stderr)
{
	struct act notes[NOTES];
	struct bench bench;
	sqlite3 *sql;

	set_up(&bench, DB_SIZE_MIN);
	feed(&bench, 300);
	cr_assert_eq(sqlite3_open_v2(bench.path, &sql, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(sql, "BEGIN; SELECT count(*) FROM rows", NULL, NULL, NULL),
		     SQLITE_OK);
	for (int i = 0; i < 20; i++)
		feed(&bench, 1000);
	cr_expect_leq(size_of(&bench), DB_SIZE_MIN * 1.05, "%lu", (unsigned long)size_of(&bench));
	cr_expect_gt(db_lost(bench.db)->acts, 0);
	for (size_t i = 0; i < gallery_notes(notes); i++)
		db_add(bench.db, &notes[i], NULL);
	cr_expect_eq(db_lost(bench.db)->notes, gallery_notes(notes), "counted apart from acts");
	cr_assert_eq(sqlite3_close(sql), SQLITE_OK);
	tick(&bench, 2 * SECOND);
	feed(&bench, 100);
	ASK((int64_t)db_lost(bench.db)->acts, "SELECT sum(count) FROM gaps WHERE kind = 'full'");
	check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
}

/* A loss that goes on is one gap. */
Test(db_write, tells_what_was_lost)
{
	struct bench bench;

	set_up(&bench, 0);
	for (int i = 0; i < 5; i++) {
		bench.totals.lost_ring += 7;
		feed(&bench, 10);
	}
	ASK(35, "SELECT count FROM gaps WHERE kind = 'lost' AND until >= since");
	ASK(1, "SELECT count(*) FROM gaps");
	ASK(1, "SELECT lost_ring = 35 AND lost = 35 FROM runs");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
}

Test(db_write, tells_of_the_clock)
{
	const struct wall_step step = { .ktime_ns = 5, .wall_ns = 7 * SECOND, .step_ns = -3000000,
					.slept_ns = 2000000 };
	struct bench bench;

	set_up(&bench, 0);
	db_add_clock(bench.db, &step);
	tick(&bench, SECOND);
	ASK(1, "SELECT time = 7000000000 AND ktime_ns = 5 AND step_us = -3000 AND slept_us = 2000"
	       " FROM clocks");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
}

/* Notes are rows, and nobody counts them. */
Test(db_write, notes_are_no_acts)
{
	struct act notes[NOTES];
	size_t count = gallery_notes(notes);
	struct bench bench;

	set_up(&bench, 0);
	for (size_t i = 0; i < count; i++)
		db_add(bench.db, &notes[i], NULL);
	feed(&bench, 10);
	ASK(10, "SELECT count(*) FROM acts");
	ASK((int64_t)count, "SELECT count(*) FROM rows r JOIN shapes s ON s.id = r.shape"
			    " WHERE s.type = 'note'");
	check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	tear_down(&bench);
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

		set_up(&bench, 0);
		feed(&bench, 1);
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
		tear_down(&bench);
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
