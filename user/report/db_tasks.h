/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_tasks.h - whom -p, --comm and --uid ask for, as a condition of SQL
 *
 * Which tasks they are is looked up once: a bit is asked sooner than a table, twice for each row.
 */
#ifndef REPORT_DB_TASKS_H
#define REPORT_DB_TASKS_H

#include "db_view.h"
#include "options.h"

/* All zero: none. */
struct db_tasks {
	int64_t first, last;	/* ids */
	uint8_t *asked;		/* a bit of each, from the first on */
};

/* Whether they ask at all. */
bool db_tasks_asked(const struct options *options);

/*
 * Of rows with a higher id than @after: from then on the view's connection knows the condition,
 * and looks into *tasks, until db_tasks_free().  0 or a negative errno.
 */
int db_tasks_open(struct db_tasks *tasks, const struct db_view *view,
		  const struct options *options, int64_t after);
/* The same for another connection to the same file. */
int db_tasks_bind(struct db_tasks *tasks, const struct db_view *view);
void db_tasks_free(struct db_tasks *tasks);

/* Of an actor or an owner; acts of nobody are counted apart, so they are not left out. */
#define DB_TASKS_ASKED "is_asked(r.actor, r.owner)"

#endif
