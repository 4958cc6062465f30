/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_minutes.h - the roll-up of a record: what it can answer, and what it leaves to be counted */
#ifndef REPORT_DB_MINUTES_H
#define REPORT_DB_MINUTES_H

#include "db_view.h"
#include "db_where.h"
#include "report.h"

#define DB_PARTS 3	/* before and behind whole minutes, and what came since the last */

/* Whether the roll-up has all that is asked for and looked at by filters. */
bool db_minutes_can(const struct db_view *view, const struct report *report);

/* Hands on what whole minutes have counted; fills @part with the rest.  0 or a negative errno. */
int db_minutes(const struct db_view *view, struct report *report, struct db_part part[DB_PARTS],
	       size_t *parts);

#endif
