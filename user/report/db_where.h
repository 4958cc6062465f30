/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_where.h - filters as conditions of SQL
 *
 * They leave no act out that the filters let pass; which of the rest pass is for the filters
 * themselves, so that a record and a live trace cannot differ.
 */
#ifndef REPORT_DB_WHERE_H
#define REPORT_DB_WHERE_H

#include <sqlite3.h>

#include "options.h"
#include "report.h"

/* Which rows: SQLite searches by one lower and one upper bound of their ids, and no more. */
struct db_part {
	uint64_t since_ns, until_ns;	/* both included; 0: no bound */
	int64_t after;			/* only rows with a higher id */
	int64_t last;			/* the last of them; 0: no bound */
};

/* The time that is asked for, and no more of it than a connection that is asked for has lived. */
void db_where_asked(struct db_part *part, const struct report *report);

/*
 * Appends to "... WHERE" conditions on "rows r".  @which: --socket, or NULL.  @everything: notes
 * and held closes too.  When db_tasks_asked(), db_tasks_open() must have been called before.
 */
void db_where(sqlite3_str *sql, const struct options *options, const struct which *which,
	      const struct db_part *part, bool everything);

/*
 * Of these conditions, those of the part, and all that rows tell alone; and conditions on shapes
 * for "SELECT ... FROM shapes WHERE".
 */
void db_where_part(sqlite3_str *sql, const struct db_part *part);
void db_where_rows(sqlite3_str *sql, const struct options *options, const struct which *which,
		   const struct db_part *part);
void db_where_shapes(sqlite3_str *sql, const struct options *options, bool everything);

#endif
