/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_alike.h - rows of shapes and tasks that say the same
 *
 * Each chunk of a record numbers its shapes and tasks anew.  To count acts that are alike, the same
 * content gets the same number, whichever chunk it stands in.
 */
#ifndef REPORT_DB_ALIKE_H
#define REPORT_DB_ALIKE_H

#include "db_view.h"
#include "store/dict.h"

enum db_alike_table { ALIKE_SHAPES, ALIKE_TASKS, ALIKE_TABLES };

struct db_alike {
	struct db_alike_rows {
		sqlite3_stmt *query;
		struct dict contents;
		int64_t *number;	/* + 1, by id from first; 0: not looked up yet */
		int64_t first;
		size_t room;
	} rows[ALIKE_TABLES];
};

/* 0 or -EIO. */
int db_alike_open(struct db_alike *alike, const struct db_view *view);
void db_alike_close(struct db_alike *alike);

/* The number of the content of a row, 0 for id 0; or a negative errno. */
int64_t db_alike(struct db_alike *alike, enum db_alike_table table, int64_t id);

#endif
