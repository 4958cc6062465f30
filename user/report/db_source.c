// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_source.c - SQLite as report reads it: which rows, and when there are more */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "db_count.h"
#include "db_runs.h"
#include "db_tasks.h"
#include "db_view.h"
#include "db_where.h"
#include "message.h"
#include "report.h"
#include "source.h"
#include "store/db_schema.h"

#define PATIENCE	50	/* looks of follow_wait() */
#define HEAD	"SQLite format 3"	/* and its NUL: 16 bytes */

static const struct source db_source;

struct reading {
	struct report *report;
	struct source_file *file;
	struct db_view view;
	struct db_reader *reader;
	struct db_runs runs;
	int64_t last;			/* id of the last row that was handed on */
	bool known;			/* what there is to say of the file itself was said */
	struct stat seen[2];		/* -F: of it and of its -wal */
};

static sqlite3_stmt *select_rows(const struct reading *reading)
{
	const struct pipeline *pipeline = &reading->report->pipeline;
	const struct option_report *asked = &reading->report->options->report;
	const struct db_part part = { asked->since_ns, asked->until_ns, reading->last, 0 };
	sqlite3_str *sql = sqlite3_str_new(reading->view.sql);
	sqlite3_stmt *statement = NULL;
	char *text;

	sqlite3_str_appendf(sql, "SELECT %s FROM rows r WHERE ", db_read_columns());
	db_where(sql, reading->report->options, pipeline->which, &part, pipeline->everything);
	sqlite3_str_appendall(sql, " ORDER BY r.id");
	text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(reading->view.sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

static int hand_on(struct reading *reading, sqlite3_stmt *rows)
{
	struct report *report = reading->report;
	int rc = 0, step = SQLITE_DONE;
	struct db_entry entry;

	while (!rc && !report_done(report) && (step = sqlite3_step(rows)) == SQLITE_ROW) {
		rc = db_read(reading->reader, rows, &entry);
		if (!rc)
			rc = db_runs_enter(&reading->runs, &entry.act);
		if (rc)
			break;
		reading->last = entry.id;
		pipeline_judged(&report->pipeline, &entry.act, entry.held, 1);
	}
	if (!rc && step != SQLITE_DONE && step != SQLITE_ROW)
		rc = sqlite3_errcode(reading->view.sql) == SQLITE_CORRUPT ? -EBADMSG : -EIO;
	return rc;
}

static int read_rows(struct reading *reading)
{
	const struct options *options = reading->report->options;
	struct db_tasks tasks = { 0 };
	sqlite3_stmt *rows = NULL;
	int rc = 0;

	if (db_tasks_asked(options))
		rc = db_tasks_open(&tasks, &reading->view, options, reading->last);
	if (!rc)
		rows = select_rows(reading);
	if (!rc)
		rc = rows ? hand_on(reading, rows) : -EIO;
	sqlite3_finalize(rows);
	db_tasks_free(&tasks);
	return rc;
}

/* Runs are told first: acts that are counted together may be of several. */
static int count_rows(struct reading *reading)
{
	int rc;

	reading->runs.counted = true;
	rc = db_runs_finish(&reading->runs, false);
	return rc ?: db_count(&reading->view, reading->reader, reading->report);
}

static int complain(const struct reading *reading, int rc)
{
	if (rc == -EIO && (sqlite3_errcode(reading->view.sql) & 0xff) == SQLITE_CORRUPT)
		rc = -EBADMSG;
	if (rc == -EBADMSG && reading->last < 0)
		message_tell("'%s' is damaged: nothing of it can be told", reading->file->path);
	else if (rc == -EBADMSG)
		message_tell("'%s' is damaged behind row %lld; what stands before that is shown",
			     reading->file->path, (long long)reading->last);
	else
		message_tell("cannot read '%s': %s", reading->file->path, rc == -EIO ?
			     sqlite3_errmsg(reading->view.sql) : strerror(-rc));
	return rc;
}

static void tell_cut(const struct reading *reading)
{
	if (reading->view.cut)
		message_tell("'%s' has no end: its recorder was killed or had no room, or it was "
			     "copied without '%s-wal': then copy both", reading->file->path,
			     reading->file->path);
	reading->report->lost |= reading->view.cut;
}

static void tell_key(const struct reading *reading)
{
	sqlite3_stmt *row = NULL;

	if (!sqlite3_prepare_v2(reading->view.sql, "SELECT anonym FROM keys", -1, &row, NULL) &&
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_bytes(row, 0) == ANONYM_KEY)
		report_key(reading->report, sqlite3_column_blob(row, 0));
	sqlite3_finalize(row);
}

/* While it is followed recorders come and go, and make files: then it may be a moment too early. */
static int open_view(struct reading *reading)
{
	struct follow *follow = &reading->report->follow;
	bool follows = reading->known && reading->report->options->report.follow;
	int tries = follows ? PATIENCE : 0, rc;
	char message[MESSAGE];

	do {
		reading->file->written = source_is_written(fileno(reading->file->in));
		rc = db_view_open(&reading->view, reading->file, message);
	} while (rc && tries-- && (db_view_close(&reading->view), follow_wait(follow)) !=
				  FOLLOW_STOP);
	if (rc)
		message_tell("%s", message);
	else if (db_reader_open(&reading->reader, reading->view.sql))
		rc = complain(reading, -EIO);
	return rc;
}

static void close_view(struct reading *reading)
{
	db_runs_close(&reading->runs);
	db_reader_close(reading->reader);
	reading->reader = NULL;
	db_view_close(&reading->view);
}

/* What is there now, and is not known yet.  @more: it is followed. */
static int read_view(struct reading *reading, bool more)
{
	int rc;

	if (db_count_can(reading->report))
		return count_rows(reading);
	rc = read_rows(reading);
	return rc ?: db_runs_finish(&reading->runs, more);
}

static int read_once(struct reading *reading, bool more)
{
	int rc = open_view(reading);

	if (!rc && !reading->known) {
		reading->known = true;
		tell_key(reading);
		tell_cut(reading);
	}
	if (!rc) {
		rc = read_view(reading, more);
		if (rc)
			complain(reading, rc);
	}
	close_view(reading);
	return rc;
}

/* The next file begins with its first row, and the run may go on there. */
static int turn(struct reading *reading)
{
	const char *path = reading->report->follow.path;

	source_close(reading->file);
	if (source_open(reading->file, path) != &db_source) {
		message_tell("'%s' is no record in SQLite any more", path);
		return -EBADMSG;
	}
	reading->last = -1;
	db_runs_renew(&reading->runs);
	follow_file(&reading->report->follow, fileno(reading->file->in));
	return 0;
}

/* Until somebody has written: a look at two files costs less than to open them. */
static bool has_changed(struct reading *reading)
{
	struct stat info[2] = { 0 };
	char wal[PATH_MAX];
	bool changed = false;

	snprintf(wal, sizeof(wal), "%s-wal", reading->file->path);
	stat(reading->file->path, &info[0]);
	stat(wal, &info[1]);
	for (int i = 0; i < 2; i++) {
		changed |= info[i].st_size != reading->seen[i].st_size ||
			   info[i].st_mtim.tv_sec != reading->seen[i].st_mtim.tv_sec ||
			   info[i].st_mtim.tv_nsec != reading->seen[i].st_mtim.tv_nsec;
		reading->seen[i] = info[i];
	}
	return changed;
}

static int follow(struct reading *reading)
{
	enum follow_next next;
	int rc = 0;

	while (!rc && !report_done(reading->report)) {
		fflush(reading->report->pipeline.sink_options.out);
		next = follow_wait(&reading->report->follow);
		if (next == FOLLOW_TURNED)
			rc = turn(reading);
		if (!rc && (next != FOLLOW_MORE || has_changed(reading)))
			rc = read_once(reading, next != FOLLOW_STOP);
	}
	return rc;
}

static int read_db(struct source_file *file, struct report *report)
{
	struct reading reading = { .report = report, .file = file, .last = -1 };
	int rc;

	if (file->in == stdin) {
		message_tell("a record in SQLite is no stream; name its file");
		return -ESPIPE;
	}
	db_runs_open(&reading.runs, &reading.view, report);
	rc = read_once(&reading, report->options->report.follow);
	if (!rc && report->options->report.follow)
		rc = follow(&reading);
	return rc;
}

static bool is_db(const unsigned char *head, size_t size)
{
	return size >= sizeof(HEAD) && !memcmp(head, HEAD, sizeof(HEAD));
}

static const struct source db_source = {
	.name = "sqlite",
	.is = is_db,
	.read = read_db,
};
SOURCE_REGISTER(db_source);
