// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db_alike.h"
#include "db_where.h"
#include "store/db_schema.h"

#define CONTENT_ROOM	16384	/* longer contents are alike only to themselves */
#define ROW_MIN		8	/* bytes in the file, of any row */
/* Those that follow are asked for soon, and take less time together. */
#define AHEAD	" BETWEEN ?1 AND ?1 + 63"

static const char *const queries[ALIKE_TABLES] = {
	/* All of it but the id and the clock, by which runs and steps of the clock differ. */
	[ALIKE_SHAPES] = "SELECT id, type, lossy, extra"
#define SHAPE_NUMBER(column, value) ", " #column
#define SHAPE_FACTS(column, shift) ", " #column
#define SHAPE_WORD(key, type) ", " #key
#include "store/columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
#undef SHAPE_WORD
			 " FROM shapes WHERE id" AHEAD " AND ",
	[ALIKE_TASKS] = "SELECT id, pid, tid, uid, comm, cgroup FROM tasks WHERE id" AHEAD,
	[ALIKE_NAMES] = "SELECT id, coalesce(raw, text) FROM names WHERE id" AHEAD,
};

static int prepare(struct db_alike_rows *rows, enum db_alike_table table,
		   const struct db_view *view, const struct options *options)
{
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	char *text;
	int rc = SQLITE_NOMEM;

	sqlite3_str_appendall(sql, queries[table]);
	if (table == ALIKE_SHAPES)
		db_where_shapes(sql, options, false);
	text = sqlite3_str_finish(sql);
	if (text)
		rc = sqlite3_prepare_v2(view->sql, text, -1, &rows->query, NULL);
	sqlite3_free(text);
	return rc ? -EIO : 0;
}

int db_alike_open(struct db_alike *alike, const struct db_view *view,
		  const struct options *options, unsigned int task)
{
	static const char *const firsts[ALIKE_TABLES] = { "first_shape", "first_task",
							  "first_name" };
	int rc = 0;

	*alike = (struct db_alike){ .options = options, .task = task };
	alike->most = db_view_number(view, 0, "PRAGMA page_count") *
		      db_view_number(view, 0, "PRAGMA page_size") / ROW_MIN;
	for (int i = 0; !rc && i < ALIKE_TABLES; i++) {
		alike->rows[i].first = db_view_number(view, 0, "SELECT min(%s) FROM chunks",
						      firsts[i]);
		rc = prepare(&alike->rows[i], i, view, options);
	}
	return rc;
}

void db_alike_close(struct db_alike *alike)
{
	for (int i = 0; i < ALIKE_TABLES; i++) {
		sqlite3_finalize(alike->rows[i].query);
		dict_free(&alike->rows[i].contents);
		free(alike->rows[i].number);
		free(alike->rows[i].row);
	}
}

/* Type, length and bytes of each column but the id, so that no two contents have the same bytes. */
static size_t content_of(sqlite3_stmt *row, char content[CONTENT_ROOM])
{
	size_t used = 0;

	for (int i = 1; i < sqlite3_column_count(row); i++) {
		int type = sqlite3_column_type(row, i);
		const void *blob = sqlite3_column_blob(row, i);
		uint32_t head[2] = { (uint32_t)type, (uint32_t)sqlite3_column_bytes(row, i) };

		if (used + sizeof(head) + head[1] > CONTENT_ROOM)
			return 0;
		memcpy(content + used, head, sizeof(head));
		used += sizeof(head);
		if (head[1])
			memcpy(content + used, blob, head[1]);
		used += head[1];
	}
	return used;
}

/* To a filter of processes all are alike that it does not name. */
static bool is_named(const struct options *options, int64_t pid)
{
	for (uint32_t i = 0; i < options->pids; i++) {
		if (options->pid[i].pid == pid)
			return true;
	}
	return false;
}

/* Of numbers alone, as there are many of them; their names are told by number too. */
static size_t task_of(struct db_alike *alike, sqlite3_stmt *row, char content[CONTENT_ROOM])
{
	int64_t value[ALIKE_TASK_COLUMNS] = { 0 };

	for (int i = 0; i < ALIKE_TASK_COLUMNS; i++) {
		if (alike->task >> i & 1)
			value[i] = sqlite3_column_int64(row, 1 + i);
		else if (i == ALIKE_PID && is_named(alike->options, sqlite3_column_int64(row, 1)))
			value[i] = sqlite3_column_int64(row, 1);
		if (i == ALIKE_COMM || i == ALIKE_CGROUP)
			value[i] = db_alike(alike, ALIKE_NAMES, value[i]);
	}
	memcpy(content, value, sizeof(value));
	return sizeof(value);
}

/* The first row of a content stands for all of them. */
static int keep_row(struct db_alike_rows *rows, int64_t number, int64_t id)
{
	int64_t *bigger;

	if (rows->row_room == (size_t)number) {
		bigger = reallocarray(rows->row, 2 * rows->row_room + 64, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		rows->row = bigger;
		rows->row_room = 2 * rows->row_room + 64;
	}
	rows->row[number] = id;
	return 0;
}

static int64_t number_of(struct db_alike *alike, enum db_alike_table table, sqlite3_stmt *query)
{
	int64_t id = sqlite3_column_int64(query, 0), number;
	char content[CONTENT_ROOM];
	size_t size = table == ALIKE_TASKS ? task_of(alike, query, content) :
					     content_of(query, content);
	bool added;

	number = dict_number(&alike->rows[table].contents, size ? (void *)content : &id,
			     size ?: sizeof(id), &added);
	if (number >= 0 && added && keep_row(&alike->rows[table], number, id))
		return -ENOMEM;
	return number;
}

/* Of this row, and of some behind it. */
static int64_t look_up(struct db_alike *alike, enum db_alike_table table, int64_t id)
{
	struct db_alike_rows *rows = &alike->rows[table];
	int64_t *known = rows->number + (id - rows->first), number;
	size_t left = rows->room - (size_t)(id - rows->first);

	sqlite3_bind_int64(rows->query, 1, id);
	while (sqlite3_step(rows->query) == SQLITE_ROW) {
		size_t ahead = (size_t)(sqlite3_column_int64(rows->query, 0) - id);

		if (ahead >= left)
			break;
		number = number_of(alike, table, rows->query);
		known[ahead] = number < 0 ? number : number + 1;
	}
	sqlite3_reset(rows->query);
	if (!*known)
		*known = -ENOENT;
	return *known;
}

static int make_room(struct db_alike_rows *rows, size_t wanted)
{
	size_t room = rows->room ?: 1024;
	int64_t *bigger;

	while (room <= wanted)
		room *= 2;
	if (room == rows->room)
		return 0;
	bigger = reallocarray(rows->number, room, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	memset(bigger + rows->room, 0, (room - rows->room) * sizeof(*bigger));
	rows->number = bigger;
	rows->room = room;
	return 0;
}

int64_t db_alike(struct db_alike *alike, enum db_alike_table table, int64_t id)
{
	struct db_alike_rows *rows = &alike->rows[table];
	uint64_t place = (uint64_t)id - (uint64_t)rows->first;

	if (!id)
		return 0;
	if (id < rows->first || place > (uint64_t)alike->most)
		return -EBADMSG;
	if (place >= rows->room && make_room(rows, place))
		return -ENOMEM;
	return rows->number[place] ?: look_up(alike, table, id);
}

int64_t db_alike_row(const struct db_alike *alike, enum db_alike_table table, int64_t number)
{
	return number ? alike->rows[table].row[number - 1] : 0;
}
