// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_bench.h"
#include "gallery.h"

void bench_open(struct bench *bench)
{
	char message[MESSAGE] = "";

	cr_assert_eq(run_init(&bench->run), 0);
	bench->run.tier = "base";
	bench->options.path = bench->path;
	cr_assert_eq(db_open(&bench->db, &bench->options, &bench->run, message), 0, "%s", message);
	bench->now_ns = run_now();
}

void bench_set_up(struct bench *bench, uint64_t max_size)
{
	*bench = (struct bench){ .folder = "/dev/shm/db_XXXXXX", .options.max_size = max_size };
	if (!mkdtemp(bench->folder)) {
		strcpy(bench->folder, "/tmp/db_XXXXXX");
		cr_assert(mkdtemp(bench->folder));
	}
	snprintf(bench->path, sizeof(bench->path), "%s/x.db", bench->folder);
	bench_open(bench);
}

void bench_tear_down(struct bench *bench)
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

void bench_tick(struct bench *bench, uint64_t ns)
{
	bench->now_ns += ns;
	if (bench->now_ns >= db_next(bench->db))
		db_tick(bench->db, bench->now_ns, &bench->totals);
}

void bench_add(struct bench *bench, struct act *act)
{
	act->record.time_ns = 5 * SECOND + bench->made * 1000000;
	act->wall_ns = bench->run.start_wall_ns + bench->made * 1000000;
	db_add(bench->db, act, NULL);
	totals_add(&bench->totals, act, 1);
	bench->totals.seen++;
	bench->made++;
}

void bench_feed(struct bench *bench, size_t count)
{
	struct act acts[GALLERY_MAX], act;

	gallery_acts(acts);
	for (size_t i = 0; i < count; i++) {
		act = acts[bench->made / 10 % 5];
		bench_add(bench, &act);
		if (i % 100 == 99)
			bench_tick(bench, SECOND / 3);
	}
	bench_tick(bench, SECOND);
}

int64_t bench_ask(const struct bench *bench, const char *text)
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

uint64_t bench_size(const struct bench *bench)
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

void bench_check_counts(const struct bench *bench)
{
	cr_expect_eq(bench_ask(bench, "SELECT (SELECT coalesce(sum(acts), 0) FROM counts) -"
				" (SELECT count(*) FROM acts)"), 0);
	cr_expect_eq(bench_ask(bench, "SELECT count(*) FROM (SELECT cause, sum(acts) FROM counts"
				" GROUP BY 1 EXCEPT SELECT cause, count(*) FROM acts"
				" GROUP BY 1)"), 0);
}
