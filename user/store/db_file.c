// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_file.c - the file of a record in SQLite, and those beside it */
#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db_private.h"
#include "db_schema.h"
#include "store_file.h"

#define STRING(number)	STRING_(number)
#define STRING_(number)	#number

static const char *const beside[] = { "-wal", "-shm", "-journal" };

#define BESIDE (sizeof(beside) / sizeof(beside[0]))

/* SQLite takes no link in any part of the path: those of the folder are followed here. */
static int resolve(struct db *db, const char *path)
{
	char copy[sizeof(db->path)], base[sizeof(db->path)], folder[PATH_MAX];
	int length;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(base, copy);
	if (!realpath(dirname(copy), folder))
		return -errno;
	length = snprintf(db->path, sizeof(db->path) - 16, "%s/%s", folder, basename(base));
	return length >= (int)sizeof(db->path) - 16 ? -ENAMETOOLONG : 0;
}

/* Somebody else may have put a file there that SQLite would write to. */
static bool is_strange(const struct db *db, const char *suffix)
{
	char path[sizeof(db->path) + 16];
	struct stat info;

	snprintf(path, sizeof(path), "%s%s", db->path, suffix);
	return !lstat(path, &info) && (!S_ISREG(info.st_mode) || info.st_uid != geteuid());
}

uint64_t db_file_beside(const struct db *db)
{
	char path[sizeof(db->path) + 16];
	uint64_t size = 0;
	struct stat info;

	for (size_t i = 0; i < BESIDE; i++) {
		snprintf(path, sizeof(path), "%s%s", db->path, beside[i]);
		if (!lstat(path, &info))
			size += (uint64_t)info.st_size;
	}
	return size;
}

int db_file_refuse(struct db *db, char message[MESSAGE], int rc)
{
	if (rc == SQLITE_NOTADB || rc == SQLITE_MISMATCH)
		message_form(message, "cannot write '%s': it is no record of closetrace; name "
			     "another with -w", db->options.path);
	else if (rc == SQLITE_FORMAT)
		message_form(message, "cannot write '%s': it is of a newer closetrace (form %lld, "
			     "this one knows %d); use that one, or name another with -w",
			     db->options.path,
			     (long long)db_number(db, "PRAGMA user_version", 0), DB_VERSION);
	else if (rc == SQLITE_CORRUPT)
		message_form(message, "cannot write '%s': it is damaged; name another with -w",
			     db->options.path);
	else
		message_form(message, "cannot write '%s': %s", db->options.path,
			     sqlite3_errstr(rc));
	return -EIO;
}

/* In one transaction, without a -wal: a file is a record or empty, whatever interrupts us. */
static int create(struct db *db)
{
	int rc = db_exec(db, "PRAGMA page_size = " STRING(DB_PAGE) ";"
			     "PRAGMA auto_vacuum = INCREMENTAL;"
			     "BEGIN IMMEDIATE;"
			     "PRAGMA application_id = " STRING(DB_APPLICATION) ";"
			     "PRAGMA user_version = " STRING(DB_VERSION));

	if (!rc)
		rc = db_schema_create(db->sql);
	return rc ? rc : db_exec(db, "COMMIT");
}

/* SQLITE_MISMATCH: it is somebody else's.  SQLITE_FORMAT, which SQLite has not: a newer form. */
static int check(struct db *db)
{
	int64_t pages = db_number(db, "PRAGMA page_count", -1);
	int64_t version = db_number(db, "PRAGMA user_version", 0);

	if (pages < 0)
		return sqlite3_errcode(db->sql);
	if (!pages)
		return create(db);
	if (db_number(db, "PRAGMA application_id", 0) != DB_APPLICATION || version <= 0)
		return SQLITE_MISMATCH;
	return version > DB_VERSION ? SQLITE_FORMAT : SQLITE_OK;
}

static int open_sql(struct db *db)
{
	char limit[64];
	int rc = sqlite3_open_v2(db->path, &db->sql, SQLITE_OPEN_READWRITE |
				 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);

	if (rc)
		return rc;
	sqlite3_busy_timeout(db->sql, 1000);
	rc = db_exec(db, "PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;"
			 "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
	if (!rc)
		rc = check(db);
	if (!rc)
		rc = db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
	/* What was larger once, as when much was forgotten at a time, does not stay so. */
	snprintf(limit, sizeof(limit), "PRAGMA journal_size_limit = %llu",
		 (unsigned long long)db->wal_most);
	if (!rc)
		rc = db_exec(db, limit);
	/* The ring does not wait longer. */
	sqlite3_busy_timeout(db->sql, 100);
	return rc;
}

int db_file_open(struct db *db, char message[MESSAGE])
{
	int rc = resolve(db, db->options.path);

	if (rc) {
		message_form(message, "cannot write '%s': %s", db->options.path, strerror(-rc));
		return rc;
	}
	db->fd = store_file_open(db->path, message);
	if (db->fd < 0)
		return db->fd;
	for (size_t i = 0; i < BESIDE; i++) {
		if (!is_strange(db, beside[i]))
			continue;
		message_form(message, "cannot write '%s': '%s%s' is not ours; remove it or name "
			     "another with -w", db->options.path, db->path, beside[i]);
		return -EPERM;
	}
	rc = open_sql(db);
	return rc ? db_file_refuse(db, message, rc) : 0;
}

bool db_was_renamed(const struct db *db)
{
	return store_file_was_renamed(db->fd, db->path);
}

bool db_was_removed(const struct db *db)
{
	return store_file_was_removed(db->fd, db->path);
}

/*
 * What is beside a file that was renamed goes with it, or away with one that was removed.  SQLite
 * itself has removed it already, unless somebody still reads: then all of the last acts may be
 * there, and the file that is begun anew would take it for its own.
 */
static void take_along(const struct db *db, const char *path)
{
	char from[sizeof(db->path) + 8], to[sizeof(db->path) + 8];

	for (size_t i = 0; i < BESIDE; i++) {
		snprintf(from, sizeof(from), "%s%s", db->path, beside[i]);
		snprintf(to, sizeof(to), "%s%s", path, beside[i]);
		if (*path)
			rename(from, to);
		else
			unlink(from);
	}
}

/* SQLite does not write to a file that has another name than it was opened by. */
static void settle_renamed(struct db *db)
{
	char link[32], path[sizeof(db->path)] = "";
	sqlite3 *sql;
	ssize_t length = 0;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", db->fd);
	if (!db_was_removed(db))
		length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return;
	path[length] = '\0';
	take_along(db, path);
	if (!*path)
		return;
	if (!sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL))
		sqlite3_exec(sql, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	sqlite3_close(sql);
}

/* One who reads for a moment, as report -F does, is waited for: SQLite itself does not. */
static void leave_wal(struct db *db)
{
	const struct timespec pause = { .tv_nsec = 20000000 };

	for (int tries = 50; tries; tries--) {
		if (db_exec(db, "PRAGMA journal_mode = DELETE") != SQLITE_BUSY)
			return;
		nanosleep(&pause, NULL);
	}
}

void db_file_settle(struct db *db)
{
	bool renamed;

	db_put_close(&db->put);
	db_roll_close(&db->roll);
	renamed = db_was_renamed(db);
	if (renamed)	/* closing would leave it in the -wal */
		db_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	else
		leave_wal(db);
	sqlite3_close(db->sql);
	db->sql = NULL;
	if (renamed)
		settle_renamed(db);
}

void db_file_close(struct db *db)
{
	sqlite3_close(db->sql);
	/* After SQLite: to close any descriptor of a file gives up its locks. */
	if (db->fd >= 0)
		close(db->fd);
}
