// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_view.h"
#include "store/db_schema.h"

#define MAPPED	"PRAGMA mmap_size = 1099511627776"	/* a scan takes half as long; see main.c */
#define BUSY_MS	2000

/* How the file is opened. */
enum way {
	WAY_SHARED,	/* with the -wal and the -shm of the recorder that has it open */
	WAY_ALONE,	/* nobody has it open and there is no -wal: it does not change */
	WAY_PRIVATE,	/* a -wal that nobody writes; its index is in memory, and no file beside */
};

static bool is_beside(const char *path, const char *suffix)
{
	char name[PATH_MAX];
	struct stat info;

	return snprintf(name, sizeof(name), "%s%s", path, suffix) < (int)sizeof(name) &&
	       !stat(name, &info) && info.st_size;
}

static enum way way_of(const struct source_file *file)
{
	if (file->written)
		return WAY_SHARED;
	return is_beside(file->path, "-wal") ? WAY_PRIVATE : WAY_ALONE;
}

/* In a URI these have a meaning of their own. */
static void append_path(sqlite3_str *uri, const char *path)
{
	for (; *path; path++) {
		if (strchr("%?#", *path))
			sqlite3_str_appendf(uri, "%%%02X", (unsigned int)*path);
		else
			sqlite3_str_appendchar(uri, 1, *path);
	}
}

static int open_sql(struct db_view *view, const char *path, enum way way)
{
	static const char *const how[] = {
		[WAY_SHARED] = "?mode=ro", [WAY_ALONE] = "?mode=ro&immutable=1",
		[WAY_PRIVATE] = "?mode=ro&vfs=unix-none",
	};
	sqlite3_str *uri = sqlite3_str_new(NULL);
	char *text;
	int rc;

	sqlite3_str_appendall(uri, *path == '/' ? "file://" : "file:");
	append_path(uri, path);
	sqlite3_str_appendall(uri, how[way]);
	text = sqlite3_str_finish(uri);
	if (!text)
		return SQLITE_NOMEM;
	rc = sqlite3_open_v2(text, &view->sql, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
			     SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_free(text);
	if (!rc && way == WAY_PRIVATE)
		rc = sqlite3_exec(view->sql, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
	return rc;
}

/* What a file of a stranger must not do. */
static int restrain(struct db_view *view)
{
	sqlite3_busy_timeout(view->sql, BUSY_MS);
	sqlite3_db_config(view->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sqlite3_exec(view->sql, "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;"
			    "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;" MAPPED
			    "; BEGIN", NULL, NULL, NULL);
}

static int refuse(const struct db_view *view, const char *path, int rc, char message[MESSAGE])
{
	const char *what = view->sql ? sqlite3_errmsg(view->sql) : "out of memory";

	if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
		what = "it is damaged";
	message_form(message, "cannot read '%s': %s", path, what);
	return rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT ? -EBADMSG : -EIO;
}

/* SQLite itself would say that it cannot write. */
static int check_wal(const char *path, char message[MESSAGE])
{
	char wal[PATH_MAX];

	if (!is_beside(path, "-wal"))
		return 0;
	snprintf(wal, sizeof(wal), "%s-wal", path);
	if (!access(wal, R_OK))
		return 0;
	message_form(message, "cannot read '%s': %s; what was written last stands there: let it "
		     "be read like '%s'", wal, strerror(errno), path);
	return -EIO;
}

static int check(const struct db_view *view, const char *path, char message[MESSAGE])
{
	int64_t application = db_view_number(view, -1, "PRAGMA application_id");
	int64_t version = db_view_number(view, -1, "PRAGMA user_version");

	if (application < 0 || version < 0)
		return refuse(view, path, sqlite3_errcode(view->sql), message);
	if (application != DB_APPLICATION || !version) {
		message_form(message, "cannot read '%s': it is no record of closetrace", path);
		return -EBADMSG;
	}
	if (version <= DB_VERSION)
		return 0;
	message_form(message, "cannot read '%s': it is of a newer closetrace (form %" PRId64 ", "
		     "this one knows %d); use that one", path, version, DB_VERSION);
	return -EPROTO;
}

int db_view_open(struct db_view *view, const struct source_file *file, char message[MESSAGE])
{
	enum way way = way_of(file);
	int rc;

	*view = (struct db_view){ .file = file };
	rc = check_wal(file->path, message);
	if (rc)
		return rc;
	rc = open_sql(view, file->path, way);
	if (!rc)
		rc = restrain(view);
	if (rc)
		rc = refuse(view, file->path, rc, message);
	else
		rc = check(view, file->path, message);
	if (rc)
		return rc;
	view->alone = way == WAY_ALONE;
	/* A run is there from the first commit on, and ends in the last. */
	view->cut = way != WAY_SHARED &&
		    db_view_number(view, 0, "SELECT NOT EXISTS (SELECT 1 FROM runs) OR EXISTS "
				   "(SELECT 1 FROM runs WHERE ended = 'running')");
	return 0;
}

void db_view_close(struct db_view *view)
{
	sqlite3_close(view->sql);
	view->sql = NULL;
}

int64_t db_view_number(const struct db_view *view, int64_t otherwise, const char *format, ...)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = otherwise;
	va_list args;
	char *text;

	va_start(args, format);
	text = sqlite3_vmprintf(format, args);
	va_end(args);
	if (text && !sqlite3_prepare_v2(view->sql, text, -1, &statement, NULL) &&
	    sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_free(text);
	return number;
}
