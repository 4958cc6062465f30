/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_place.h - where the file that is read lies now: it may be renamed while it is */
#ifndef REPORT_DB_PLACE_H
#define REPORT_DB_PLACE_H

#include <limits.h>

#include "source.h"

/*
 * Sets file->path to a name by which SQLite can open the file that file->in has open, @path while
 * it is that, or else what is put into @name; and file->written.  0; -EAGAIN: not now, its recorder
 * has not turned from it, and its -wal still has the old name; -ENOENT: it was removed.
 */
int db_place_find(struct source_file *file, const char *path, char name[PATH_MAX]);

/* Whether file->path is still that file: what lies beside it is its own only then. */
bool db_place_holds(const struct source_file *file);

#endif
