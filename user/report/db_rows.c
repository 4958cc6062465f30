// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdint.h>

#include "db_rows.h"
#include "db_where.h"
#include "store/db_schema.h"

/* How long a transaction lasts, and how many rows it looks at when a filter leaves most out. */
#define SLICE_NS	50000000ULL
#define SLICE_ROWS	65536

void db_rows_begin(struct db_rows *rows)
{
	rows->bound = -1;
	rows->forgotten = 0;
}

void db_rows_end(struct db_rows *rows)
{
	db_tasks_free(&rows->tasks);
}

bool db_rows_over(const struct db_rows *rows)
{
	return rows->last >= rows->bound || report_done(rows->report);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The last that is not asked for, before the first that is there. */
static int64_t before_first(const struct db_rows *rows, const struct db_view *view)
{
	sqlite3_int64 since = (sqlite3_int64)rows->report->options->report.since_ns;

	if (rows->last >= 0 || !since)
		return db_view_number(view, INT64_MIN,
				      "SELECT coalesce(min(first), 1) - 1 FROM chunks");
	return db_view_number(view, INT64_MIN, "SELECT coalesce((SELECT min(first) FROM chunks "
			      "WHERE until IS NULL OR until >= %lld), min(first), 1) - 1 "
			      "FROM chunks", since);
}

/* Steps over what is gone. */
static int step_over(struct db_rows *rows, const struct db_view *view, struct db_runs *runs)
{
	int64_t before = before_first(rows, view);

	if (rows->bound < 0)
		rows->bound = db_view_number(view, -1, "SELECT max(coalesce((SELECT max(id) FROM "
					     "rows), 0), 0)");
	if (rows->bound < 0 || before == INT64_MIN)
		return -EIO;
	before = smaller(before, rows->bound);
	if (before <= rows->last)
		return 0;
	if (rows->last >= 0) {
		rows->forgotten += before - rows->last;
		db_runs_forget(runs, (uint64_t)(before - rows->last));
	}
	rows->last = before;
	return 0;
}

static sqlite3_stmt *select_rows(const struct db_rows *rows, const struct db_view *view,
				 const struct db_part *part)
{
	const struct pipeline *pipeline = &rows->report->pipeline;
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	sqlite3_stmt *statement = NULL;
	char *text;

	sqlite3_str_appendf(sql, "SELECT %s FROM rows r WHERE ", db_read_columns());
	db_where(sql, rows->report->options, pipeline->which, part, pipeline->everything);
	sqlite3_str_appendall(sql, " ORDER BY r.id");
	text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(view->sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

/* Until its end, or until it is time to let the recorder on. */
static int hand_on(struct db_rows *rows, sqlite3_stmt *row, struct db_reader *reader,
		   struct db_runs *runs, int64_t end)
{
	struct pipeline *pipeline = &rows->report->pipeline;
	bool written = runs->view->file->written;
	uint64_t until = written ? run_now() + SLICE_NS : 0;
	int rc = 0, step = SQLITE_DONE;
	struct db_entry entry;

	while (!report_done(rows->report) && (step = sqlite3_step(row)) == SQLITE_ROW) {
		rc = db_read(reader, row, &entry);
		/* Of a damaged tree: to go on behind it would be to read all again. */
		if (!rc && entry.id <= rows->last)
			rc = -EBADMSG;
		rc = rc ?: db_runs_enter(runs, &entry.act);
		if (rc)
			return rc;
		rows->last = rows->shown = entry.id;
		pipeline->sink_options.now_ns = entry.act.record.time_ns;
		pipeline_judged(pipeline, &entry.act, entry.held, 1);
		if (written && run_now() >= until)
			return 0;
	}
	if (step == SQLITE_DONE)
		rows->last = end;
	return step == SQLITE_DONE || step == SQLITE_ROW ? 0 : -EIO;
}

/* Whose they are is looked up once: it is so for all that were there at the begin. */
static int ask_tasks(struct db_rows *rows, const struct db_view *view)
{
	const struct options *options = rows->report->options;

	if (!db_tasks_asked(options))
		return 0;
	if (rows->tasks.asked)
		return db_tasks_bind(&rows->tasks, view);
	return db_tasks_open(&rows->tasks, view, options, rows->last);
}

static int read_part(struct db_rows *rows, const struct db_view *view, struct db_reader *reader,
		     struct db_runs *runs)
{
	struct db_part part = { .after = rows->last, .last = rows->bound };
	sqlite3_stmt *row;
	int rc;

	db_where_asked(&part, rows->report);
	if (view->file->written && rows->last < rows->bound - SLICE_ROWS)
		part.last = rows->last + SLICE_ROWS;
	rc = ask_tasks(rows, view);
	if (rc)
		return rc;
	row = select_rows(rows, view, &part);
	rc = row ? hand_on(rows, row, reader, runs, part.last) : -EIO;
	sqlite3_finalize(row);
	return rc;
}

int db_rows_read(struct db_rows *rows, const struct db_view *view, struct db_reader *reader,
		 struct db_runs *runs)
{
	int rc = step_over(rows, view, runs);

	return rc || db_rows_over(rows) ? rc : read_part(rows, view, reader, runs);
}
