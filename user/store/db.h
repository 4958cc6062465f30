/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db.h - writes a record in SQLite: batches, bounds, and what to do when the disk is full
 *
 * Acts are put into a transaction, which is committed (WAL, synchronous=FULL) by db_tick(), 300 ms
 * after its first act at the latest: a power cut or kill -9 takes no more than those.  Once a chunk
 * is full the next begins, and when the files together come near the bound, or the oldest chunk is
 * too old, that one is forgotten: at once for readers, and then a few thousand rows a commit are
 * deleted, whose pages are used again.
 *
 * A file that cannot be written ends nothing: what was in the transaction and what comes is counted
 * as lost, it is told once a minute, and each second it is tried again; then a gap says what is
 * missing.
 */
#ifndef CLOSETRACE_DB_H
#define CLOSETRACE_DB_H

#include "../act.h"
#include "../held.h"
#include "../message.h"
#include "../run.h"
#include "store_lost.h"

struct db;

struct db_options {
	const char *path;
	uint64_t max_size;	/* bytes, with -wal and -shm; 0: no bound */
	uint64_t max_age_ns;	/* 0: no bound */
	uint64_t since_ns;	/* 1970; 0: the file has the run from its start on */
};

/* The smallest bound for which there is room for the tables, a batch and its -wal. */
#define DB_SIZE_MIN	(1 << 20)

/*
 * Makes the file, or goes on with one that is ours, as that run.  0, or a negative errno with
 * *message saying in one line what is wrong.
 */
int db_open(struct db **db, const struct db_options *options, const struct run *run,
	    char message[MESSAGE]);

/* @held: of a close that was not the last, else NULL. */
void db_add(struct db *db, const struct act *act, const struct held *held);

void db_add_clock(struct db *db, const struct wall_step *step);

/* When to call db_tick(): CLOCK_MONOTONIC. */
uint64_t db_next(const struct db *db);

/* Commits, or tries to write again, with what was counted since db_open(). */
void db_tick(struct db *db, uint64_t now_ns, const struct totals *totals);

/* Its path names another file now, or none; no path names it. */
bool db_was_renamed(const struct db *db);
bool db_was_removed(const struct db *db);

/* What is lost because it could not be written. */
const struct store_lost *db_lost(const struct db *db);

/* The last commit, and one file left.  0, or a negative errno: the last acts were not written. */
int db_end(struct db *db, const struct totals *totals);

/* Also without db_end(): then the next to open it finds a run that was killed. */
void db_close(struct db *db);

#endif
