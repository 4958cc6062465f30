/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_count.h - many acts as one, for questions that only count
 *
 * What a question asks for, and what the filters look at, is told by few of an act's columns: acts
 * that are alike in those are handed on as one that stands for all of them.  For whole minutes the
 * recorder has counted already.
 */
#ifndef REPORT_DB_COUNT_H
#define REPORT_DB_COUNT_H

#include "db_view.h"
#include "report.h"
#include "store/db_read.h"

/* Whether it can be counted so: else each act must be read. */
bool db_count_can(const struct report *report);

/* Hands all acts of the view to the report's pipeline.  0 or a negative errno. */
int db_count(const struct db_view *view, struct db_reader *reader, struct report *report);

#endif
