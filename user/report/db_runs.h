/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_runs.h - the runs of a record in SQLite, one after the other, with their gaps and clocks */
#ifndef REPORT_DB_RUNS_H
#define REPORT_DB_RUNS_H

#include "db_view.h"
#include "report.h"

struct db_runs {
	const struct db_view *view;
	struct report *report;
	sqlite3_stmt *clock;		/* steps of the run's clock that were not told */
	int64_t row;			/* of runs: the last that was looked at; 0: none yet */
	int64_t open;			/* that of report->run; 0: it is not in this file (yet) */
	struct totals totals;		/* with -F: of that run in this file, as last read */
	int64_t gap;			/* the last that was told */
	int64_t step;			/* of clocks: the same */
	int64_t end;			/* the last that is told of; 0: all that there are */
	struct db_told {
		uint64_t acts, notes;
	} there, before;		/* in that one; told or filtered before report->run */
	bool counted;			/* acts are handed on alike, not in their runs */
	char host[260], kernel[260], machine[260], tier[32], version[32];
};

void db_runs_open(struct db_runs *runs, const struct db_view *view, struct report *report);
/* The view is another file now. */
void db_runs_renew(struct db_runs *runs);
void db_runs_close(struct db_runs *runs);

/* What the recorder adds from now on is not told of, though later views have it. */
void db_runs_hold(struct db_runs *runs);
/* So many rows are not there any more. */
void db_runs_forget(struct db_runs *runs, uint64_t rows);

/* Begins the run of this act, and all before it, unless that is open.  0 or an errno. */
int db_runs_enter(struct db_runs *runs, const struct act *act);

/* Begins those that are left; the last one stays open when there may be more of it. */
int db_runs_finish(struct db_runs *runs, bool more);

#endif
