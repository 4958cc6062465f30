// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db_minutes.h"
#include "store/db_schema.h"
#include "store/db_shape.h"

#define MINUTE_S	60

/* Keys that the roll-up has beside those of shapes. */
static bool has_key(const char *key, bool *names)
{
	static const char *const shape_words[] = {
#define SHAPE_WORD(key, type) #key,
#include "store/columns.def"
#undef SHAPE_WORD
	};
	static const char *const others[] = { "comm", "owner_comm", "cgroup", "container" };

	for (size_t i = 0; i < sizeof(shape_words) / sizeof(shape_words[0]); i++) {
		if (!strcmp(shape_words[i], key))
			return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!strcmp(others[i], key)) {
			*names = true;
			return true;
		}
	}
	return false;
}

/* Whether all is told by shapes and, then *names, by names of processes. */
static bool fits(const struct report *report, bool *names)
{
	const struct options *options = report->options;
	const struct groups *groups = &report->ask.groups;

	*names = options->comms;
	if (options->ports || options->addresses || options->pids || options->uids ||
	    options->places || report->pipeline.which)
		return false;
	if (options->report.histogram && options->report.step_s % MINUTE_S)
		return false;
	for (size_t i = 0; i < groups->keys; i++) {
		if (!has_key(groups->key[i]->key, names))
			return false;
	}
	return true;
}

/* The whole minutes that are asked for: from the first up to, not with, the last. */
struct span {
	int64_t first, last;
};

static struct span whole_minutes(const struct report *report)
{
	const struct option_report *asked = &report->options->report;
	struct span span = { 0, INT64_MAX };

	if (asked->since_ns)
		span.first = (int64_t)((asked->since_ns + DB_MINUTE - 1) / DB_MINUTE);
	if (asked->until_ns)
		span.last = (int64_t)((asked->until_ns + 1) / DB_MINUTE);
	return span;
}

/* In minutes with very many combinations the rest of them share a row without names. */
static bool is_crowded(const struct db_view *view, const struct span *span)
{
	return db_view_number(view, 1, "SELECT EXISTS (SELECT 1 FROM minutes m JOIN shapes s ON "
			      "s.id = m.shape WHERE m.id >= " DB_OLDEST("first_minute") " AND "
			      "m.minute >= %lld AND m.minute < %lld AND ((s.known & 16 AND m.comm "
			      "IS NULL) OR (s.known & 32 AND m.owner_comm IS NULL)))",
			      (sqlite3_int64)span->first, (sqlite3_int64)span->last);
}

/* With steps that are chosen when all is known: minutes are coarse where there are few of them. */
static bool is_short(const struct db_view *view, const struct report *report,
		     const struct span *span)
{
	const struct option_report *asked = &report->options->report;

	return asked->histogram && !asked->step_s &&
	       db_view_number(view, 0, "SELECT max(minute) - min(minute) FROM minutes WHERE id >= "
			      DB_OLDEST("first_minute") " AND minute >= %lld AND minute < %lld",
			      (sqlite3_int64)span->first, (sqlite3_int64)span->last) <
		       HISTOGRAM_ROWS;
}

bool db_minutes_can(const struct db_view *view, const struct report *report)
{
	struct span span = whole_minutes(report);
	bool names;

	return fits(report, &names) && span.first < span.last && !is_short(view, report, &span) &&
	       !(names && is_crowded(view, &span));
}

struct minutes {
	struct db_shapes *shapes;
	sqlite3_stmt *row, *name;
};

static int open_minutes(struct minutes *minutes, const struct db_view *view,
			const struct span *span)
{
	static const char text[] = "SELECT m.shape, m.minute, m.comm, m.owner_comm, m.cgroup, "
		"m.acts FROM minutes m WHERE m.id >= "
		DB_OLDEST("first_minute") " AND m.minute >= ? AND m.minute < ?";

	*minutes = (struct minutes){ 0 };
	if (db_shapes_open(&minutes->shapes, view->sql) ||
	    sqlite3_prepare_v2(view->sql, text, -1, &minutes->row, NULL) ||
	    sqlite3_prepare_v2(view->sql, "SELECT coalesce(raw, text) FROM names WHERE id = ?", -1,
			       &minutes->name, NULL))
		return -EIO;
	sqlite3_bind_int64(minutes->row, 1, span->first);
	sqlite3_bind_int64(minutes->row, 2, span->last);
	return 0;
}

static void close_minutes(struct minutes *minutes)
{
	db_shapes_close(minutes->shapes);
	sqlite3_finalize(minutes->row);
	sqlite3_finalize(minutes->name);
}

/* Into a buffer; an id that is NULL, or of no name, leaves it empty. */
static void read_name(struct minutes *minutes, int column, char *out, size_t room)
{
	const void *bytes;
	size_t size;

	memset(out, 0, room);
	sqlite3_bind_int64(minutes->name, 1, sqlite3_column_int64(minutes->row, column));
	if (sqlite3_step(minutes->name) == SQLITE_ROW) {
		bytes = sqlite3_column_blob(minutes->name, 0);
		size = (size_t)sqlite3_column_bytes(minutes->name, 0);
		if (bytes)
			memcpy(out, bytes, size < room ? size : room);
	}
	sqlite3_reset(minutes->name);
}

/* How much was lost is not in the roll-up, only whether: any number says that. */
static void set_loss(struct record *r, bool lossy)
{
	r->unread = r->unsent = r->unacked = lossy;
}

static int tell(struct minutes *minutes, struct report *report)
{
	sqlite3_stmt *row = minutes->row;
	const struct db_shape *shape;
	char path[RECORD_CGROUP_PATH + 8];
	struct act act;
	int rc = db_shape_find(minutes->shapes, sqlite3_column_int64(row, 0), &shape);

	if (rc)
		return rc;
	act = shape->act;
	act.wall_ns = (uint64_t)sqlite3_column_int64(row, 1) * DB_MINUTE;
	act.record.time_ns = act.wall_ns - (uint64_t)shape->clock;
	read_name(minutes, 2, act.record.actor.comm, sizeof(act.record.actor.comm));
	read_name(minutes, 3, act.record.owner.comm, sizeof(act.record.owner.comm));
	read_name(minutes, 4, path, sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	act.cgroup = path[0] ? path : NULL;
	set_loss(&act.record, shape->lossy);
	pipeline_judged(&report->pipeline, &act, NULL, (uint64_t)sqlite3_column_int64(row, 5));
	return 0;
}

/* Before and behind the whole minutes, and what came when the roll-up was last written. */
static size_t rest(const struct db_view *view, const struct report *report,
		   const struct span *span, struct db_part part[DB_PARTS])
{
	const struct option_report *asked = &report->options->report;
	int64_t rolled = db_view_number(view, 0, "SELECT max(rolled) FROM chunks");
	uint64_t first_ns = (uint64_t)span->first * DB_MINUTE;
	uint64_t last_ns = asked->until_ns ? (uint64_t)span->last * DB_MINUTE - 1 : 0;
	size_t count = 0;

	if (asked->since_ns && asked->since_ns < first_ns)
		part[count++] = (struct db_part){ asked->since_ns, first_ns - 1, -1, 0 };
	if (asked->until_ns && asked->until_ns > last_ns)
		part[count++] = (struct db_part){ last_ns + 1, asked->until_ns, -1, 0 };
	part[count++] = (struct db_part){ asked->since_ns ? first_ns : 0, last_ns, rolled, 0 };
	return count;
}

int db_minutes(const struct db_view *view, struct report *report, struct db_part part[DB_PARTS],
	       size_t *parts)
{
	struct span span = whole_minutes(report);
	struct minutes minutes;
	int rc = open_minutes(&minutes, view, &span), step = SQLITE_DONE;

	while (!rc && (step = sqlite3_step(minutes.row)) == SQLITE_ROW && !report_done(report))
		rc = tell(&minutes, report);
	if (!rc && step != SQLITE_DONE && step != SQLITE_ROW)
		rc = -EIO;
	close_minutes(&minutes);
	*parts = rest(view, report, &span, part);
	return rc;
}
