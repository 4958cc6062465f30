/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_bench.h - a record in SQLite that is written and looked at, with a clock of its own */
#ifndef UNIT_DB_BENCH_H
#define UNIT_DB_BENCH_H

#include <stdint.h>

#include "act.h"
#include "pipeline.h"
#include "run.h"
#include "store/db.h"

#define SECOND	1000000000ULL

struct bench {
	char folder[32], path[48];
	struct db_options options;
	struct run run;
	struct totals totals;
	struct db *db;
	uint64_t now_ns, made;
};

/* In a folder of its own; 0: no bound. */
void bench_set_up(struct bench *bench, uint64_t max_size);
void bench_tear_down(struct bench *bench);

/* Once more, after db_close(). */
void bench_open(struct bench *bench);

void bench_tick(struct bench *bench, uint64_t ns);

/* One act, behind those before it. */
void bench_add(struct bench *bench, struct act *act);

/* So many acts, of which every tenth has another shape; a tick after each hundred. */
void bench_feed(struct bench *bench, size_t count);

/* One number of the file, read beside the writer. */
int64_t bench_ask(const struct bench *bench, const char *text);

#define ASK(number, text) cr_expect_eq(bench_ask(&bench, text), number, "%s", text)

/* Bytes of the file, its -wal and its -shm. */
uint64_t bench_size(const struct bench *bench);

/* The roll-up, with what was not rolled up yet, counts each act that is kept. */
void bench_check_counts(const struct bench *bench);

#endif
