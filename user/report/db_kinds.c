// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db_kinds.h"

/* Columns by which acts differ, beside their shape. */
enum column {
	ACTOR, OWNER, PEER, TASKS, LPORT = TASKS, RPORT, LADDR, RADDR, UNREAD, UNSENT, UNACKED,
	SECOND, COLUMNS
};

static const char *const sql_columns[COLUMNS] = {
	[ACTOR] = "r.actor",	[OWNER] = "r.owner",	[PEER] = "r.peer",   [LPORT] = "r.lport",
	[RPORT] = "r.rport",	[LADDR] = "r.laddr",	[RADDR] = "r.raddr",
	[UNREAD] = "r.unread",	[UNSENT] = "r.unsent",	[UNACKED] = "r.unacked",
	[SECOND] = "r.time / 1000000000",
};

#define BIT(column) (1U << (column))
#define WHO (BIT(ACTOR) | BIT(OWNER))
#define OF_TASK(column) BIT(COLUMNS + (column))	/* what of tasks: enum db_alike_task */
#define UNFIT BIT(COLUMNS + ALIKE_TASK_COLUMNS)	/* of what no column tells */

_Static_assert(1 + COLUMNS + 2 <= DB_KINDS_WORDS, "a key with all columns");

/* Which columns tell a key of fields.def. */
static unsigned int columns_of(const char *key)
{
	static const struct { const char *key; unsigned int columns; } keys[] = {
#define SHAPE_WORD(key, type) { #key, 0 },
#include "store/columns.def"
#undef SHAPE_WORD
		{ "pid", BIT(ACTOR) | OF_TASK(ALIKE_PID) },
		{ "tid", BIT(ACTOR) | OF_TASK(ALIKE_TID) },
		{ "comm", BIT(ACTOR) | OF_TASK(ALIKE_COMM) },
		{ "uid", BIT(ACTOR) | OF_TASK(ALIKE_UID) },
		{ "owner_pid", BIT(OWNER) | OF_TASK(ALIKE_PID) },
		{ "owner_comm", BIT(OWNER) | OF_TASK(ALIKE_COMM) },
		{ "peer_pid", BIT(PEER) | OF_TASK(ALIKE_PID) },
		{ "peer_comm", BIT(PEER) | OF_TASK(ALIKE_COMM) },
		{ "cgroup", WHO | OF_TASK(ALIKE_CGROUP) },
		{ "container", WHO | OF_TASK(ALIKE_CGROUP) },
		{ "lport", BIT(LPORT) },
		{ "rport", BIT(RPORT) },
		{ "laddr", BIT(LADDR) },
		{ "raddr", BIT(RADDR) },
		{ "unread", BIT(UNREAD) },
		{ "unsent", BIT(UNSENT) },
		{ "unacked", BIT(UNACKED) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(keys[i].key, key))
			return keys[i].columns;
	}
	return UNFIT;
}

/*
 * What the filters look at, where SQL has not decided: it has, of ports and addresses.  Processes
 * that they do not name are alike to them.
 */
static unsigned int filter_columns(const struct options *options)
{
	unsigned int columns = 0;

	columns |= options->pids ? WHO : 0;
	columns |= options->comms ? WHO | OF_TASK(ALIKE_COMM) : 0;
	columns |= options->uids ? WHO | OF_TASK(ALIKE_UID) : 0;
	columns |= options->places ? WHO | OF_TASK(ALIKE_CGROUP) : 0;
	return columns;
}

static unsigned int all_columns(const struct report *report)
{
	const struct groups *groups = &report->ask.groups;
	unsigned int columns = filter_columns(report->options);

	for (size_t i = 0; i < groups->keys; i++)
		columns |= columns_of(groups->key[i]->key);
	if (report->options->report.histogram)
		columns |= BIT(SECOND);
	return columns;
}

/* -c counts acts in their order, which is not kept; a story has each act. */
bool db_kinds_can(const struct report *report)
{
	const struct option_report *asked = &report->options->report;

	return (report->ask.groups.keys || asked->histogram) && !report->options->count &&
	       !(all_columns(report) & UNFIT);
}

/* Numbers of a file may be anything. */
static int put_number(uint64_t **word, int64_t number)
{
	*(*word)++ = (uint64_t)number;
	if (number < 0)
		return number == -ENOMEM ? -ENOMEM : -EBADMSG;
	return 0;
}

static int put_address(uint64_t **word, sqlite3_value *value)
{
	const void *blob = sqlite3_value_blob(value);

	(*word)[0] = (*word)[1] = 0;
	if (blob && sqlite3_value_bytes(value) == 16)
		memcpy(*word, blob, 16);
	*word += 2;
	return 0;
}

static int put_column(struct db_kinds *kinds, enum column column, sqlite3_value *value,
		      uint64_t **word)
{
	if (column == LADDR || column == RADDR)
		return put_address(word, value);
	if (column < TASKS)
		return put_number(word, db_alike(&kinds->same, ALIKE_TASKS,
						 sqlite3_value_int64(value)));
	return put_number(word, sqlite3_value_int64(value));
}

static int make_room(struct db_kinds *kinds)
{
	size_t room = kinds->room ? 2 * kinds->room : 1024;
	uint64_t *bigger = reallocarray(kinds->times, room, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	kinds->times = bigger;
	kinds->room = room;
	return 0;
}

static int count_key(struct db_kinds *kinds, struct db_kinds_key *key)
{
	bool added;
	int64_t number;

	if (!key->size)
		return 0;
	number = dict_number_of(&kinds->keys, key->hash, key->word, key->size, &added);
	key->size = 0;
	if (number < 0)
		return (int)number;
	if ((size_t)number == kinds->room && make_room(kinds))
		return -ENOMEM;
	if (added)
		kinds->times[number] = 0;
	kinds->times[number]++;
	return 0;
}

/* The newest key is fetched in two steps, while SQLite goes on to the next rows; then it counts. */
static int pass_on(struct db_kinds *kinds)
{
	struct db_kinds_key *newest = &kinds->waiting[kinds->next];
	struct db_kinds_key *last = &kinds->waiting[(kinds->next + 2) % DB_KINDS_WAIT];

	kinds->next = (kinds->next + 1) % DB_KINDS_WAIT;
	if (newest->size)
		dict_fetch(&kinds->keys, newest->hash);
	if (last->size)
		dict_fetch_key(&kinds->keys, last->hash);
	return count_key(kinds, &kinds->waiting[kinds->next]);
}

static int take(struct db_kinds *kinds, sqlite3_value **value)
{
	int64_t shape = db_alike(&kinds->same, ALIKE_SHAPES, sqlite3_value_int64(*value++));
	struct db_kinds_key *key = &kinds->waiting[kinds->next];
	uint64_t *word = key->word;
	int rc;

	/* No act, or one whose verdict is not asked for. */
	if (shape == -ENOENT)
		return 0;
	rc = put_number(&word, shape);
	for (enum column column = 0; !rc && column < COLUMNS; column++) {
		if (kinds->columns & BIT(column))
			rc = put_column(kinds, column, *value++, &word);
	}
	if (rc)
		return rc;
	key->size = (size_t)(word - key->word) * sizeof(*word);
	key->hash = dict_hash(&kinds->keys, key->word, key->size);
	return pass_on(kinds);
}

/* SQL: count_act(shape, ...), called for each row: half the time of a step of a statement. */
static void count_act(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct db_kinds *kinds = sqlite3_user_data(context);

	(void)count;
	if (!kinds->error)
		kinds->error = take(kinds, value);
}

static void count_end(sqlite3_context *context)
{
	(void)context;
}

static sqlite3_stmt *select_rows(const struct db_kinds *kinds, const struct db_view *view,
				 const struct report *report, const struct db_part *part)
{
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	sqlite3_stmt *statement = NULL;
	char *text;

	sqlite3_str_appendall(sql, "SELECT count_act(r.shape");
	for (enum column column = 0; column < COLUMNS; column++) {
		if (kinds->columns & BIT(column))
			sqlite3_str_appendf(sql, ", %s", sql_columns[column]);
	}
	sqlite3_str_appendall(sql, ") FROM rows r WHERE ");
	db_where_rows(sql, report->options, report->pipeline.which, part);
	text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(view->sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

int db_kinds_count(struct db_kinds *kinds, const struct db_view *view,
		   const struct report *report, const struct db_part *part)
{
	sqlite3_stmt *rows = NULL;
	int rc;

	kinds->columns = all_columns(report);
	rc = db_alike_open(&kinds->same, view, report->options, kinds->columns >> COLUMNS);
	if (!rc && sqlite3_create_function_v2(view->sql, "count_act", -1, SQLITE_UTF8, kinds, NULL,
					      count_act, count_end, NULL))
		rc = -EIO;
	if (!rc)
		rows = select_rows(kinds, view, report, part);
	if (!rows || sqlite3_step(rows) != SQLITE_ROW)
		rc = rc ?: -EIO;
	sqlite3_finalize(rows);
	rc = kinds->error ?: rc;
	for (size_t i = 1; !rc && i < DB_KINDS_WAIT; i++)
		rc = pass_on(kinds);
	return rc;
}

static void get_column(struct act *act, enum column column, const uint64_t **word)
{
	struct record *r = &act->record;
	uint64_t value = *(*word)++;

	switch (column) {
	case LPORT: r->lport = (typeof(r->lport))value; break;
	case RPORT: r->rport = (typeof(r->rport))value; break;
	case UNREAD: r->unread = (typeof(r->unread))value; break;
	case UNSENT: r->unsent = (typeof(r->unsent))value; break;
	case UNACKED: r->unacked = (typeof(r->unacked))value; break;
	case SECOND: act->wall_ns = value * 1000000000; break;
	case LADDR:
	case RADDR:
		memcpy(column == LADDR ? r->laddr : r->raddr, *word - 1, 16);
		++*word;
		break;
	default: break;
	}
}

int db_kinds_act(const struct db_kinds *kinds, size_t number, struct db_reader *reader,
		 struct act *act, uint64_t *times)
{
	const uint64_t *word = dict_key(&kinds->keys, number);
	int64_t shape = db_alike_row(&kinds->same, ALIKE_SHAPES, (int64_t)*word++);
	int64_t task[TASKS] = { 0 };
	int rc;

	for (enum column column = 0; column < TASKS; column++) {
		if (kinds->columns & BIT(column))
			task[column] = db_alike_row(&kinds->same, ALIKE_TASKS, (int64_t)*word++);
	}
	rc = db_read_kind(reader, shape, task[ACTOR], task[OWNER], task[PEER], act);
	for (enum column column = TASKS; column < COLUMNS; column++) {
		if (kinds->columns & BIT(column))
			get_column(act, column, &word);
	}
	*times = kinds->times[number];
	return rc;
}

void db_kinds_free(struct db_kinds *kinds)
{
	db_alike_close(&kinds->same);
	dict_free(&kinds->keys);
	free(kinds->times);
	*kinds = (struct db_kinds){ 0 };
}
