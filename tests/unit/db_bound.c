// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_bound.c - how large and how old a record in SQLite may become */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "db_bench.h"
#include "gallery.h"
#include "note.h"
#include "store/db_schema.h"

/* A second run, with the options as they are now. */
static void go_on(struct bench *bench)
{
	cr_expect_eq(db_end(bench->db, &bench->totals), 0);
	db_close(bench->db);
	bench_open(bench);
}

Test(db_bound, keeps_to_its_bound)
{
	struct bench bench;
	uint64_t most = 0;

	bench_set_up(&bench, DB_SIZE_MIN);
	for (int i = 0; i < 60; i++) {
		bench_feed(&bench, 300);
		most = bench_size(&bench) > most ? bench_size(&bench) : most;
	}
	cr_expect_leq(most, DB_SIZE_MIN * 1.05, "%lu", (unsigned long)most);
	cr_expect_geq(most, DB_SIZE_MIN * .85, "%lu", (unsigned long)most);
	cr_expect_gt(bench_ask(&bench, "SELECT count(*) FROM acts"), 5000);
	/* What is left is the youngest, without a hole. */
	ASK(1, "SELECT count(*) = max(id) - min(id) + 1 AND max(id) = 18000 FROM rows r"
	       " WHERE id >= " DB_OLDEST("first"));
	ASK(0, "SELECT count(*) FROM rows WHERE shape NOT IN (SELECT id FROM shapes)"
	       " AND id >= " DB_OLDEST("first"));
	bench_check_counts(&bench);
	cr_expect_eq(db_lost(bench.db)->acts, 0);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* A drain of the ring hands over thousands of acts before it is looked at the clock. */
Test(db_bound, holds_between_ticks)
{
	struct act acts[GALLERY_MAX], act;
	struct bench bench;
	uint64_t most = 0;

	gallery_acts(acts);
	bench_set_up(&bench, DB_SIZE_MIN);
	for (int i = 0; i < 20000; i++) {
		act = acts[i % 5];
		bench_add(&bench, &act);
		if (i % 64 == 0 && bench_size(&bench) > most)
			most = bench_size(&bench);
	}
	cr_expect_leq(most, DB_SIZE_MIN * 1.05, "%lu", (unsigned long)most);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	cr_expect_leq(bench_size(&bench), DB_SIZE_MIN * 1.05);
	bench_check_counts(&bench);
	bench_tear_down(&bench);
}

/* Acts with long names, each its own, take fifty times as much as others. */
Test(db_bound, holds_with_large_acts)
{
	char path[3000], owner_path[2000];
	struct act acts[GALLERY_MAX], act;
	struct bench bench;
	uint64_t most = 0;

	gallery_acts(acts);
	memset(path, 'a', sizeof(path));
	memset(owner_path, 'b', sizeof(owner_path));
	path[sizeof(path) - 1] = owner_path[sizeof(owner_path) - 1] = '\0';
	bench_set_up(&bench, DB_SIZE_MIN);
	for (int i = 0; i < 1500; i++) {
		act = acts[i % 5];
		act.record.known |= KNOWN_CGROUP | KNOWN_OWNER;
		path[snprintf(path, sizeof(path), "/%d", i)] = '/';
		owner_path[snprintf(owner_path, sizeof(owner_path), "/%d", i)] = '/';
		act.cgroup = path;
		act.owner_cgroup = owner_path;
		bench_add(&bench, &act);
		if (i % 256 == 255)
			bench_tick(&bench, SECOND / 3);
		most = bench_size(&bench) > most ? bench_size(&bench) : most;
	}
	cr_expect_leq(most, DB_SIZE_MIN * 1.05, "%lu", (unsigned long)most);
	cr_expect_gt(bench_ask(&bench, "SELECT count(*) FROM acts"), 50);
	cr_expect_eq(db_lost(bench.db)->acts, 0);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* What is in the -wal goes to its place, also where no bound asks for it. */
Test(db_bound, begins_its_wal_anew)
{
	struct bench bench;
	struct stat info;

	bench_set_up(&bench, 0);
	for (int i = 0; i < 600; i++)
		bench_feed(&bench, 300);
	cr_assert_eq(stat(bench.path, &info), 0);
	cr_expect_gt((uint64_t)info.st_size, bench_size(&bench) / 2, "%ld", (long)info.st_size);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* A bound that is lower than before: the file shrinks, by and by. */
Test(db_bound, shrinks_to_a_lower_bound)
{
	struct bench bench;

	bench_set_up(&bench, 0);
	for (int i = 0; i < 60; i++)
		bench_feed(&bench, 300);
	bench.options.max_size = DB_SIZE_MIN;
	go_on(&bench);
	cr_expect_gt(bench_size(&bench), DB_SIZE_MIN * 3 / 2);
	for (int i = 0; i < 100; i++) {
		bench_feed(&bench, 1);
		bench_tick(&bench, SECOND);
	}
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	cr_expect_leq(bench_size(&bench), DB_SIZE_MIN * 1.05, "%lu",
		      (unsigned long)bench_size(&bench));
	bench_check_counts(&bench);
	bench_tear_down(&bench);
}

Test(db_bound, forgets_what_is_old)
{
	struct bench bench;

	bench_set_up(&bench, 0);
	bench.options.max_age_ns = 3600 * SECOND;
	go_on(&bench);
	bench_feed(&bench, 200);
	ASK(200, "SELECT count(*) FROM acts");
	for (int i = 0; i < 5; i++)
		bench_tick(&bench, 1800 * SECOND);
	ASK(0, "SELECT count(*) FROM acts");
	for (int i = 0; i < 5; i++)
		bench_tick(&bench, SECOND);
	ASK(0, "SELECT count(*) FROM rows");
	bench_check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* Many chunks are too old at once, as after a long stop: they go soon, though nothing comes. */
Test(db_bound, forgets_all_that_is_old)
{
	struct bench bench;

	bench_set_up(&bench, DB_SIZE_MIN);
	bench.options.max_age_ns = 3600 * SECOND;
	go_on(&bench);
	bench_feed(&bench, 4000);
	ASK(4000, "SELECT count(*) FROM acts");
	cr_expect_geq(bench_ask(&bench, "SELECT count(*) FROM chunks"), 10);
	bench_tick(&bench, 7200 * SECOND);
	for (int i = 0; i < 3; i++)
		bench_tick(&bench, SECOND);
	ASK(0, "SELECT count(*) FROM acts");
	ASK(1, "SELECT count(*) FROM chunks");
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}

/* One who reads all the time in one transaction does not make it grow for ever. */
Test(db_bound, is_bounded_beside_a_reader, .init = cr_redirect_stderr)
{
	struct act notes[NOTES];
	struct bench bench;
	sqlite3 *sql;

	bench_set_up(&bench, DB_SIZE_MIN);
	bench_feed(&bench, 15000);
	cr_assert_eq(sqlite3_open_v2(bench.path, &sql, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(sql, "BEGIN; SELECT count(*) FROM rows", NULL, NULL, NULL),
		     SQLITE_OK);
	for (int i = 0; i < 5; i++)
		bench_feed(&bench, 1000);
	cr_expect_leq(bench_size(&bench), DB_SIZE_MIN * 1.05, "%lu",
		      (unsigned long)bench_size(&bench));
	cr_expect_gt(db_lost(bench.db)->acts, 0);
	for (size_t i = 0; i < gallery_notes(notes); i++)
		db_add(bench.db, &notes[i], NULL);
	cr_expect_eq(db_lost(bench.db)->notes, gallery_notes(notes), "counted apart from acts");
	cr_assert_eq(sqlite3_close(sql), SQLITE_OK);
	bench_tick(&bench, 2 * SECOND);
	bench_feed(&bench, 100);
	ASK((int64_t)db_lost(bench.db)->acts, "SELECT sum(count) FROM gaps WHERE kind = 'full'");
	bench_check_counts(&bench);
	cr_expect_eq(db_end(bench.db, &bench.totals), 0);
	bench_tear_down(&bench);
}
