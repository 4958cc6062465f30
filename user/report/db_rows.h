/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_rows.h - rows that are listed, those of a file that is written some at a time
 *
 * While a transaction is open its recorder cannot begin its -wal anew, and after a while loses
 * acts: so it is over after a moment, and the next one goes on behind the last row.  The recorder
 * may have forgotten some by then.
 */
#ifndef REPORT_DB_ROWS_H
#define REPORT_DB_ROWS_H

#include "db_runs.h"
#include "db_tasks.h"
#include "db_view.h"
#include "report.h"
#include "store/db_read.h"

struct db_rows {
	struct report *report;
	int64_t last;			/* id of the last that was looked at; -1: none yet */
	int64_t shown;			/* of the last that was handed on; -1: none yet */
	int64_t bound;			/* of the last that was there at the begin; -1: not known */
	int64_t forgotten;		/* of them: how many, at most */
	struct db_tasks tasks;
};

/* All that are there at the first db_rows_read() and are behind the last. */
void db_rows_begin(struct db_rows *rows);
void db_rows_end(struct db_rows *rows);

/* Hands on what is next of them, in the view's transaction.  0 or a negative errno. */
int db_rows_read(struct db_rows *rows, const struct db_view *view, struct db_reader *reader,
		 struct db_runs *runs);

/* There are no more, or nobody wants them. */
bool db_rows_over(const struct db_rows *rows);

#endif
