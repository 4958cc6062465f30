/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_roll.h - the roll-up of a record: acts by minute, so that questions need not read each act */
#ifndef CLOSETRACE_DB_ROLL_H
#define CLOSETRACE_DB_ROLL_H

#include <sqlite3.h>

#include "db_put.h"
#include "dict.h"

struct db_roll {
	sqlite3_stmt *insert;
	int64_t next;		/* id of a row */
	struct dict keys;
	uint32_t *acts;		/* by number of the key */
	size_t room;		/* of acts[] */
	uint64_t bytes;		/* about, of all rows so far */
	int64_t minute;		/* of the youngest act; 0: none waits */
};

/* SQLITE_OK or an error, as of the others. */
int db_roll_open(struct db_roll *roll, sqlite3 *sql);
void db_roll_close(struct db_roll *roll);

/* Whether this act begins another minute: then the roll-up is written first. */
bool db_roll_is_due(const struct db_roll *roll, const struct act *act);

int db_roll_add(struct db_roll *roll, const struct act *act, const struct db_link *link);

/* Writes what was added, and forgets it. */
int db_roll_write(struct db_roll *roll);
void db_roll_forget(struct db_roll *roll);

#endif
