/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_pieces.h - rows in pieces that are read at the same time, each by a connection of its own */
#ifndef REPORT_DB_PIECES_H
#define REPORT_DB_PIECES_H

#include "db_view.h"
#include "db_where.h"

#define DB_PIECES 4	/* at most */

struct db_pieces {
	struct db_piece {
		struct db_part part;
		struct db_view view;
	} piece[DB_PIECES];
	size_t count;		/* at least one; the first has the view that was handed in */
};

/*
 * Cuts a part of a record into as many pieces of about the same size as there are processors, in
 * the order of their ids; or into fewer: a short one is not worth a thread, and each connection
 * must see the same rows as the first, though somebody writes the file.
 */
void db_pieces_open(struct db_pieces *pieces, const struct db_view *view,
		    const struct db_part *part);
void db_pieces_close(struct db_pieces *pieces);

#endif
