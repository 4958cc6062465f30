/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_kinds.h - acts that are alike in all that a question asks for
 *
 * What a question asks for, and what the filters look at, is told by few of an act's columns: acts
 * that are alike in those are of one kind, which is counted and then told as one act.
 */
#ifndef REPORT_DB_KINDS_H
#define REPORT_DB_KINDS_H

#include "db_alike.h"
#include "db_where.h"
#include "report.h"
#include "store/db_read.h"

/* A key: the number of the shape, and then a word of each column, or two of an address. */
#define DB_KINDS_WORDS 16
#define DB_KINDS_WAIT 3	/* rows until what a look-up reads is in the processor's cache */

/* All zero: none. */
struct db_kinds {
	unsigned int columns;	/* by which they differ, beside their shape: bits */
	int error;		/* of the first row that could not be counted */
	struct db_alike same;
	struct dict keys;
	struct db_kinds_key {
		uint64_t hash;
		uint64_t word[DB_KINDS_WORDS];
		size_t size;	/* bytes; 0: none */
	} waiting[DB_KINDS_WAIT];
	unsigned int next;	/* of those: the one that is made */
	uint64_t *times;	/* how many acts are of a kind, by number of its key */
	size_t room;
};

/* Whether there are kinds at all: else each act must be read. */
bool db_kinds_can(const struct report *report);

/*
 * Counts the acts of a part of the view.  0 or a negative errno.  It changes nothing but *kinds
 * and the view's connection: threads may count at the same time, each with its own of these.
 */
int db_kinds_count(struct db_kinds *kinds, const struct db_view *view,
		   const struct report *report, const struct db_part *part);

/*
 * An act of the kind with that number, from 0 in the order of their first acts, and *times: how
 * many it stands for.  Of what is not asked for it says nothing, or what some act of its kind does.
 * 0 or a negative errno.
 */
int db_kinds_act(const struct db_kinds *kinds, size_t number, struct db_reader *reader,
		 struct act *act, uint64_t *times);

void db_kinds_free(struct db_kinds *kinds);

#endif
