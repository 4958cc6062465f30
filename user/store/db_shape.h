/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_shape.h - rows of shapes, read and kept: what the acts of a record share */
#ifndef CLOSETRACE_DB_SHAPE_H
#define CLOSETRACE_DB_SHAPE_H

#include <sqlite3.h>

#include "../act.h"
#include "../cause.h"

struct db_shape {
	int64_t id;		/* 0: none is kept here */
	int64_t clock;		/* CLOCK_REALTIME - CLOCK_MONOTONIC, ns */
	bool extra;		/* its rows have one in extras */
	bool lossy;		/* data was lost: their bytes tell how much */
	struct act act;		/* with all that is not a row's own */
	struct cause cause;	/* of a younger version: its name and class are known */
	char slug[40];
	char state[32], reason[64];	/* as that kernel calls them; empty: not told */
};

struct db_shapes;

/* SQLITE_OK or an error. */
int db_shapes_open(struct db_shapes **shapes, sqlite3 *sql);
void db_shapes_close(struct db_shapes *shapes);

/*
 * Of an id, valid until the next call.  0; -EBADMSG: there is none, or one with a value out of its
 * range; or -EIO.
 */
int db_shape_find(struct db_shapes *shapes, int64_t id, const struct db_shape **shape);

#endif
