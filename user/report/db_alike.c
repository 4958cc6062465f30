// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db_alike.h"
#include "store/db_schema.h"

#define CONTENT_ROOM	16384	/* longer contents are alike only to themselves */
#define ROWS_MAX	(1 << 28)

static const char *const queries[ALIKE_TABLES] = {
	/* All of it but the id and the clock, by which runs and steps of the clock differ. */
	[ALIKE_SHAPES] = "SELECT type, lossy, extra"
#define SHAPE_NUMBER(column, value) ", " #column
#define SHAPE_FACTS(column, shift) ", " #column
#define SHAPE_WORD(key, type) ", " #key
#include "store/columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
#undef SHAPE_WORD
			 " FROM shapes WHERE id = ?",
	[ALIKE_TASKS] = "SELECT t.pid, t.tid, t.uid, coalesce(c.raw, c.text), coalesce(g.raw, "
			"g.text) FROM tasks t LEFT JOIN names c ON c.id = t.comm LEFT JOIN names g "
			"ON g.id = t.cgroup WHERE t.id = ?",
};

int db_alike_open(struct db_alike *alike, const struct db_view *view)
{
	static const char *const firsts[ALIKE_TABLES] = { "first_shape", "first_task" };

	*alike = (struct db_alike){ 0 };
	for (int i = 0; i < ALIKE_TABLES; i++) {
		alike->rows[i].first = db_view_number(view, 0, "SELECT min(%s) FROM chunks",
						      firsts[i]);
		if (sqlite3_prepare_v2(view->sql, queries[i], -1, &alike->rows[i].query, NULL))
			return -EIO;
	}
	return 0;
}

void db_alike_close(struct db_alike *alike)
{
	for (int i = 0; i < ALIKE_TABLES; i++) {
		sqlite3_finalize(alike->rows[i].query);
		dict_free(&alike->rows[i].contents);
		free(alike->rows[i].number);
	}
}

/* Type, length and bytes of each column, so that no two contents have the same bytes. */
static size_t content_of(sqlite3_stmt *row, char content[CONTENT_ROOM])
{
	size_t used = 0;

	for (int i = 0; i < sqlite3_column_count(row); i++) {
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

static int64_t look_up(struct db_alike_rows *rows, int64_t id)
{
	char content[CONTENT_ROOM];
	int64_t number = -EBADMSG;
	size_t size;
	bool added;

	sqlite3_bind_int64(rows->query, 1, id);
	if (sqlite3_step(rows->query) == SQLITE_ROW) {
		size = content_of(rows->query, content);
		number = dict_number(&rows->contents, size ? (void *)content : &id,
				     size ?: sizeof(id), &added);
	}
	sqlite3_reset(rows->query);
	return number;
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
	int64_t number;

	if (!id)
		return 0;
	if (id < rows->first || place > ROWS_MAX)
		return -EBADMSG;
	if (place >= rows->room && make_room(rows, place))
		return -ENOMEM;
	if (rows->number[place])
		return rows->number[place];
	number = look_up(rows, id);
	if (number >= 0)
		rows->number[place] = ++number;
	return number;
}
