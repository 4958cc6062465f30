// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../words.h"
#include "db_frames.h"
#include "db_read.h"
#include "db_shape.h"

#define TASKS		4096	/* kept; they come in runs of the same ids */
#define PATH_ROOM	(RECORD_CGROUP_PATH + 8)

enum query { QUERY_TASK, QUERY_NAME, QUERY_EXTRA, QUERIES };

struct kept_task {
	int64_t id, cgroup;	/* 0: none */
	uint64_t cgroup_number;
	struct record_task task;
};

struct db_reader {
	sqlite3 *sql;
	sqlite3_stmt *query[QUERIES];
	struct db_shapes *shapes;
	struct kept_task task[TASKS];
	struct kept_task actor, owner, peer;		/* of this row */
	char path[PATH_ROOM], owner_path[PATH_ROOM];
	int64_t path_id, owner_path_id;
	struct record before;				/* act->held */
	struct held held;
	struct act_frames frames;
};

/* Steps to the row with that id: 0, -EBADMSG: there is none, or -EIO. */
static int find(struct db_reader *reader, enum query which, int64_t id)
{
	sqlite3_stmt *query = reader->query[which];
	int rc;

	sqlite3_reset(query);
	sqlite3_bind_int64(query, 1, id);
	rc = sqlite3_step(query);
	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? -EBADMSG : -EIO;
}

/* The bytes of a name, which stay until the next call. */
static int find_name(struct db_reader *reader, int64_t id, const char **bytes, size_t *size)
{
	sqlite3_stmt *query = reader->query[QUERY_NAME];
	int rc = find(reader, QUERY_NAME, id);

	if (rc)
		return rc;
	*bytes = sqlite3_column_blob(query, 0) ?: (const void *)"";
	*size = (size_t)sqlite3_column_bytes(query, 0);
	return 0;
}

static int read_comm(struct db_reader *reader, int64_t id, char comm[RECORD_COMM])
{
	const char *bytes;
	size_t size;
	int rc;

	memset(comm, 0, RECORD_COMM);
	if (!id)
		return 0;
	rc = find_name(reader, id, &bytes, &size);
	if (!rc)
		memcpy(comm, bytes, size < RECORD_COMM ? size : RECORD_COMM);
	return rc;
}

/* @kept: the id whose path is in the buffer already. */
static int read_path(struct db_reader *reader, int64_t id, char path[PATH_ROOM], int64_t *kept,
		     const char **out)
{
	const char *bytes;
	size_t size;
	int rc = 0;

	if (id && id != *kept) {
		rc = find_name(reader, id, &bytes, &size);
		if (!rc)
			snprintf(path, PATH_ROOM, "%.*s", (int)size, bytes);
		*kept = rc ? 0 : id;
	}
	*out = id ? path : NULL;
	return rc;
}

static int load_task(struct db_reader *reader, int64_t id, struct kept_task *kept)
{
	sqlite3_stmt *query = reader->query[QUERY_TASK];
	int rc = find(reader, QUERY_TASK, id);

	kept->id = 0;
	if (rc)
		return rc;
	kept->task.pid = (uint32_t)sqlite3_column_int64(query, 0);
	kept->task.tid = (uint32_t)sqlite3_column_int64(query, 1);
	kept->task.uid = (uint32_t)sqlite3_column_int64(query, 2);
	kept->cgroup = sqlite3_column_int64(query, 4);
	kept->cgroup_number = (uint64_t)sqlite3_column_int64(query, 5);
	rc = read_comm(reader, sqlite3_column_int64(query, 3), kept->task.comm);
	if (!rc)
		kept->id = id;
	return rc;
}

static int read_task(struct db_reader *reader, int64_t id, struct kept_task *task)
{
	struct kept_task *kept = &reader->task[id & (TASKS - 1)];
	int rc;

	*task = (struct kept_task){ 0 };
	if (!id)
		return 0;
	rc = kept->id == id ? 0 : load_task(reader, id, kept);
	if (!rc)
		*task = *kept;
	return rc;
}

static int read_tasks(struct db_reader *reader, struct act *act, int64_t actor, int64_t owner,
		      int64_t peer)
{
	struct record *r = &act->record;
	int rc = read_task(reader, actor, &reader->actor) ?:
		 read_task(reader, owner, &reader->owner) ?: read_task(reader, peer, &reader->peer);

	if (rc)
		return rc;
	r->actor = reader->actor.task;
	r->cgroup = reader->actor.cgroup_number;
	r->owner = reader->owner.task;
	r->owner_cgroup = reader->owner.cgroup_number;
	r->peer = reader->peer.task;
	rc = read_path(reader, reader->owner.cgroup, reader->owner_path, &reader->owner_path_id,
		       &act->owner_cgroup);
	if (rc || !(r->known & KNOWN_CGROUP)) {
		act->cgroup = act->owner_cgroup;
		return rc;
	}
	return read_path(reader, reader->actor.cgroup, reader->path, &reader->path_id,
			 &act->cgroup);
}

static int read_frames(struct db_reader *reader, int64_t id, struct frames *frames)
{
	const char *bytes;
	size_t size;
	int rc;

	frames->known = false;
	frames->count = 0;
	if (!id)
		return 0;
	rc = find_name(reader, id, &bytes, &size);
	if (!rc)
		db_frames_read(bytes, size, frames);
	return rc;
}

/* "12 34 +" */
static void read_holders(const char *text, struct held *held)
{
	char *end;

	held->count = 0;
	held->more = strchr(text, '+');
	while (held->count < HELD_PIDS) {
		long pid = strtol(text, &end, 10);

		if (end == text)
			break;
		held->pids[held->count++] = (pid_t)pid;
		text = end;
	}
}

static int read_extra(struct db_reader *reader, struct db_entry *entry)
{
	sqlite3_stmt *query = reader->query[QUERY_EXTRA];
	int rc = find(reader, QUERY_EXTRA, entry->id);
	struct record *before = &reader->before;

	if (rc)
		return rc;
	if (sqlite3_column_type(query, 0) != SQLITE_NULL) {
		*before = (struct record){ .known = (uint32_t)sqlite3_column_int64(query, 1) };
		before->time_ns = entry->act.record.time_ns -
				  (uint64_t)sqlite3_column_int64(query, 0);
		before->actor.pid = (uint32_t)sqlite3_column_int64(query, 2);
		rc = read_comm(reader, sqlite3_column_int64(query, 3), before->actor.comm);
		entry->act.held = before;
	}
	if (sqlite3_column_type(query, 4) != SQLITE_NULL) {
		reader->held.record = entry->act.record;
		read_holders((const char *)sqlite3_column_text(query, 4), &reader->held);
		entry->held = &reader->held;
	}
	if (rc || sqlite3_column_type(query, 5) == SQLITE_NULL)
		return rc;
	entry->act.frames = &reader->frames;
	return read_frames(reader, sqlite3_column_int64(query, 5), &reader->frames.user) ?:
	       read_frames(reader, sqlite3_column_int64(query, 6), &reader->frames.kernel);
}

static void read_bytes(sqlite3_stmt *row, int column, uint8_t bytes[16])
{
	const void *blob = sqlite3_column_blob(row, column);

	if (blob && sqlite3_column_bytes(row, column) == 16)
		memcpy(bytes, blob, 16);
}

static uint64_t read_ago(sqlite3_stmt *row, int column, const struct record *r)
{
	if (sqlite3_column_type(row, column) == SQLITE_NULL)
		return 0;
	return r->time_ns - (uint64_t)sqlite3_column_int64(row, column);
}

/* One that has not ended keeps the recorder from reusing its -wal. */
static void end_queries(struct db_reader *reader)
{
	for (int i = 0; i < QUERIES; i++)
		sqlite3_reset(reader->query[i]);
}

int db_read_kind(struct db_reader *reader, int64_t shape_id, int64_t actor, int64_t owner,
		 int64_t peer, struct act *act)
{
	const struct db_shape *shape;
	int rc = db_shape_find(reader->shapes, shape_id, &shape);

	if (rc)
		return rc;
	*act = shape->act;
	act->record.unread = act->record.unsent = act->record.unacked = shape->lossy;
	rc = read_tasks(reader, act, actor, owner, peer);
	end_queries(reader);
	return rc;
}

/* The columns that are the act's own; 0 or -EBADMSG. */
static int read_row(struct db_reader *reader, sqlite3_stmt *row, struct act *act,
		    const struct db_shape *shape)
{
	struct record *r = &act->record;
	int64_t actor = 0, owner = 0, peer = 0, same;
	int column = 0;

	*act = shape->act;
	r->time_ns = (uint64_t)sqlite3_column_int64(row, 1) - (uint64_t)shape->clock;
#define ROW_NUMBER(column_, value) value = (typeof(value))sqlite3_column_int64(row, ++column);
#define ROW_BYTES(column_, value) read_bytes(row, ++column, value);
#define ROW_AGO(column_, value) value = read_ago(row, ++column, r);
#define ROW_LINK(column_) column_ = sqlite3_column_int64(row, ++column);
#define shape same
#include "columns.def"
#undef shape
#undef ROW_NUMBER
#undef ROW_BYTES
#undef ROW_AGO
#undef ROW_LINK
	return same == shape->id ? read_tasks(reader, act, actor, owner, peer) : -EBADMSG;
}

int db_read(struct db_reader *reader, sqlite3_stmt *row, struct db_entry *entry)
{
	const struct db_shape *shape;
	int rc = db_shape_find(reader->shapes, sqlite3_column_int64(row, 2), &shape);

	if (rc)
		return rc;
	entry->id = sqlite3_column_int64(row, 0);
	entry->held = NULL;
	rc = read_row(reader, row, &entry->act, shape);
	if (!rc && shape->extra)
		rc = read_extra(reader, entry);
	end_queries(reader);
	return rc;
}

const char *db_read_columns(void)
{
	return "r.id"
#define ROW_NUMBER(column, value) ", r." #column
#define ROW_BYTES(column, value) ", r." #column
#define ROW_AGO(column, value) ", r." #column
#define ROW_LINK(column) ", r." #column
#include "columns.def"
#undef ROW_NUMBER
#undef ROW_BYTES
#undef ROW_AGO
#undef ROW_LINK
		;
}

int db_reader_open(struct db_reader **out, sqlite3 *sql)
{
	static const char *const texts[QUERIES] = {
		"SELECT pid, tid, uid, comm, cgroup, cgroup_number FROM tasks WHERE id = ?",
		"SELECT coalesce(raw, text) FROM names WHERE id = ?",
		("SELECT held_ago, held_known, held_pid, held_comm, holders, stack, kstack"
		 " FROM extras WHERE id = ?"),
	};
	struct db_reader *reader = calloc(1, sizeof(*reader));
	int rc = SQLITE_OK;

	*out = reader;
	if (!reader)
		return SQLITE_NOMEM;
	reader->sql = sql;
	for (int i = 0; !rc && i < QUERIES; i++)
		rc = sqlite3_prepare_v3(sql, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
					&reader->query[i], NULL);
	return rc ?: db_shapes_open(&reader->shapes, sql);
}

void db_reader_close(struct db_reader *reader)
{
	if (!reader)
		return;
	for (int i = 0; i < QUERIES; i++)
		sqlite3_finalize(reader->query[i]);
	db_shapes_close(reader->shapes);
	free(reader);
}
