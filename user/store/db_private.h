/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_private.h - what db.c, db_file.c, db_trim.c and db_run.c share */
#ifndef CLOSETRACE_DB_PRIVATE_H
#define CLOSETRACE_DB_PRIVATE_H

#include <sqlite3.h>

#include "db.h"
#include "db_put.h"
#include "db_roll.h"

#define DB_SHM		32768	/* bytes of a -shm, which is enough for 16 MiB of -wal */

/* The unit that is forgotten. */
struct db_chunk {
	int64_t id, first;		/* the first row */
	int64_t since, until;		/* ns since 1970, of its acts; 0: it has none */
	uint64_t rows;
	uint64_t bytes;			/* about, with all that goes with them */
	uint64_t began_ns;		/* CLOCK_MONOTONIC */
};

struct db {
	char path[4096];		/* without links in its folder */
	struct db_options options;
	const struct run *run;
	uint64_t since_ns;		/* 1970: of what is here of it */
	int fd;				/* holds the lock that keeps other recorders away */
	sqlite3 *sql;
	struct db_put put;
	struct db_roll roll;
	struct db_chunk chunk;
	uint64_t chunk_bytes, chunk_ns;	/* when the next begins */
	uint64_t batch_bytes;		/* when to commit although it is not time */
	bool begun;			/* a transaction is open */
	uint64_t begun_ns;
	uint64_t bytes;			/* in it, about */
	struct store_lost kept;		/* the same by kind: lost when it fails */
	uint64_t added;			/* rows since the last deletion */
	bool trimming;			/* rows before the first chunk are left */
	bool shrinking;			/* the file has more pages than it may have */
	bool hasty;			/* there is more to forget */
	uint64_t now_ns;		/* CLOCK_MONOTONIC of the last tick */
	uint64_t alive_ns;		/* of the last commit */
	uint64_t aged_ns;		/* when the age was looked at */
	int64_t wal_pages;		/* not in the file yet, at the last commit */
	uint64_t wal_bytes;		/* how much of them is to be copied */
	uint64_t wal_most;		/* bytes of the -wal, usually: room is kept for them */
	/* Of losses: see db_run.c. */
	uint64_t told_lost;		/* by the kernel, in the gaps already */
	bool down;			/* the file cannot be written */
	uint64_t tried_ns, said_ns;	/* the last retry, the last word of it */
	bool said;			/* that it is down */
	int64_t down_wall;		/* ns since 1970, from when */
	uint64_t down_lost;		/* since then */
	struct store_lost lost;
};

/* db_file.c: opens and checks the file, and makes its tables.  As db_open(). */
int db_file_open(struct db *db, char message[MESSAGE]);
/* Says why it cannot be written, by a code of SQLite.  -EIO. */
int db_file_refuse(struct db *db, char message[MESSAGE], int rc);
/* All is in one file, which can be read where nothing can be written; unless somebody reads on. */
void db_file_settle(struct db *db);
void db_file_close(struct db *db);
/* Bytes of its -wal and its -shm. */
uint64_t db_file_beside(const struct db *db);

/* The others give SQLITE_OK or an error. */

/* db_run.c: rows of runs, gaps and clocks. */
int db_run_start(struct db *db);
int db_run_save(struct db *db, const struct totals *totals, bool over);
int db_run_gap(struct db *db, const char *kind, int64_t since, int64_t until, uint64_t count);
int db_run_clock(struct db *db, const struct wall_step *step);

/* db_trim.c: chunks, and what is forgotten. */
int db_chunk_resume(struct db *db);
/* Of an empty file, and after a rollback; else the one before is ended by db_chunk_turn(). */
int db_chunk_begin(struct db *db);
int db_chunk_turn(struct db *db);
int db_roll_save(struct db *db);
int db_chunk_save(struct db *db);
bool db_chunk_is_full(const struct db *db);
/* Within a transaction, before its end: keeps the bounds. */
int db_trim(struct db *db);

int db_exec(struct db *db, const char *text);
/* One number; @otherwise when there is none, or an error. */
int64_t db_number(struct db *db, const char *text, int64_t otherwise);

#endif
