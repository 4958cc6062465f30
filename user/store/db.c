// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../note.h"
#include "db_private.h"

#define COMMIT_NS	300000000ULL	/* the interface promises 500 ms */
#define ALIVE_NS	60000000000ULL	/* a commit at least: gaps are known to the minute */
#define RETRY_NS	1000000000ULL
#define SAY_NS		60000000000ULL
#define WAL_MAX		(4 << 20)
#define COMMIT_BYTES	(128 << 10)	/* of -wal, of one that forgets too, in a small record */

int db_exec(struct db *db, const char *text)
{
	return sqlite3_exec(db->sql, text, NULL, NULL, NULL);
}

int64_t db_number(struct db *db, const char *text, int64_t otherwise)
{
	sqlite3_stmt *query;
	int64_t number = otherwise;

	if (sqlite3_prepare_v2(db->sql, text, -1, &query, NULL))
		return otherwise;
	if (sqlite3_step(query) == SQLITE_ROW && sqlite3_column_type(query, 0) != SQLITE_NULL)
		number = sqlite3_column_int64(query, 0);
	return sqlite3_finalize(query) ? otherwise : number;
}

/* Called after each commit. */
static int count_wal(void *context, sqlite3 *sql, const char *name, int pages)
{
	struct db *db = context;

	(void)sql;
	(void)name;
	db->wal_pages = pages;
	return SQLITE_OK;
}

/* While somebody reads in one long transaction the -wal grows: up to a 24th beyond the bound. */
static bool is_stuck(struct db *db)
{
	int64_t more = (int64_t)db->options.max_size / 24;

	if (!more || db->wal_pages * DB_PAGE <= (int64_t)db->wal_bytes + more)
		return false;
	if (sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL))
		return true;
	db->wal_pages = 0;
	return false;
}

static int begin(struct db *db)
{
	int rc = is_stuck(db) ? SQLITE_LOCKED : db_exec(db, "BEGIN IMMEDIATE");

	db->begun = !rc;
	db->begun_ns = db->now_ns;
	return rc;
}

static const char *reason_of(int rc)
{
	return rc == SQLITE_LOCKED ? "somebody reads it all the time, and its -wal grows" :
				     sqlite3_errstr(rc);
}

static void forget_kept(struct db *db)
{
	db->bytes = 0;
	db->kept = (struct store_lost){ 0 };
}

/* What was in the transaction is lost, and the ids that it gave are void. */
static void give_up(struct db *db, int rc)
{
	if (!db->down) {
		db->down = true;
		db->down_wall = (int64_t)wall_at(&db->run->wall, db->now_ns);
	}
	store_lost_add(&db->lost, &db->kept);
	db->down_lost += db->kept.acts;
	db->tried_ns = db->now_ns;
	if (!db->said_ns || db->now_ns - db->said_ns >= SAY_NS) {
		message_tell("cannot write '%s': %s; %" PRIu64 " acts are lost so far, each "
			     "second it is tried again", db->options.path, reason_of(rc),
			     db->lost.acts);
		db->said_ns = db->now_ns;
		db->said = true;
	}
	if (!sqlite3_get_autocommit(db->sql))
		db_exec(db, "ROLLBACK");
	db->begun = false;
	forget_kept(db);
	db_roll_forget(&db->roll);
	db_put_renew(&db->put);
}

/* Frames of the -wal go to their place, so that it begins anew; readers may prevent it. */
static int checkpoint(struct db *db)
{
	if (db->wal_pages * DB_PAGE < (int64_t)db->wal_bytes)
		return SQLITE_OK;
	return sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* @totals: NULL between two ticks. */
static int commit(struct db *db, const struct totals *totals)
{
	int rc = db->begun ? SQLITE_OK : begin(db);

	if (!rc && totals)
		rc = db_run_save(db, totals, false);
	if (!rc)
		rc = db_chunk_save(db);
	if (!rc)
		rc = db_trim(db);
	if (!rc)
		rc = db_exec(db, "COMMIT");
	if (rc)
		return rc;
	db->begun = false;
	forget_kept(db);
	db->alive_ns = db->now_ns;
	/* All is safe; what was not copied now is copied the next time. */
	checkpoint(db);
	return SQLITE_OK;
}

/* The first commit after the file could not be written, as after a start: what we know is void. */
static int come_back(struct db *db, const struct totals *totals)
{
	int64_t now = (int64_t)wall_at(&db->run->wall, db->now_ns);
	int rc = begin(db);

	if (!rc)
		rc = db_chunk_resume(db);
	if (!rc)
		rc = db_chunk_begin(db);
	if (!rc)
		rc = db_run_gap(db, "full", db->down_wall, now, db->down_lost);
	if (!rc)
		rc = commit(db, totals);
	if (rc) {
		give_up(db, rc);
		return rc;
	}
	db->down = false;
	db->down_lost = 0;
	if (db->said)
		message_tell("'%s' is written again", db->options.path);
	db->said = false;
	return SQLITE_OK;
}

static int add(struct db *db, const struct act *act, const struct held *held)
{
	bool counts = !note_is(act) && !held_is(act);
	struct db_link link;
	int rc = SQLITE_OK;

	if (!db->begun) {
		db->now_ns = run_now();
		rc = begin(db);
	}
	if (!rc && db_chunk_is_full(db))
		rc = db_chunk_turn(db);
	if (!rc && counts && db_roll_is_due(&db->roll, act))
		rc = db_roll_save(db);
	if (!rc)
		rc = db_put(&db->put, act, held, &link);
	if (!rc && counts)
		rc = db_roll_add(&db->roll, act, &link);
	return rc;
}

static uint64_t bytes_so_far(const struct db *db)
{
	return db->put.bytes + db->roll.bytes;
}

static void note_act(struct db *db, const struct act *act, uint64_t bytes)
{
	struct db_chunk *chunk = &db->chunk;
	int64_t time = (int64_t)act->wall_ns;

	if (!chunk->until || time > chunk->until)
		chunk->until = time;
	if (!chunk->since || time < chunk->since)
		chunk->since = time;
	chunk->rows++;
	chunk->bytes += bytes;
	db->bytes += bytes;
	db->added++;
	store_lost_count(&db->kept, act->record.kind);
}

void db_add(struct db *db, const struct act *act, const struct held *held)
{
	bool counts = !note_is(act) && !held_is(act);
	uint64_t before = bytes_so_far(db);
	int rc = db->down ? SQLITE_FULL : add(db, act, held);

	if (!rc) {
		note_act(db, act, bytes_so_far(db) - before);
		rc = db->bytes < db->batch_bytes ? SQLITE_OK : commit(db, NULL);
		if (rc)
			give_up(db, rc);
		return;
	}
	store_lost_count(&db->lost, act->record.kind);
	if (!db->down)
		give_up(db, rc);
	db->down_lost += counts;
}

void db_add_clock(struct db *db, const struct wall_step *step)
{
	int rc = db->down ? SQLITE_OK : db->begun ? SQLITE_OK : begin(db);

	if (!rc && !db->down)
		rc = db_run_clock(db, step);
	if (rc)
		give_up(db, rc);
}

uint64_t db_next(const struct db *db)
{
	bool busy = db->trimming || db->shrinking || db->hasty;
	uint64_t next = db->alive_ns + (busy ? COMMIT_NS : ALIVE_NS);

	if (db->down)
		return db->tried_ns + RETRY_NS;
	if (db->begun)
		return db->begun_ns + COMMIT_NS;
	return next < db->aged_ns + db->chunk_ns ? next : db->aged_ns + db->chunk_ns;
}

void db_tick(struct db *db, uint64_t now_ns, const struct totals *totals)
{
	int rc = SQLITE_OK;

	db->now_ns = now_ns;
	if (db->down)
		come_back(db, totals);
	else
		rc = commit(db, totals);
	if (rc)
		give_up(db, rc);
}

const struct store_lost *db_lost(const struct db *db)
{
	return &db->lost;
}

static int start(struct db *db)
{
	int rc = begin(db);

	if (!rc)
		rc = db_chunk_resume(db);
	if (!rc)
		rc = db_run_start(db);
	if (!rc)
		rc = db_chunk_begin(db);
	return rc ? rc : db_exec(db, "COMMIT");
}

static int set_up(struct db *db, char message[MESSAGE])
{
	int rc = db_put_open(&db->put, db->sql);

	if (!rc)
		rc = db_roll_open(&db->roll, db->sql);
	sqlite3_wal_hook(db->sql, count_wal, db);
	if (!rc)
		rc = start(db);
	db->begun = false;
	return rc ? db_file_refuse(db, message, rc) : 0;
}

int db_open(struct db **out, const struct db_options *options, const struct run *run,
	    char message[MESSAGE])
{
	struct db *db = calloc(1, sizeof(*db));
	int rc;

	if (!db)
		return -ENOMEM;
	db->options = *options;
	db->run = run;
	db->fd = -1;
	db->since_ns = options->since_ns ?: run->start_wall_ns;
	db->now_ns = db->alive_ns = db->aged_ns = run_now();
	db->wal_bytes = WAL_MAX;
	if (options->max_size && options->max_size / 32 < WAL_MAX)
		db->wal_bytes = options->max_size / 32;
	db->wal_most = db->wal_bytes;
	db->wal_most += db->wal_bytes > COMMIT_BYTES ? db->wal_bytes : COMMIT_BYTES;
	rc = db_file_open(db, message);
	if (!rc)
		rc = set_up(db, message);
	if (rc) {
		db_close(db);
		return rc;
	}
	*out = db;
	return 0;
}

int db_end(struct db *db, const struct totals *totals)
{
	int rc = SQLITE_OK;

	db->now_ns = run_now();
	if (db->down)
		rc = come_back(db, totals);
	if (!rc && !db->begun)
		rc = begin(db);
	if (!rc)
		rc = db_roll_save(db);
	if (!rc)
		rc = db_run_save(db, totals, true);
	if (!rc)
		rc = db_chunk_save(db);
	if (!rc)
		rc = db_exec(db, "COMMIT");
	if (rc) {
		give_up(db, rc);
		return rc == SQLITE_FULL ? -ENOSPC : -EIO;
	}
	db_file_settle(db);
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_put_close(&db->put);
	db_roll_close(&db->roll);
	db_file_close(db);
	free(db);
}
