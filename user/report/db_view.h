/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_view.h - a record in SQLite that is only read, wherever it lies and whoever writes it */
#ifndef REPORT_DB_VIEW_H
#define REPORT_DB_VIEW_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "source.h"

struct db_view {
	sqlite3 *sql;
	const struct source_file *file;
	bool cut;	/* no end, and nobody who writes it */
	bool alone;	/* no -wal beside it */
};

/*
 * Opens it, as it is at this moment, until db_view_close().  0; or -EPROTO: it is of a newer
 * closetrace, -EBADMSG: none of ours or damaged, -EIO; with *message saying so in one line.
 *
 * Nothing is ever written, neither to it nor beside it: what nobody has open is read without a
 * -shm, with the index of its -wal in memory.
 */
int db_view_open(struct db_view *view, const struct source_file *file, char message[MESSAGE]);
void db_view_close(struct db_view *view);

/* The first integer that a statement gives; @otherwise: none, or an error. */
int64_t db_view_number(const struct db_view *view, int64_t otherwise, const char *format, ...);

#endif
