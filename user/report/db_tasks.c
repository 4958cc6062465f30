// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "db_tasks.h"

#define IDS_MAX (1 << 28)	/* in a file they may be anything */

bool db_tasks_asked(const struct options *options)
{
	return options->pids || options->uids || options->comms;
}

/* A condition on a column: none until there is a first that is wanted. */
struct list {
	sqlite3_str *sql;
	const char *before, *end;
};

static void add_number(struct list *list, int64_t number)
{
	sqlite3_str_appendf(list->sql, "%s%lld", list->before, (sqlite3_int64)number);
	list->before = ", ";
	list->end = ")";
}

static void add_name(struct list *list, const char *name)
{
	sqlite3_str_appendf(list->sql, "%sCAST(%Q AS BLOB)", list->before, name);
	list->before = ", ";
	list->end = "))";
}

/* Those that an option names with "!" are left to the filters. */
static void wanted(sqlite3_str *sql, const struct options *options)
{
	struct list pids = { sql, " AND pid IN (", "" };
	struct list uids = { sql, " AND uid IN (", "" };
	struct list names = { sql, " AND comm IN (SELECT id FROM names WHERE CAST(coalesce(raw, "
			      "text) AS BLOB) IN (", "" };

	for (uint32_t i = 0; i < options->pids; i++) {
		if (!options->pid[i].not)
			add_number(&pids, options->pid[i].pid);
	}
	sqlite3_str_appendall(sql, pids.end);
	for (uint32_t i = 0; i < options->uids; i++) {
		if (!options->uid[i].not)
			add_number(&uids, options->uid[i].uid);
	}
	sqlite3_str_appendall(sql, uids.end);
	for (uint32_t i = 0; i < options->comms; i++) {
		if (!options->comm[i].not)
			add_name(&names, options->comm[i].comm);
	}
	sqlite3_str_appendall(sql, names.end);
}

static sqlite3_stmt *select_tasks(const struct db_tasks *tasks, const struct db_view *view,
				  const struct options *options)
{
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	sqlite3_stmt *statement = NULL;
	char *text;

	sqlite3_str_appendf(sql, "SELECT id FROM tasks WHERE id BETWEEN %lld AND %lld",
			    (sqlite3_int64)tasks->first, (sqlite3_int64)tasks->last);
	wanted(sql, options);
	text = sqlite3_str_finish(sql);
	if (text)
		sqlite3_prepare_v2(view->sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	return statement;
}

static uint64_t bit_of(const struct db_tasks *tasks, int64_t id)
{
	return (uint64_t)id - (uint64_t)tasks->first;
}

static bool is_within(const struct db_tasks *tasks, int64_t id)
{
	return id >= tasks->first && id <= tasks->last;
}

static int look_up(struct db_tasks *tasks, const struct db_view *view,
		   const struct options *options)
{
	sqlite3_stmt *row = select_tasks(tasks, view, options);
	int step = SQLITE_ERROR;

	while (row && (step = sqlite3_step(row)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(row, 0);
		uint64_t bit = bit_of(tasks, id);

		/* In a damaged tree there are others than those that SQL was asked for. */
		if (is_within(tasks, id))
			tasks->asked[bit / 8] |= (uint8_t)(1 << bit % 8);
	}
	sqlite3_finalize(row);
	return step == SQLITE_DONE ? 0 : -EIO;
}

static bool is_asked(const struct db_tasks *tasks, int64_t id)
{
	uint64_t bit = bit_of(tasks, id);

	return is_within(tasks, id) && tasks->asked[bit / 8] >> bit % 8 & 1;
}

/* SQL: is_asked(actor, owner). */
static void answer(sqlite3_context *context, int count, sqlite3_value **id)
{
	const struct db_tasks *tasks = sqlite3_user_data(context);
	bool nobody = sqlite3_value_type(id[0]) == SQLITE_NULL &&
		      sqlite3_value_type(id[1]) == SQLITE_NULL;

	(void)count;
	sqlite3_result_int(context, nobody || is_asked(tasks, sqlite3_value_int64(id[0])) ||
			   is_asked(tasks, sqlite3_value_int64(id[1])));
}

int db_tasks_bind(struct db_tasks *tasks, const struct db_view *view)
{
	int rc = sqlite3_create_function_v2(view->sql, "is_asked", 2, SQLITE_UTF8, tasks, answer,
					    NULL, NULL, NULL);

	return rc ? -EIO : 0;
}

/* A chunk has the tasks of its rows. */
int db_tasks_open(struct db_tasks *tasks, const struct db_view *view,
		  const struct options *options, int64_t after)
{
	int rc;

	tasks->first = db_view_number(view, 1, "SELECT coalesce(max(first_task), (SELECT "
				      "min(first_task) FROM chunks)) FROM chunks WHERE "
				      "first <= %lld", (sqlite3_int64)after + 1);
	tasks->last = db_view_number(view, 0, "SELECT max(id) FROM tasks");
	if (tasks->last >= tasks->first && bit_of(tasks, tasks->last) > IDS_MAX)
		return -EBADMSG;
	tasks->asked = calloc(tasks->last >= tasks->first ? bit_of(tasks, tasks->last) / 8 + 1 : 1,
			      1);
	if (!tasks->asked)
		return -ENOMEM;
	rc = db_tasks_bind(tasks, view) ?: look_up(tasks, view, options);
	if (rc)
		db_tasks_free(tasks);
	return rc;
}

void db_tasks_free(struct db_tasks *tasks)
{
	free(tasks->asked);
	*tasks = (struct db_tasks){ 0 };
}
