// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_trim.c - chunks of a record, and how it keeps within its bounds */
#include <stdio.h>

#include "db_private.h"
#include "db_schema.h"

#define CHUNKS		64		/* of a full record: one is what is forgotten at a time */
#define CHUNK_NS	3600000000000ULL
#define BYTES_MIN	(32 << 10)	/* of a chunk; and what is kept free in the file */
#define BYTES_MAX	(8 << 20)
#define DELETE_MIN	2000		/* rows of each table in a commit */
#define DELETE_MAX	65536
#define VACUUM_PAGES	512		/* given back in a commit when the bound is lower now */

static const struct { const char *table, *first; } tables[] = {
	{ "rows", "first" },	     { "extras", "first" },	     { "shapes", "first_shape" },
	{ "tasks", "first_task" },   { "names", "first_name" },	     { "minutes", "first_minute" },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

/* The next id of a table: beyond those that it has, and those that it had. */
static int64_t next_id(struct db *db, const char *table, const char *first)
{
	char text[160];

	snprintf(text, sizeof(text), "SELECT max(coalesce((SELECT max(id) + 1 FROM %s), 1),"
		 " coalesce((SELECT max(%s) FROM chunks), 1))", table, first);
	return db_number(db, text, 1);
}

int db_chunk_resume(struct db *db)
{
	uint64_t share = db->options.max_size ? db->options.max_size / CHUNKS : BYTES_MAX;
	int rc;

	db->chunk_bytes = clamp(share, BYTES_MIN, BYTES_MAX);
	db->batch_bytes = clamp(share, BYTES_MIN, BYTES_MAX / 4);
	db->chunk_ns = CHUNK_NS;
	if (db->options.max_age_ns && db->options.max_age_ns / CHUNKS < CHUNK_NS)
		db->chunk_ns = db->options.max_age_ns / CHUNKS + 1;
	db->put.next_row = next_id(db, "rows", "first");
	db->put.first[DB_SHAPES] = next_id(db, "shapes", "first_shape");
	db->put.first[DB_TASKS] = next_id(db, "tasks", "first_task");
	db->put.first[DB_NAMES] = next_id(db, "names", "first_name");
	rc = db_schema_roll(db->sql);
	db->roll.next = next_id(db, "minutes", "first_minute");
	db->trimming = true;
	return rc;
}

int db_roll_save(struct db *db)
{
	char text[96];
	int rc = db_roll_write(&db->roll);

	snprintf(text, sizeof(text), "UPDATE chunks SET rolled = %lld WHERE id = %lld",
		 (long long)db->put.next_row - 1, (long long)db->chunk.id);
	return rc ? rc : db_exec(db, text);
}

/* The roll-up names shapes of the chunk before: it is written before they are forgotten. */
int db_chunk_turn(struct db *db)
{
	int rc = db_roll_save(db);

	if (!rc)
		rc = db_chunk_save(db);
	return rc ? rc : db_chunk_begin(db);
}

int db_chunk_begin(struct db *db)
{
	struct db_put *put = &db->put;
	char text[512];
	int rc;

	db_put_renew(put);
	snprintf(text, sizeof(text), "INSERT INTO chunks (first, first_shape, first_task,"
		 " first_name, first_minute, rolled)"
		 " VALUES (%lld, %lld, %lld, %lld, %lld, %lld)", (long long)put->next_row,
		 (long long)put->first[DB_SHAPES], (long long)put->first[DB_TASKS],
		 (long long)put->first[DB_NAMES], (long long)db->roll.next,
		 (long long)put->next_row - 1);
	rc = db_exec(db, text);
	db->chunk = (struct db_chunk){
		.id = sqlite3_last_insert_rowid(db->sql),
		.first = put->next_row,
		.began_ns = db->now_ns,
	};
	return rc;
}

int db_chunk_save(struct db *db)
{
	char text[160];

	if (!db->chunk.until)
		return SQLITE_OK;
	snprintf(text, sizeof(text), "UPDATE chunks SET since = %lld, until = %lld WHERE id = %lld",
		 (long long)db->chunk.since, (long long)db->chunk.until, (long long)db->chunk.id);
	return db_exec(db, text);
}

bool db_chunk_is_full(const struct db *db)
{
	return db->chunk.bytes >= db->chunk_bytes ||
	       (db->chunk.rows && db->now_ns - db->chunk.began_ns >= db->chunk_ns);
}

/* Bytes that the file itself may have: the bound holds for those beside it too. */
static int64_t file_room(const struct db *db)
{
	uint64_t usual = DB_SHM + db->wal_most, beside = db_file_beside(db);

	return (int64_t)db->options.max_size - (int64_t)(beside > usual ? beside : usual);
}

/* Bytes that may come before the bound is passed: in pages that are free, and in new ones. */
static int64_t room(struct db *db)
{
	return file_room(db) + DB_PAGE * (db_number(db, "PRAGMA freelist_count", 0) -
					  db_number(db, "PRAGMA page_count", 0));
}

static bool is_old(struct db *db)
{
	uint64_t age = db->options.max_age_ns, now = wall_at(&db->run->wall, db->now_ns);
	/* One without acts is in the way. */
	int64_t until = db_number(db, "SELECT coalesce(until, 0) FROM chunks ORDER BY id LIMIT 1",
				  0);

	return age && now > age && until < (int64_t)(now - age);
}

static bool is_alone(struct db *db)
{
	return db_number(db, "SELECT count(*) FROM chunks", 0) < 2;
}

/* Readers miss it at once; its rows are deleted by and by. */
static int forget_chunk(struct db *db)
{
	static const char text[] =
		"DELETE FROM chunks WHERE id = (SELECT min(id) FROM chunks);"
		"DELETE FROM gaps WHERE until < (SELECT min(since) FROM chunks);"
		"DELETE FROM clocks WHERE time < (SELECT min(since) FROM chunks);"
		"DELETE FROM runs WHERE coalesce(stop, alive) < (SELECT min(since) FROM chunks)"
		" AND id < (SELECT max(id) FROM runs)";
	int rc = SQLITE_OK;

	if (is_alone(db))
		rc = db_chunk_turn(db);
	db->trimming = true;
	return rc ? rc : db_exec(db, text);
}

/* Whether rows of a chunk that was forgotten are left. */
static bool has_rest(struct db *db)
{
	char text[1024];
	int used = snprintf(text, sizeof(text), "SELECT 0");

	for (size_t i = 0; i < TABLES; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
				 " OR (SELECT min(id) FROM %s) < (SELECT min(%s) FROM chunks)",
				 tables[i].table, tables[i].first);
	return db_number(db, text, 0);
}

/* Up to so many rows of each table; *gone counts them. */
static int delete_some(struct db *db, uint64_t rows, uint64_t *gone)
{
	char text[256];
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < TABLES; i++) {
		snprintf(text, sizeof(text),
			 "DELETE FROM %1$s WHERE id < (SELECT min(%2$s) FROM chunks)"
			 " AND id < (SELECT min(id) FROM %1$s) + %3$llu",
			 tables[i].table, tables[i].first, (unsigned long long)rows);
		rc = db_exec(db, text);
		*gone += rc ? 0 : (uint64_t)sqlite3_changes64(db->sql);
	}
	db->trimming = has_rest(db);
	return rc;
}

/* Of a bound that is lower than it was. */
static int shrink(struct db *db)
{
	int64_t over = db_number(db, "PRAGMA page_count", 0) - file_room(db) / DB_PAGE;
	char text[64];

	db->shrinking = over > 0 && db_number(db, "PRAGMA freelist_count", 0);
	if (!db->shrinking)
		return SQLITE_OK;
	snprintf(text, sizeof(text), "PRAGMA incremental_vacuum(%lld)",
		 (long long)(over < VACUUM_PAGES ? over : VACUUM_PAGES));
	return db_exec(db, text);
}

/* How soon something must be forgotten: what a batch adds must find room. */
enum haste { HASTE_NONE, HASTE_SOME, HASTE_ALL };

static enum haste haste(struct db *db)
{
	int64_t batch = (int64_t)db->batch_bytes;
	int64_t left = db->options.max_size ? room(db) : INT64_MAX;

	if (!db->chunk.rows && is_alone(db))
		return HASTE_NONE;
	if (left < batch)
		return HASTE_ALL;
	return left < 2 * batch || is_old(db) ? HASTE_SOME : HASTE_NONE;
}

/*
 * Forgets twice as fast as it learns, or faster when it must, but not all in one commit: of a bound
 * that is lower than it was, the ring would be full before that ends.
 */
int db_trim(struct db *db)
{
	uint64_t rows = clamp(2 * db->added, DELETE_MIN, DELETE_MAX), gone = 0;
	enum haste now;
	int rc = SQLITE_OK;

	db->added = 0;
	db->aged_ns = db->now_ns;
	do {
		now = haste(db);
		if (!db->trimming && !now)
			break;
		if (!db->trimming)
			rc = forget_chunk(db);
		if (!rc)
			rc = delete_some(db, rows, &gone);
	} while (!rc && gone < (now == HASTE_ALL ? DELETE_MAX : rows));
	db->hasty = now;
	return rc || !db->options.max_size ? rc : shrink(db);
}
