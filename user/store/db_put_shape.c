// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_put_shape.c - what many acts share: numbers for closetrace, and words as JSON has them */
#include <string.h>

#include "../cause.h"
#include "../field.h"
#include "../note.h"
#include "db_put_private.h"

/* The columns of shapes that are numbers, and what else tells two shapes apart. */
enum shape_number {
	SHAPE_TYPE, SHAPE_LOSSY, SHAPE_EXTRA, SHAPE_CLOCK, SHAPE_CAUSE,
#define SHAPE_NUMBER(column, value) SHAPE_##column,
#define SHAPE_FACTS(column, shift) SHAPE_##column,
#include "columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
	SHAPE_NUMBERS,
};

enum shape_type { TYPE_ACT, TYPE_NOTE, TYPE_HELD };

static const char *const words[] = {
#define SHAPE_WORD(key, type) #key,
#include "columns.def"
#undef SHAPE_WORD
};

#define WORDS	(sizeof(words) / sizeof(words[0]))
#define BYTES	350	/* of a row in the file, about */

static enum shape_type type_of(const struct act *act)
{
	if (note_is(act))
		return TYPE_NOTE;
	return held_is(act) ? TYPE_HELD : TYPE_ACT;
}

static void shape_key(const struct act *act, bool extra, int64_t key[SHAPE_NUMBERS])
{
	const struct record *r = &act->record;

	key[SHAPE_TYPE] = type_of(act);
	key[SHAPE_LOSSY] = act->cause && act_loses_data(act);
	key[SHAPE_EXTRA] = extra;
	key[SHAPE_CLOCK] = (int64_t)(act->wall_ns - r->time_ns);
	key[SHAPE_CAUSE] = act->cause ? act->cause->number : 0;
#define SHAPE_NUMBER(column, value) key[SHAPE_##column] = (int64_t)(value);
#define SHAPE_FACTS(column, shift) key[SHAPE_##column] = (int64_t)(uint64_t)(act->facts >> (shift));
#include "columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
}

/* What has no verdict has but some of the keys. */
static bool has_key(const struct act *act, const struct field *field)
{
	if (note_is(act))
		return note_has_field(field, note_info(act)->task);
	return !held_is(act) || field_of_held(field);
}

static void bind_word(sqlite3_stmt *insert, int column, const struct act *act,
		      const struct field *field)
{
	struct value value = { .kind = VALUE_ABSENT };

	if (has_key(act, field))
		field->get(act, &value);
	if (value.kind == VALUE_TEXT)
		sqlite3_bind_text(insert, column, value.text, -1, SQLITE_TRANSIENT);
	else if (value.kind == VALUE_INTEGER)
		sqlite3_bind_int64(insert, column, value.integer);
	else if (value.kind == VALUE_BOOLEAN)
		sqlite3_bind_int(insert, column, value.boolean);
	else
		sqlite3_bind_null(insert, column);
}

static const struct field *field_named(const char *key)
{
	const struct field *field = fields;

	while (strcmp(field->key, key))
		field++;
	return field;
}

int64_t db_put_shape(struct db_put *put, const struct act *act, bool extra)
{
	static const char *const types[] = { "act", "note", "held" };
	sqlite3_stmt *insert = put->insert[DB_SHAPES];
	int64_t key[SHAPE_NUMBERS], id;
	int column = 0;
	bool added;

	shape_key(act, extra, key);
	id = db_put_number(put, DB_SHAPES, key, sizeof(key), &added);
	if (!added)
		return id;
	sqlite3_bind_int64(insert, ++column, id);
	db_bind_text(insert, ++column, types[key[SHAPE_TYPE]]);
	db_bind_text(insert, ++column, note_is(act) ? note_info(act)->name : NULL);
	sqlite3_bind_int64(insert, ++column, key[SHAPE_LOSSY]);
	sqlite3_bind_int64(insert, ++column, key[SHAPE_EXTRA]);
	sqlite3_bind_int64(insert, ++column, key[SHAPE_CLOCK]);
	for (int i = SHAPE_CAUSE + 1; i < SHAPE_NUMBERS; i++)
		sqlite3_bind_int64(insert, ++column, key[i]);
	for (size_t i = 0; i < WORDS; i++)
		bind_word(insert, ++column, act, field_named(words[i]));
	db_put_run(put, insert);
	put->bytes += BYTES;
	return id;
}
