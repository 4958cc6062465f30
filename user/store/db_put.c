// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "../cgroup.h"
#include "../frame.h"
#include "../words.h"
#include "db_frames.h"
#include "db_put_private.h"

#define NAME_ROOM	4096	/* of a path that was made inert */
/* Bytes of a row in the file, about; of a name without its text. */
#define ACT_BYTES	105
#define EXTRA_BYTES	40
#define TASK_BYTES	25
#define NAME_BYTES	12

static void bind_id(sqlite3_stmt *statement, int column, int64_t id)
{
	if (id)
		sqlite3_bind_int64(statement, column, id);
	else
		sqlite3_bind_null(statement, column);
}

void db_put_run(struct db_put *put, sqlite3_stmt *statement)
{
	int rc;

	sqlite3_step(statement);
	rc = sqlite3_reset(statement);
	if (rc && !put->error)
		put->error = rc;
}

int64_t db_put_number(struct db_put *put, enum db_dict kind, const void *key, size_t size,
		      bool *added)
{
	int64_t number = dict_number(&put->dict[kind], key, size, added);

	if (number >= 0)
		return put->first[kind] + number;
	put->error = SQLITE_NOMEM;
	*added = false;
	return 0;
}

/* Bytes of a name in the file, about: two long ones do not share a page. */
static uint64_t bytes_of_name(size_t size)
{
	size += NAME_BYTES;
	return size > DB_PAGE / 3 ? (size + DB_PAGE) / DB_PAGE * DB_PAGE : size;
}

/* @text: what is shown of these bytes. */
static int64_t put_name(struct db_put *put, const void *bytes, size_t size, const char *text)
{
	char container[CGROUP_CONTAINER], inert[CGROUP_CONTAINER * 4] = "";
	sqlite3_stmt *insert = put->insert[DB_NAMES];
	bool added, same = strlen(text) == size && !memcmp(text, bytes, size);
	int64_t id = db_put_number(put, DB_NAMES, bytes, size, &added);

	if (!added)
		return id;
	if (*text == '/' && cgroup_container(text, container))
		words_inert(container, sizeof(container), inert, sizeof(inert));
	sqlite3_bind_int64(insert, 1, id);
	db_bind_text(insert, 2, text);
	db_bind_text(insert, 3, inert[0] ? inert : NULL);
	sqlite3_bind_blob64(insert, 4, same ? NULL : bytes, same ? 0 : size, SQLITE_STATIC);
	db_put_run(put, insert);
	put->bytes += bytes_of_name(strlen(text) + (same ? 0 : size));
	return id;
}

static int64_t put_comm(struct db_put *put, const char comm[RECORD_COMM])
{
	char text[WORDS_COMM];

	words_comm(comm, RECORD_COMM, text);
	return put_name(put, comm, strnlen(comm, RECORD_COMM), text);
}

static int64_t put_path(struct db_put *put, const char *path)
{
	char text[NAME_ROOM];

	if (!path)
		return 0;
	words_inert(path, strlen(path), text, sizeof(text));
	return put_name(put, path, strlen(path), text);
}

/* One stack; 0: there is none. */
static int64_t put_frames(struct db_put *put, const struct frames *frames)
{
	struct db_frames form;
	int64_t id;

	if (!frames->known)
		return 0;
	if (db_frames_write(frames, &form)) {
		put->error = SQLITE_NOMEM;
		return 0;
	}
	id = put_name(put, form.raw, form.raw_size, form.text);
	db_frames_free(&form);
	return id;
}

struct task_key {
	int64_t pid, tid, uid, comm, cgroup, cgroup_number;
};

static int64_t put_task(struct db_put *put, bool known, const struct record_task *task,
			uint64_t cgroup_number, const char *path)
{
	sqlite3_stmt *insert = put->insert[DB_TASKS];
	struct task_key key;
	bool added;
	int64_t id;

	if (!known)
		return 0;
	key = (struct task_key){ task->pid, task->tid, task->uid, put_comm(put, task->comm),
				 put_path(put, path), (int64_t)cgroup_number };
	id = db_put_number(put, DB_TASKS, &key, sizeof(key), &added);
	if (!added)
		return id;
	sqlite3_bind_int64(insert, 1, id);
	sqlite3_bind_int64(insert, 2, key.pid);
	sqlite3_bind_int64(insert, 3, key.tid);
	sqlite3_bind_int64(insert, 4, key.uid);
	bind_id(insert, 5, key.comm);
	bind_id(insert, 6, key.cgroup);
	sqlite3_bind_int64(insert, 7, key.cgroup_number);
	db_put_run(put, insert);
	put->bytes += TASK_BYTES;
	return id;
}

static bool has_extra(const struct act *act, const struct held *held)
{
	return act->held || act->frames || held;
}

static void put_extra(struct db_put *put, int64_t id, const struct act *act,
		      const struct held *held)
{
	sqlite3_stmt *insert = put->extra;
	const struct record *before = act->held;
	char holders[HELD_PIDS * 12] = "";
	size_t used = 0;

	for (size_t i = 0; held && i < held->count; i++)
		used += (size_t)snprintf(holders + used, sizeof(holders) - used, "%s%d",
					 i ? " " : "", held->pids[i]);
	if (held && held->more)
		snprintf(holders + used, sizeof(holders) - used, " +");
	sqlite3_clear_bindings(insert);
	sqlite3_bind_int64(insert, 1, id);
	if (before) {
		sqlite3_bind_int64(insert, 2, (int64_t)(act->record.time_ns - before->time_ns));
		sqlite3_bind_int64(insert, 3, before->known);
		sqlite3_bind_int64(insert, 4, before->actor.pid);
		bind_id(insert, 5, put_comm(put, before->actor.comm));
	}
	db_bind_text(insert, 6, held ? holders : NULL);
	if (act->frames) {
		sqlite3_bind_int64(insert, 7, put_frames(put, &act->frames->user));
		sqlite3_bind_int64(insert, 8, put_frames(put, &act->frames->kernel));
	}
	db_put_run(put, insert);
	put->bytes += EXTRA_BYTES;
}

static void bind_ago(sqlite3_stmt *insert, int column, const struct record *r, uint64_t time_ns)
{
	if (time_ns)
		sqlite3_bind_int64(insert, column, (int64_t)(r->time_ns - time_ns));
	else
		sqlite3_bind_null(insert, column);
}

static void put_row(struct db_put *put, const struct act *act, const struct db_link *link)
{
	const struct record *r = &act->record;
	sqlite3_stmt *insert = put->row;
	int column = 1;

	sqlite3_bind_int64(insert, 1, put->next_row);
#define ROW_NUMBER(column_, value) sqlite3_bind_int64(insert, ++column, (int64_t)(value));
#define ROW_BYTES(column_, value) sqlite3_bind_blob(insert, ++column, value, 16, SQLITE_STATIC);
#define ROW_AGO(column_, value) bind_ago(insert, ++column, r, value);
#define ROW_LINK(column_) bind_id(insert, ++column, link->column_);
#include "columns.def"
#undef ROW_NUMBER
#undef ROW_BYTES
#undef ROW_AGO
#undef ROW_LINK
	db_put_run(put, insert);
	put->bytes += ACT_BYTES;
}

static const struct task_key *task_of(const struct db_put *put, int64_t id)
{
	static const struct task_key none;

	if (!id)
		return &none;
	return dict_key(&put->dict[DB_TASKS], (size_t)(id - put->first[DB_TASKS]));
}

static void put_link(struct db_put *put, const struct act *act, const struct held *held,
		     struct db_link *link)
{
	const struct record *r = &act->record;
	bool cgroup = r->known & KNOWN_CGROUP;
	const struct task_key *actor, *owner;

	link->shape = db_put_shape(put, act, has_extra(act, held));
	link->actor = put_task(put, r->known & (KNOWN_ACTOR | KNOWN_CGROUP), &r->actor, r->cgroup,
			       cgroup ? act->cgroup : NULL);
	link->owner = put_task(put, r->known & KNOWN_OWNER, &r->owner, r->owner_cgroup,
			       act->owner_cgroup);
	link->peer = put_task(put, r->known & KNOWN_PEER, &r->peer, 0, NULL);
	if (put->error)
		return;
	actor = task_of(put, link->actor);
	owner = task_of(put, link->owner);
	link->comm = r->known & KNOWN_ACTOR ? actor->comm : 0;
	link->owner_comm = owner->comm;
	link->cgroup = cgroup ? actor->cgroup : owner->cgroup;
}

int db_put(struct db_put *put, const struct act *act, const struct held *held,
	   struct db_link *link)
{
	put_link(put, act, held, link);
	if (!put->error && has_extra(act, held))
		put_extra(put, put->next_row, act, held);
	if (!put->error)
		put_row(put, act, link);
	if (put->error)
		return put->error;
	put->next_row++;
	return SQLITE_OK;
}

void db_put_renew(struct db_put *put)
{
	for (int i = 0; i < DB_DICTS; i++) {
		put->first[i] += (int64_t)put->dict[i].count;
		dict_clear(&put->dict[i]);
	}
	put->error = SQLITE_OK;
}

int db_put_open(struct db_put *put, sqlite3 *sql)
{
	static const char row[] = "INSERT INTO rows VALUES (?"
#define ROW_NUMBER(column, value) ", ?"
#define ROW_BYTES(column, value) ", ?"
#define ROW_AGO(column, value) ", ?"
#define ROW_LINK(column) ", ?"
#include "columns.def"
#undef ROW_NUMBER
#undef ROW_BYTES
#undef ROW_AGO
#undef ROW_LINK
		")";
	static const char shape[] = "INSERT INTO shapes VALUES (?, ?, ?, ?, ?, ?"
#define SHAPE_NUMBER(column, value) ", ?"
#define SHAPE_FACTS(column, shift) ", ?"
#define SHAPE_WORD(key, type) ", ?"
#include "columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
#undef SHAPE_WORD
		")";
	const struct { sqlite3_stmt **statement; const char *text; } all[] = {
		{ &put->row, row },
		{ &put->extra, "INSERT INTO extras VALUES (?, ?, ?, ?, ?, ?, ?, ?)" },
		{ &put->insert[DB_SHAPES], shape },
		{ &put->insert[DB_TASKS], "INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?)" },
		{ &put->insert[DB_NAMES], "INSERT INTO names VALUES (?, ?, ?, ?)" },
	};
	int rc = SQLITE_OK;

	*put = (struct db_put){ .sql = sql, .next_row = 1, .first = { 1, 1, 1 } };
	for (size_t i = 0; !rc && i < sizeof(all) / sizeof(all[0]); i++)
		rc = sqlite3_prepare_v3(sql, all[i].text, -1, SQLITE_PREPARE_PERSISTENT,
					all[i].statement, NULL);
	return rc;
}

void db_put_close(struct db_put *put)
{
	sqlite3_finalize(put->row);
	sqlite3_finalize(put->extra);
	for (int i = 0; i < DB_DICTS; i++) {
		sqlite3_finalize(put->insert[i]);
		dict_free(&put->dict[i]);
	}
	*put = (struct db_put){ 0 };
}
