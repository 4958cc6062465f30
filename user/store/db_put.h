/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_put.h - one act, note or held close into the tables of a record; see db_schema.h */
#ifndef CLOSETRACE_DB_PUT_H
#define CLOSETRACE_DB_PUT_H

#include <sqlite3.h>

#include "../act.h"
#include "../held.h"
#include "dict.h"

#define DB_PAGE		4096	/* bytes, of the file */

/* Ids of rows that a row refers to; 0: none. */
struct db_link {
	int64_t shape, actor, owner, peer;
	int64_t comm, owner_comm, cgroup;	/* names, as in minutes */
};

/* The tables that give numbers to what repeats in a chunk. */
enum db_dict { DB_SHAPES, DB_TASKS, DB_NAMES, DB_DICTS };

struct db_put {
	sqlite3 *sql;
	sqlite3_stmt *row, *extra, *insert[DB_DICTS];
	struct dict dict[DB_DICTS];
	int64_t first[DB_DICTS];	/* the id of number 0 */
	int64_t next_row;
	uint64_t bytes;			/* about, of all rows so far */
	int error;			/* SQLite's of the first statement that failed */
};

/* Prepares the statements.  SQLITE_OK or an error. */
int db_put_open(struct db_put *put, sqlite3 *sql);
void db_put_close(struct db_put *put);

/*
 * A new chunk: ids go on, what was known is forgotten.  Also after a rollback, when rows that were
 * given an id may not be there.
 */
void db_put_renew(struct db_put *put);

/* @held: of a close that was not the last, else NULL.  Fills *link.  SQLITE_OK or an error. */
int db_put(struct db_put *put, const struct act *act, const struct held *held,
	   struct db_link *link);

#endif
