/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_read.h - a row of a record back into what sinks take
 *
 * Which rows is a matter of SQL: a statement selects db_read_columns() from "rows r", with joins
 * and conditions as it likes, for instance
 *
 *	SELECT <columns> FROM rows r JOIN shapes s ON s.id = r.shape
 *	WHERE r.id >= DB_OLDEST("first") AND s.type = 'act' AND s.cause = ? ORDER BY r.id
 *
 * and each of its steps is handed to db_read().  A file may come from anywhere: values out of their
 * range are refused, and text is made inert by the sinks as that of a live act is.
 */
#ifndef CLOSETRACE_DB_READ_H
#define CLOSETRACE_DB_READ_H

#include <sqlite3.h>

#include "../act.h"
#include "../held.h"

struct db_reader;

/* One row; what it points at is the reader's, and valid until the next. */
struct db_entry {
	int64_t id;
	struct act act;			/* note_is() and held_is() tell what it is */
	const struct held *held;	/* of a close that was not the last; else NULL */
};

/* The first columns of a statement for db_read(): "r.id, r.time, ..." */
const char *db_read_columns(void);

/* SQLITE_OK or an error; the connection must outlive the reader. */
int db_reader_open(struct db_reader **reader, sqlite3 *sql);
void db_reader_close(struct db_reader *reader);

/*
 * Fills *entry from a row that sqlite3_step() has just found.  0; -EBADMSG: a value out of its
 * range, or a shape, task or name that is not there; -EIO: SQLite failed.
 *
 * Names that the kernel of that run gave to states and reset reasons become those of words.h.
 */
int db_read(struct db_reader *reader, sqlite3_stmt *row, struct db_entry *entry);

/*
 * Fills *act with what acts of a shape and of these tasks share, ids of both (0: nobody), and with
 * nothing of its own: that data was lost is told by some number of bytes.  As db_read().
 */
int db_read_kind(struct db_reader *reader, int64_t shape, int64_t actor, int64_t owner,
		 int64_t peer, struct act *act);

#endif
