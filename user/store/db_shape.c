// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../record.h"
#include "../words.h"
#include "db_shape.h"

#define SHAPES	1024	/* kept */

struct db_shapes {
	sqlite3_stmt *query;
	struct db_shape shape[SHAPES];
};

/* In the order of the query. */
enum {
	COLUMN_CLOCK, COLUMN_EXTRA, COLUMN_LOSSY, COLUMN_CAUSE, COLUMN_CLASS, COLUMN_STATE,
	COLUMN_REASON, WORDS
};

static const char *text_at(sqlite3_stmt *query, int column)
{
	return (const char *)sqlite3_column_text(query, column);
}

static enum cause_class class_named(const char *name)
{
	for (int class = 0; name && class < CAUSE_CLASSES; class++) {
		if (!strcmp(cause_class_name(class), name))
			return class;
	}
	return CLASS_UNKNOWN;
}

static void read_cause(struct db_shape *shape, const char *slug, const char *class)
{
	if (!slug)
		return;
	shape->act.cause = cause_by_slug(slug);
	if (shape->act.cause)
		return;
	words_inert(slug, strlen(slug), shape->slug, sizeof(shape->slug));
	shape->cause = (struct cause){
		.slug = shape->slug,
		.class = class_named(class),
		.summary = "a cause that this version does not know",
		.mend = "report it with the version that recorded it",
	};
	shape->act.cause = &shape->cause;
}

static void read_word(const char *word, char *out, size_t room)
{
	words_inert(word ?: "", word ? strlen(word) : 0, out, room);
}

/* From a row of the query. */
static int read_shape(sqlite3_stmt *query, struct db_shape *shape)
{
	struct act *act = &shape->act;
	struct record *r = &act->record;
	int column = WORDS;

	shape->clock = sqlite3_column_int64(query, COLUMN_CLOCK);
	shape->extra = sqlite3_column_int64(query, COLUMN_EXTRA);
	shape->lossy = sqlite3_column_int64(query, COLUMN_LOSSY);
	r->size = sizeof(*r);
	r->version = RECORD_VERSION;
#define SHAPE_NUMBER(column_, value) value = (typeof(value))sqlite3_column_int64(query, column++);
#define SHAPE_FACTS(column_, shift)                                                                \
	act->facts |= (fact_set)(uint64_t)sqlite3_column_int64(query, column++) << (shift);
#include "columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
	read_cause(shape, text_at(query, COLUMN_CAUSE), text_at(query, COLUMN_CLASS));
	read_word(text_at(query, COLUMN_STATE), shape->state, sizeof(shape->state));
	read_word(text_at(query, COLUMN_REASON), shape->reason, sizeof(shape->reason));
	/* Sinks print the verdict of an act, and have tables for what the record has. */
	return (act->cause || r->kind >= RECORD_ACTS) && record_valid(r) ? 0 : -EBADMSG;
}

static int load(struct db_shapes *shapes, int64_t id, struct db_shape *shape)
{
	sqlite3_stmt *query = shapes->query;
	int rc;

	memset(shape, 0, sizeof(*shape));
	sqlite3_bind_int64(query, 1, id);
	rc = sqlite3_step(query);
	if (rc == SQLITE_ROW)
		rc = read_shape(query, shape);
	else
		rc = rc == SQLITE_DONE ? -EBADMSG : -EIO;
	sqlite3_reset(query);
	shape->id = rc ? 0 : id;
	return rc;
}

int db_shape_find(struct db_shapes *shapes, int64_t id, const struct db_shape **found)
{
	struct db_shape *shape = &shapes->shape[id & (SHAPES - 1)];
	int rc = shape->id == id && id ? 0 : load(shapes, id, shape);

	if (rc)
		return rc;
	if (shape->state[0])
		words_name_state(act_state(&shape->act), shape->state);
	if (shape->reason[0])
		words_name_reason(shape->act.record.reason, shape->reason);
	*found = shape;
	return 0;
}

int db_shapes_open(struct db_shapes **shapes, sqlite3 *sql)
{
	static const char text[] = "SELECT clock, extra, lossy, cause, class, state, reason"
#define SHAPE_NUMBER(column, value) ", " #column
#define SHAPE_FACTS(column, shift) ", " #column
#include "columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
		" FROM shapes WHERE id = ?";

	*shapes = calloc(1, sizeof(**shapes));
	if (!*shapes)
		return SQLITE_NOMEM;
	return sqlite3_prepare_v3(sql, text, -1, SQLITE_PREPARE_PERSISTENT, &(*shapes)->query,
				  NULL);
}

void db_shapes_close(struct db_shapes *shapes)
{
	if (!shapes)
		return;
	sqlite3_finalize(shapes->query);
	free(shapes);
}
