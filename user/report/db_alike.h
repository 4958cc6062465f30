/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_alike.h - rows of shapes, tasks and names that say the same
 *
 * Each chunk of a record numbers its rows of these anew.  To count acts that are alike, the same
 * content gets the same number, whichever chunk it stands in.
 */
#ifndef REPORT_DB_ALIKE_H
#define REPORT_DB_ALIKE_H

#include "db_view.h"
#include "options.h"
#include "store/dict.h"

enum db_alike_table { ALIKE_SHAPES, ALIKE_TASKS, ALIKE_NAMES, ALIKE_TABLES };

/* What tells tasks apart. */
enum db_alike_task {
	ALIKE_PID, ALIKE_TID, ALIKE_UID, ALIKE_COMM, ALIKE_CGROUP, ALIKE_TASK_COLUMNS
};

struct db_alike {
	const struct options *options;
	int64_t most;			/* rows that a table of this file can have */
	unsigned int task;		/* by which columns tasks differ, bits */
	struct db_alike_rows {
		sqlite3_stmt *query;
		struct dict contents;
		int64_t *number;	/* + 1, by id from first; 0: not looked up yet */
		int64_t first;
		size_t room;
		int64_t *row;		/* the first id of a content, by its number - 1 */
		size_t row_room;
	} rows[ALIKE_TABLES];
};

/*
 * Of shapes only those count that the filters ask for.  @task: a bit for each column by which tasks
 * differ, beside being named by -p or not.  0 or -EIO.
 */
int db_alike_open(struct db_alike *alike, const struct db_view *view,
		  const struct options *options, unsigned int task);
void db_alike_close(struct db_alike *alike);

/*
 * The number of the content of a row, 0 for id 0; or a negative errno.  -ENOENT: it is not there,
 * or a shape that is not asked for.
 */
int64_t db_alike(struct db_alike *alike, enum db_alike_table table, int64_t id);

/* The id of the first row with the content of that number; 0 of number 0. */
int64_t db_alike_row(const struct db_alike *alike, enum db_alike_table table, int64_t number);

#endif
