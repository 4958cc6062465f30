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
enum column { ACTOR, OWNER, PEER, LPORT, RPORT, LADDR, RADDR, SECOND, COLUMNS };

static const char *const sql_columns[COLUMNS] = {
	[ACTOR] = "r.actor",	[OWNER] = "r.owner",	[PEER] = "r.peer",   [LPORT] = "r.lport",
	[RPORT] = "r.rport",	[LADDR] = "r.laddr",	[RADDR] = "r.raddr",
	[SECOND] = "r.time / 1000000000",
};

#define BIT(column) (1U << (column))
#define PLACE (BIT(ACTOR) | BIT(OWNER))
#define UNFIT BIT(COLUMNS)	/* of what no column tells */

/* Which columns tell a key of fields.def. */
static unsigned int columns_of(const char *key)
{
	static const struct { const char *key; unsigned int columns; } keys[] = {
#define SHAPE_WORD(key, type) { #key, 0 },
#include "store/columns.def"
#undef SHAPE_WORD
		{ "pid", BIT(ACTOR) },	      { "tid", BIT(ACTOR) },
		{ "comm", BIT(ACTOR) },	      { "uid", BIT(ACTOR) },
		{ "owner_pid", BIT(OWNER) },  { "owner_comm", BIT(OWNER) },
		{ "cgroup", PLACE },	      { "container", PLACE },
		{ "peer_pid", BIT(PEER) },    { "peer_comm", BIT(PEER) },
		{ "lport", BIT(LPORT) },      { "rport", BIT(RPORT) },
		{ "laddr", BIT(LADDR) },      { "raddr", BIT(RADDR) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(keys[i].key, key))
			return keys[i].columns;
	}
	return UNFIT;
}

/* What the filters look at, unless SQL has decided. */
static unsigned int filter_columns(const struct report *report)
{
	const struct options *options = report->options;
	unsigned int columns = 0;

	if (!db_where_decides_ports(options))
		columns |= BIT(LPORT) | BIT(RPORT);
	if (!db_where_decides_addresses(options))
		columns |= BIT(LADDR) | BIT(RADDR);
	if (options->pids || options->comms || options->uids || options->places)
		columns |= PLACE;
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
	return number < 0 ? (int)number : 0;
}

static void put_address(char key[KEY_ROOM], size_t *used, sqlite3_stmt *row, int at)
{
	const void *blob = sqlite3_column_blob(row, at);

	memset(key + *used, 0, 16);
	if (blob && sqlite3_column_bytes(row, at) == 16)
		memcpy(key + *used, blob, 16);
	*used += 16;
}

/* What tells acts apart: the columns from the second of the statement on.  0 or an errno. */
static int key_of(struct counting *counting, sqlite3_stmt *row, char key[KEY_ROOM], size_t *used)
{
	int at = 1, rc;

	*used = 0;
	rc = put_number(key, used, db_alike(&counting->same, ALIKE_SHAPES,
					    sqlite3_column_int64(row, at)));
	for (int column = 0; !rc && column < COLUMNS; column++) {
		if (!(counting->columns & BIT(column)))
			continue;
		at++;
		if (column <= PEER)
			rc = put_number(key, used, db_alike(&counting->same, ALIKE_TASKS,
							    sqlite3_column_int64(row, at)));
		else if (column == LADDR || column == RADDR)
			put_address(key, used, row, at);
		else
			rc = put_number(key, used, sqlite3_column_int64(row, at));
	}
	return rc;
}

static int take(struct counting *counting, sqlite3_stmt *row)
{
	char key[KEY_ROOM];
	int64_t number;
	size_t size;
	bool added;
	int rc = key_of(counting, row, key, &size);

	if (rc)
		return rc;
	number = dict_number(&counting->keys, key, size, &added);
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
		counting->alike[number] = (struct alike){ sqlite3_column_int64(row, 0), 0 };
	counting->alike[number].times++;
	return 0;
}

static sqlite3_stmt *select_rows(const struct db_view *view, const struct report *report,
				 const struct db_part *part)
{
	unsigned int columns = all_columns(report);
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	sqlite3_stmt *statement = NULL;
	char *text;

	sqlite3_str_appendall(sql, "SELECT r.id, r.shape");
	for (int i = 0; i < COLUMNS; i++) {
		if (columns & BIT(i))
			sqlite3_str_appendf(sql, ", %s", sql_columns[i]);
	}
	sqlite3_str_appendall(sql, " FROM rows r WHERE ");
	db_where(sql, report->options, report->pipeline.which, part, false);
	text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(view->sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

static int count_rows(struct counting *counting, sqlite3_stmt *rows)
{
	int rc;

	while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
		rc = take(counting, rows);
		if (rc)
			return rc;
	}
	return rc == SQLITE_DONE ? 0 : -EIO;
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
	sqlite3_stmt *rows = select_rows(view, report, part);
	struct counting counting = { .columns = all_columns(report) };
	int rc = rows ? db_alike_open(&counting.same, view) ?: count_rows(&counting, rows) : -EIO;

	sqlite3_finalize(rows);
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
