// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_source.c - SQLite as report reads it: which rows, and when there are more */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "db_count.h"
#include "db_place.h"
#include "db_rows.h"
#include "db_runs.h"
#include "db_view.h"
#include "message.h"
#include "report.h"
#include "source.h"
#include "spool.h"
#include "words.h"

#define PATIENCE	50	/* times, as follow_wait() looks */
#define PAUSE_NS	100000000
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
	struct db_rows rows;
	struct spool lines, messages;
	bool known;			/* what there is to say of the file itself was said */
	struct stat seen[2];		/* -F: of it and of its -wal */
	bool ended;			/* -F: another has its path, and all of it was read */
};

static bool follows(const struct reading *reading)
{
	return reading->report->options->report.follow;
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
	if (rc == -EBADMSG && reading->rows.shown < 0)
		message_form(reading->message, "'%s' is damaged: nothing of it can be told", path);
	else if (rc == -EBADMSG)
		message_form(reading->message, "'%s' is damaged behind row %lld; what stands "
			     "before that is shown", path, (long long)reading->rows.shown);
	else
		message_form(reading->message, "cannot read '%s': %s", path, rc == -EIO ?
			     sqlite3_errmsg(reading->view.sql) : strerror(-rc));
	return rc;
}

static void tell_cut(const struct reading *reading)
{
	if (reading->view.cut && reading->view.alone)
		message_tell("'%s' has no end: its recorder was killed or had no room, or it was "
			     "copied without '%s-wal': then copy both", reading->file->path,
			     reading->file->path);
	else if (reading->view.cut)
		message_tell("'%s' has no end: its recorder was killed or had no room, or it was "
			     "copied while it was written", reading->file->path);
	reading->report->lost |= reading->view.cut;
}

/* Who asks for a time that is gone must not believe that nothing happened. */
static void tell_oldest(const struct reading *reading)
{
	const struct option_report *asked = &reading->report->options->report;
	int64_t oldest = db_view_number(&reading->view, 0, "SELECT min(since) FROM chunks");
	bool gone = db_view_number(&reading->view, 1, "SELECT min(first) FROM chunks") > 1;
	char time[WORDS_TIME];

	if (!gone || !oldest || (int64_t)asked->since_ns >= oldest ||
	    reading->report->options->quiet)
		return;
	words_time((uint64_t)oldest, time);
	message_tell("acts before %s were forgotten, to keep within --max-size and --max-age",
		     time);
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

/* What is next of all that is there.  @more: it is followed. */
static int read_view(struct reading *reading, bool more)
{
	int rc;

	if (db_count_can(reading->report))
		return count_rows(reading);
	rc = db_rows_read(&reading->rows, &reading->view, reading->reader, &reading->runs);
	if (rc)
		return rc;
	if (db_rows_over(&reading->rows))
		return db_runs_finish(&reading->runs, more);
	if (!more)
		db_runs_hold(&reading->runs);
	return 0;
}

static int read_open(struct reading *reading, bool more)
{
	int rc;

	if (!reading->known) {
		reading->known = true;
		tell_key(reading);
		if (!reading->report->looks) {
			tell_cut(reading);
			tell_oldest(reading);
		}
	}
	rc = read_view(reading, more);
	return rc ? complain(reading, rc) : 0;
}

static int read_written(struct reading *reading, bool more)
{
	struct sink_options *printed = &reading->report->pipeline.sink_options;
	int rc = spool_begin(&reading->lines, &printed->out) ?:
		 spool_begin(&reading->messages, &printed->messages);

	return rc ? complain(reading, rc) : read_open(reading, more);
}

/* Who reads what is printed may take his time: then no transaction is open. */
static int read_once(struct reading *reading, bool more)
{
	struct pipeline *pipeline = &reading->report->pipeline;
	int rc = open_view(reading), error;

	if (!rc)
		rc = reading->file->written ? read_written(reading, more) :
					      read_open(reading, more);
	close_view(reading);
	error = spool_end(&reading->lines);
	spool_end(&reading->messages);
	if (!pipeline->error)
		pipeline->error = error;
	return rc;
}

/* Recorders come and go, make files and rename them: then it may be a moment too early. */
static bool may_pass(const struct reading *reading, int rc)
{
	return (follows(reading) || reading->file->written) && reading->known &&
	       !reading->runs.counted && rc != -EPROTO && rc != -ENOMEM && rc != -ENOENT;
}

/* False: nobody wants to wait. */
static bool pause_reading(struct reading *reading)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (follows(reading))
		return follow_wait(&reading->report->follow) != FOLLOW_STOP;
	nanosleep(&pause, NULL);
	return true;
}

static void tell_forgotten(struct reading *reading)
{
	int64_t rows = reading->rows.forgotten;

	if (!rows || report_done(reading->report))
		return;
	message_tell("up to %lld acts of '%s' are missing: its recorder forgot them, to keep "
		     "within --max-size and --max-age, before they were reached", (long long)rows,
		     reading->file->path);
	reading->report->lost = true;
}

/* In parts, until its end. */
static int read_parts(struct reading *reading, bool more)
{
	int tries = PATIENCE, rc;

	db_rows_begin(&reading->rows);
	do {
		rc = read_once(reading, more);
		tries = rc ? tries - 1 : PATIENCE;
	} while (rc ? may_pass(reading, rc) && tries && pause_reading(reading) :
		      !db_rows_over(&reading->rows));
	db_rows_end(&reading->rows);
	spool_free(&reading->lines);
	spool_free(&reading->messages);
	tell_forgotten(reading);
	return rc;
}

/* All that is there and is not known yet. */
static int read_all(struct reading *reading, bool more)
{
	int rc = read_parts(reading, more);

	if (!rc || report_done(reading->report))
		return rc;
	/* There is more of it once its recorder turns from it; or another has its name. */
	if (follows(reading) && rc == -EAGAIN && !reading->report->follow.turned)
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
	reading->rows.last = reading->rows.shown = -1;
	reading->ended = false;
	db_runs_renew(&reading->runs);
	follow_file(&reading->report->follow, fileno(next.in));
	return read_all(reading, true);
}

/* Another file has the name: the one before is read to its end, wherever it is now. */
static int turn(struct reading *reading)
{
	int rc = reading->ended ? 0 : read_all(reading, true);

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
			rc = read_all(reading, next != FOLLOW_STOP);
	}
	return rc;
}

static int read_db(struct source_file *file, struct report *report)
{
	struct reading reading = { .report = report, .file = file, .path = file->path,
				   .rows = { .report = report, .last = -1, .shown = -1 } };
	int rc;

	if (file->in == stdin) {
		message_tell("a record in SQLite is no stream; name its file");
		return -ESPIPE;
	}
	db_runs_open(&reading.runs, &reading.view, report);
	rc = read_all(&reading, follows(&reading));
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
