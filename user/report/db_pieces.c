// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <sched.h>

#include "db_pieces.h"

#define ROWS_MIN 16384	/* of a piece: to read them takes longer than to open a connection */

static int64_t processors(void)
{
	cpu_set_t set;

	/* A library without threads, or more processors than the set has room for. */
	if (!sqlite3_threadsafe() || sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set);
}

/* The first or the last row of a part; 0: there is none. */
static int64_t end_of(const struct db_view *view, const struct db_part *part, bool last)
{
	sqlite3_str *sql = sqlite3_str_new(view->sql);
	char *where;
	int64_t id;

	db_where_part(sql, part);
	where = sqlite3_str_finish(sql);
	id = db_view_number(view, 0, "SELECT r.id FROM rows r WHERE %s ORDER BY r.id %s LIMIT 1",
			    where ?: "0", last ? "DESC" : "ASC");
	sqlite3_free(where);
	return id;
}

static bool same_number(const struct db_view *a, const struct db_view *b, const char *query)
{
	return db_view_number(a, -1, "%s", query) == db_view_number(b, -2, "%s", query);
}

/*
 * Rows never change: they come behind the last, and the oldest chunk goes.  A file that was put in
 * the place of this one has other times.
 */
static bool same_rows(const struct db_view *a, const struct db_view *b, int64_t last)
{
	char query[64];

	sqlite3_snprintf(sizeof(query), query, "SELECT time FROM rows WHERE id = %lld",
			 (sqlite3_int64)last);
	return same_number(a, b, query) && same_number(a, b, "SELECT min(first) FROM chunks");
}

static bool open_another(struct db_view *another, const struct db_view *view, int64_t last)
{
	char message[MESSAGE];

	if (!db_view_open(another, view->file, message) && same_rows(view, another, last))
		return true;
	db_view_close(another);
	return false;
}

static int64_t pieces_wanted(int64_t rows)
{
	int64_t count = processors(), most = rows / ROWS_MIN;

	if (count > DB_PIECES)
		count = DB_PIECES;
	return count < most ? count : most;
}

void db_pieces_open(struct db_pieces *pieces, const struct db_view *view,
		    const struct db_part *part)
{
	int64_t first = end_of(view, part, false), last = end_of(view, part, true);
	int64_t rows = first > 0 ? last - first + 1 : 0, wanted = pieces_wanted(rows);

	pieces->piece[0] = (struct db_piece){ *part, *view };
	for (pieces->count = 1; (int64_t)pieces->count < wanted; pieces->count++) {
		struct db_piece *piece = &pieces->piece[pieces->count];

		piece->part = *part;
		if (!open_another(&piece->view, view, last))
			break;
	}
	for (size_t i = 1; i < pieces->count; i++) {
		int64_t id = first + rows / (int64_t)pieces->count * (int64_t)i;

		pieces->piece[i - 1].part.last = id;
		pieces->piece[i].part.after = id;
	}
	/* Behind it another connection may see more than the first. */
	if (pieces->count > 1)
		pieces->piece[pieces->count - 1].part.last = last;
}

void db_pieces_close(struct db_pieces *pieces)
{
	while (pieces->count > 1)
		db_view_close(&pieces->piece[--pieces->count].view);
}
