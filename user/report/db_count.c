// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db_alike.h"
#include "db_count.h"
#include "db_minutes.h"
#include "db_where.h"
#include "store/db_schema.h"
#include "store/dict.h"

/* Columns by which acts differ, beside their shape. */
enum column {
	ACTOR, OWNER, PEER, LPORT, RPORT, LADDR, RADDR, UNREAD, UNSENT, UNACKED, SECOND, COLUMNS
};

static const char *const sql_columns[COLUMNS] = {
	[ACTOR] = "r.actor",	[OWNER] = "r.owner",	[PEER] = "r.peer",   [LPORT] = "r.lport",
	[RPORT] = "r.rport",	[LADDR] = "r.laddr",	[RADDR] = "r.raddr",
	[UNREAD] = "r.unread",	[UNSENT] = "r.unsent",	[UNACKED] = "r.unacked",
	[SECOND] = "r.time / 1000000000",
};

#define BIT(column) (1U << (column))
#define WHO(column) (BIT(ACTOR) | BIT(OWNER) | OF_TASK(column))
#define OF_TASK(column) BIT(COLUMNS + (column))	/* what of tasks: enum db_alike_task */
#define UNFIT BIT(COLUMNS + ALIKE_TASK_COLUMNS)	/* of what no column tells */

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
		{ "cgroup", WHO(ALIKE_CGROUP) },
		{ "container", WHO(ALIKE_CGROUP) },
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

/* What the filters look at, where SQL has not decided: it has, of ports and addresses. */
static unsigned int filter_columns(const struct report *report)
{
	const struct options *options = report->options;
	unsigned int columns = 0;

	columns |= options->pids ? WHO(ALIKE_PID) : 0;
	columns |= options->comms ? WHO(ALIKE_COMM) : 0;
	columns |= options->uids ? WHO(ALIKE_UID) : 0;
	columns |= options->places ? WHO(ALIKE_CGROUP) : 0;
	return columns;
}

static unsigned int all_columns(const struct report *report)
{
	const struct groups *groups = &report->ask.groups;
	unsigned int columns = filter_columns(report);

	for (size_t i = 0; i < groups->keys; i++)
		columns |= columns_of(groups->key[i]->key);
	if (report->options->report.histogram)
		columns |= BIT(SECOND);
	return columns;
}

/* -c counts acts in their order, which is not kept; a story has each act. */
bool db_count_can(const struct report *report)
{
	const struct option_report *asked = &report->options->report;

	return (report->ask.groups.keys || asked->histogram) && !report->options->count &&
	       !(all_columns(report) & UNFIT);
}

/* Of acts that are alike: the first of them, and how many there are. */
struct alike {
	int64_t id;
	uint64_t times;
};

struct counting {
	unsigned int columns;		/* bits */
	int error;			/* of the first row that could not be counted */
	struct db_alike same;
	struct dict keys;
	struct alike *alike;
	size_t room;
};

#define KEY_ROOM (8 * COLUMNS + 2 * 16 + 8)

static int put_number(char key[KEY_ROOM], size_t *used, int64_t number)
{
	memcpy(key + *used, &number, sizeof(number));
	*used += sizeof(number);
	if (number < 0)
		return number == -ENOMEM ? -ENOMEM : -EBADMSG;
	return 0;
}

static void put_address(char key[KEY_ROOM], size_t *used, sqlite3_value *value)
{
	const void *blob = sqlite3_value_blob(value);

	memset(key + *used, 0, 16);
	if (blob && sqlite3_value_bytes(value) == 16)
		memcpy(key + *used, blob, 16);
	*used += 16;
}

/* What tells acts apart: their shape, and the values after it.  0 or an errno. */
static int key_of(struct counting *counting, int64_t shape, sqlite3_value **value,
		  char key[KEY_ROOM], size_t *used)
{
	int rc;

	*used = 0;
	rc = put_number(key, used, shape);
	for (int column = 0; !rc && column < COLUMNS; column++) {
		if (!(counting->columns & BIT(column)))
			continue;
		if (column <= PEER)
			rc = put_number(key, used, db_alike(&counting->same, ALIKE_TASKS,
							    sqlite3_value_int64(*value)));
		else if (column == LADDR || column == RADDR)
			put_address(key, used, *value);
		else
			rc = put_number(key, used, sqlite3_value_int64(*value));
		value++;
	}
	return rc;
}

static int count_key(struct counting *counting, int64_t id, const char *key, size_t size)
{
	bool added;
	int64_t number = dict_number(&counting->keys, key, size, &added);

	if (number < 0)
		return (int)number;
	if ((size_t)number == counting->room) {
		size_t room = counting->room ? 2 * counting->room : 1024;
		struct alike *bigger = reallocarray(counting->alike, room, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		counting->alike = bigger;
		counting->room = room;
	}
	if (added)
		counting->alike[number] = (struct alike){ id, 0 };
	counting->alike[number].times++;
	return 0;
}

static int take(struct counting *counting, sqlite3_value **value)
{
	int64_t shape = db_alike(&counting->same, ALIKE_SHAPES, sqlite3_value_int64(value[1]));
	char key[KEY_ROOM];
	size_t size;
	int rc;

	/* No act, or one whose verdict is not asked for. */
	if (shape == -ENOENT)
		return 0;
	rc = key_of(counting, shape, value + 2, key, &size);
	return rc ?: count_key(counting, sqlite3_value_int64(value[0]), key, size);
}

/* SQL: count_act(id, shape, ...), called for each row: half the time of a step of a statement. */
static void count_act(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct counting *counting = sqlite3_user_data(context);

	(void)count;
	if (!counting->error)
		counting->error = take(counting, value);
}

static void count_end(sqlite3_context *context)
{
	(void)context;
}

static sqlite3_stmt *select_rows(const struct db_view *view, const struct report *report,
				 const struct db_part *part)
{
	unsigned int columns = all_columns(report);
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	sqlite3_stmt *statement = NULL;
	char *text;

	sqlite3_str_appendall(sql, "SELECT count_act(r.id, r.shape");
	for (int i = 0; i < COLUMNS; i++) {
		if (columns & BIT(i))
			sqlite3_str_appendf(sql, ", %s", sql_columns[i]);
	}
	sqlite3_str_appendall(sql, ") FROM rows r WHERE ");
	db_where_rows(sql, report->options, report->pipeline.which, part);
	/* There are many processes of other numbers; of users, names and places there are few. */
	if (report->options->pids)
		db_where_tasks(sql, report->options);
	text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(view->sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

static int count_rows(struct counting *counting, const struct db_view *view,
		      const struct report *report, const struct db_part *part)
{
	sqlite3_stmt *rows = NULL;
	int rc = db_alike_open(&counting->same, view, report->options,
			       counting->columns >> COLUMNS);

	if (!rc && sqlite3_create_function_v2(view->sql, "count_act", -1, SQLITE_UTF8, counting,
					      NULL, count_act, count_end, NULL))
		rc = -EIO;
	if (!rc)
		rows = select_rows(view, report, part);
	if (!rows || sqlite3_step(rows) != SQLITE_ROW)
		rc = rc ?: -EIO;
	sqlite3_finalize(rows);
	return counting->error ?: rc;
}

/* Each kind once, with the whole of its first act. */
static int tell(const struct counting *counting, const struct db_view *view,
		struct db_reader *reader, struct report *report)
{
	char *text = sqlite3_mprintf("SELECT %s FROM rows r WHERE r.id = ?", db_read_columns());
	sqlite3_stmt *row = NULL;
	struct db_entry entry;
	int rc = 0;

	if (!text || sqlite3_prepare_v2(view->sql, text, -1, &row, NULL))
		rc = -EIO;
	sqlite3_free(text);
	for (size_t i = 0; !rc && i < counting->keys.count && !report_done(report); i++) {
		sqlite3_bind_int64(row, 1, counting->alike[i].id);
		rc = sqlite3_step(row) == SQLITE_ROW ? db_read(reader, row, &entry) : -EIO;
		if (!rc)
			pipeline_judged(&report->pipeline, &entry.act, entry.held,
					counting->alike[i].times);
		sqlite3_reset(row);
	}
	sqlite3_finalize(row);
	return rc;
}

static int count_part(const struct db_view *view, struct db_reader *reader, struct report *report,
		      const struct db_part *part)
{
	struct counting counting = { .columns = all_columns(report) };
	int rc = count_rows(&counting, view, report, part);

	if (!rc)
		rc = tell(&counting, view, reader, report);
	db_alike_close(&counting.same);
	dict_free(&counting.keys);
	free(counting.alike);
	return rc;
}

int db_count(const struct db_view *view, struct db_reader *reader, struct report *report)
{
	const struct option_report *asked = &report->options->report;
	struct db_part part[DB_PARTS] = { { asked->since_ns, asked->until_ns, -1 } };
	size_t parts = 1;
	int rc = 0;

	if (db_minutes_can(view, report))
		rc = db_minutes(view, report, part, &parts);
	for (size_t i = 0; !rc && i < parts; i++)
		rc = count_part(view, reader, report, &part[i]);
	return rc;
}
