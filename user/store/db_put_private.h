/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_put_private.h - what db_put.c and db_put_shape.c share */
#ifndef CLOSETRACE_DB_PUT_PRIVATE_H
#define CLOSETRACE_DB_PUT_PRIVATE_H

#include "db_put.h"

/* A text that stays where it is until the statement has run; NULL is NULL. */
static inline void db_bind_text(sqlite3_stmt *statement, int column, const char *text)
{
	sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
}

/* Runs an INSERT whose values are bound; put->error keeps the first error. */
void db_put_run(struct db_put *put, sqlite3_stmt *statement);

/* The id of a key, and whether its row is still to be made; 0 without memory. */
int64_t db_put_number(struct db_put *put, enum db_dict kind, const void *key, size_t size,
		      bool *added);

/* @extra: a row of extras goes with the act. */
int64_t db_put_shape(struct db_put *put, const struct act *act, bool extra);

#endif
