// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_source.c - SQLite as report reads it: which rows, and when there are more */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "db_count.h"
#include "db_place.h"
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
	const char *path;		/* as it was named */
	char name[PATH_MAX];		/* that it has now, when it was renamed */
	char message[MESSAGE];		/* what is wrong */
	struct db_view view;
	struct db_reader *reader;
	struct db_runs runs;
	int64_t last;			/* id of the last row that was handed on */
	bool known;			/* what there is to say of the file itself was said */
	struct stat seen[2];		/* -F: of it and of its -wal */
	bool ended;			/* -F: another has its path, and all of it was read */
};

static bool follows(const struct reading *reading)
{
	return reading->report->options->report.follow;
}

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

/* Says in reading->message what is wrong, for when it does not pass. */
static int complain(struct reading *reading, int rc)
{
	const char *path = reading->file->path;

	if (rc == -EIO && (sqlite3_errcode(reading->view.sql) & 0xff) == SQLITE_CORRUPT)
		rc = -EBADMSG;
	if (rc == -EBADMSG && reading->last < 0)
		message_form(reading->message, "'%s' is damaged: nothing of it can be told", path);
	else if (rc == -EBADMSG)
		message_form(reading->message, "'%s' is damaged behind row %lld; what stands "
			     "before that is shown", path, (long long)reading->last);
	else
		message_form(reading->message, "cannot read '%s': %s", path, rc == -EIO ?
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

static int tell_place(struct reading *reading, int rc)
{
	if (rc == -ENOENT)
		message_form(reading->message, "'%s' was removed while it was read; its last acts "
			     "are missing", reading->path);
	else if (rc == -EAGAIN)
		message_form(reading->message, "'%s' was renamed, and its recorder goes on with "
			     "it: send that SIGHUP", reading->path);
	else
		message_form(reading->message, "cannot find '%s': %s", reading->path,
			     strerror(-rc));
	return rc;
}

static int find_place(struct reading *reading)
{
	return db_place_find(reading->file, reading->path, reading->name);
}

static int open_view(struct reading *reading)
{
	int rc = find_place(reading);

	if (rc)
		return tell_place(reading, rc);
	reading->file->written = source_is_written(fileno(reading->file->in));
	rc = db_view_open(&reading->view, reading->file, reading->message);
	/* The -wal that was read may be another's. */
	if (!rc && !db_place_holds(reading->file))
		return tell_place(reading, -EAGAIN);
	if (!rc && db_reader_open(&reading->reader, reading->view.sql))
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
			rc = complain(reading, rc);
	}
	close_view(reading);
	return rc;
}

/* Recorders come and go, make files and rename them: then it may be a moment too early. */
static bool may_pass(const struct reading *reading, int rc)
{
	return follows(reading) && reading->known && rc != -EPROTO && rc != -ENOMEM &&
	       rc != -ENOENT;
}

static int read_patiently(struct reading *reading, bool more)
{
	struct follow *follow = &reading->report->follow;
	int tries = PATIENCE, rc;

	do
		rc = read_once(reading, more);
	while (rc && may_pass(reading, rc) && tries-- && follow_wait(follow) != FOLLOW_STOP);
	if (!rc || report_done(reading->report))
		return rc;
	/* There is more of it once its recorder turns from it; or another has its name. */
	if (follows(reading) && rc == -EAGAIN && !follow->turned)
		return 0;
	message_tell("%s", reading->message);
	if (!follows(reading) || (rc != -EAGAIN && rc != -ENOENT))
		return rc;
	reading->report->lost = true;
	return 0;
}

/* The next file begins with its first row, and the run may go on there. */
static int open_next(struct reading *reading)
{
	struct source_file next = { .path = reading->path, .in = fopen(reading->path, "re") };

	/* It may have been renamed as well. */
	if (!next.in && errno == ENOENT)
		return 0;
	if (!next.in) {
		message_tell("cannot read '%s': %s", reading->path, strerror(errno));
		return -EIO;
	}
	if (source_of(&next) != &db_source) {
		source_close(&next);
		if (!next.head_size)
			return 0;
		message_tell("'%s' is no record in SQLite any more", reading->path);
		return -EBADMSG;
	}
	source_close(reading->file);
	*reading->file = next;
	reading->last = -1;
	reading->ended = false;
	db_runs_renew(&reading->runs);
	follow_file(&reading->report->follow, fileno(next.in));
	return read_patiently(reading, true);
}

/* Another file has the name: the one before is read to its end, wherever it is now. */
static int turn(struct reading *reading)
{
	int rc = reading->ended ? 0 : read_patiently(reading, true);

	reading->ended = !rc;
	return rc ?: open_next(reading);
}

/* Until somebody has written: a look at two files costs less than to open them. */
static bool has_changed(struct reading *reading)
{
	struct stat info[2] = { 0 };
	char wal[PATH_MAX + sizeof("-wal")];
	bool changed = false;

	if (find_place(reading))
		return false;
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
		else if (next == FOLLOW_STOP || has_changed(reading))
			rc = read_patiently(reading, next != FOLLOW_STOP);
	}
	return rc;
}

static int read_db(struct source_file *file, struct report *report)
{
	struct reading reading = { .report = report, .file = file, .path = file->path,
				   .last = -1 };
	int rc;

	if (file->in == stdin) {
		message_tell("a record in SQLite is no stream; name its file");
		return -ESPIPE;
	}
	db_runs_open(&reading.runs, &reading.view, report);
	rc = read_patiently(&reading, follows(&reading));
	if (!rc && follows(&reading))
		rc = follow(&reading);
	file->path = reading.path;
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
