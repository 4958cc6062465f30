// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_run.c - one start of the recorder: what it is, what it counted, and what is missing */
#include <inttypes.h>
#include <stdio.h>

#include "../version.h"
#include "../words.h"
#include "db_private.h"

#define GAP_JOINS_NS	60000000000LL

/* The counts of runs, with the keys of the JSON type end. */
#define COUNTS(COUNT)                                                                              \
	COUNT(seen, totals->seen)                                                                  \
	COUNT(emitted, totals->emitted)                                                            \
	COUNT(filtered, totals->filtered)                                                          \
	COUNT(unowned, totals->unowned)                                                            \
	COUNT(lost, totals_lost(totals))                                                           \
	COUNT(lost_ring, totals->lost_ring)                                                        \
	COUNT(lost_pending, totals->lost_pending)                                                  \
	COUNT(suppressed, totals->suppressed)                                                      \
	COUNT(lost_amend, totals->lost_amend)                                                      \
	COUNT(lost_store, totals->lost_store)                                                      \
	COUNT(missed, totals->missed)                                                              \
	COUNT(undecodable, totals->undecodable)                                                    \
	COUNT(owner_full, totals->owner_full)                                                      \
	COUNT(note_full, totals->note_full)                                                        \
	COUNT(children_full, totals->children_full)                                                \
	COUNT(held, totals->held)                                                                  \
	COUNT(held_lost, totals->held_lost)                                                        \
	COUNT(unfinished, totals->unfinished)                                                      \
	COUNT(stack_full, totals->stack_full)                                                      \
	COUNT(amended, totals->amended)                                                            \
	COUNT(late, totals->late)                                                                  \
	COUNT(notes, totals->notes)                                                                \
	COUNT(notes_filtered, totals->notes_filtered)                                              \
	COUNT(notes_lost, totals->notes_lost)

static int run_once(sqlite3_stmt *statement)
{
	sqlite3_step(statement);
	return sqlite3_finalize(statement);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
	sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT);
}

/* A statement of which ?1 is the name of the run. */
static int prepare(const struct db *db, const char *text, sqlite3_stmt **statement)
{
	char name[20];
	int rc = sqlite3_prepare_v2(db->sql, text, -1, statement, NULL);

	if (rc)
		return rc;
	snprintf(name, sizeof(name), "%" PRIx64, db->run->id);
	bind_text(*statement, 1, name);
	return SQLITE_OK;
}

static int64_t wall_now(const struct db *db)
{
	return (int64_t)wall_at(&db->run->wall, run_now());
}

int db_run_gap(struct db *db, const char *kind, int64_t since, int64_t until, uint64_t count)
{
	sqlite3_stmt *insert;
	int rc = prepare(db, "INSERT INTO gaps (run, kind, since, until, count)"
			     " VALUES (?, ?, ?, ?, ?)", &insert);

	if (rc)
		return rc;
	bind_text(insert, 2, kind);
	sqlite3_bind_int64(insert, 3, since);
	sqlite3_bind_int64(insert, 4, until);
	/* How many connections ended while nobody looked is not known. */
	if (count)
		sqlite3_bind_int64(insert, 5, (int64_t)count);
	return run_once(insert);
}

int db_run_clock(struct db *db, const struct wall_step *wall)
{
	sqlite3_stmt *insert;
	int rc = prepare(db, "INSERT INTO clocks (run, time, ktime_ns, step_us, slept_us)"
			     " VALUES (?, ?, ?, ?, ?)", &insert);

	if (rc)
		return rc;
	sqlite3_bind_int64(insert, 2, (int64_t)wall->wall_ns);
	sqlite3_bind_int64(insert, 3, (int64_t)wall->ktime_ns);
	sqlite3_bind_int64(insert, 4, wall->step_ns / 1000);
	sqlite3_bind_int64(insert, 5, wall->slept_ns / 1000);
	return run_once(insert);
}

/* The time between the run before, however it ended, and this one. */
static int tell_stop(struct db *db)
{
	int64_t stop = db_number(db, "SELECT coalesce(stop, alive) FROM runs"
				     " ORDER BY id DESC LIMIT 1", 0);
	int rc;

	if (!stop)
		return SQLITE_OK;
	rc = db_run_gap(db, "stopped", stop, (int64_t)db->since_ns, 0);
	return rc ? rc : db_exec(db, "UPDATE runs SET ended = 'killed' WHERE ended = 'running'");
}

int db_run_start(struct db *db)
{
	const struct run *run = db->run;
	char host[4 * sizeof(run->host.nodename)];
	sqlite3_stmt *insert;
	int rc = tell_stop(db);

	if (!rc)
		rc = prepare(db, "INSERT INTO runs (run, host, boot_id, kernel, machine, tier,"
				 " version, start, alive, ended)"
				 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')", &insert);
	if (rc)
		return rc;
	words_inert(run->host.nodename, sizeof(run->host.nodename), host, sizeof(host));
	bind_text(insert, 2, host);
	bind_text(insert, 3, run->boot_id[0] ? run->boot_id : NULL);
	bind_text(insert, 4, run->host.release);
	bind_text(insert, 5, run->host.machine);
	bind_text(insert, 6, run->tier);
	bind_text(insert, 7, CLOSETRACE_VERSION);
	sqlite3_bind_int64(insert, 8, (int64_t)db->since_ns);
	sqlite3_bind_int64(insert, 9, (int64_t)db->since_ns);
	return run_once(insert);
}

/* Goes on with the gap before when that was a moment ago: a loss may last for hours. */
static int extend_gap(struct db *db, int64_t since, int64_t until, uint64_t count)
{
	sqlite3_stmt *update;
	int rc = prepare(db, "UPDATE gaps SET until = ?2, count = count + ?3"
			     " WHERE id = (SELECT max(id) FROM gaps) AND kind = 'lost'"
			     " AND run = ?1 AND until >= ?4", &update);

	if (rc)
		return rc;
	sqlite3_bind_int64(update, 2, until);
	sqlite3_bind_int64(update, 3, (int64_t)count);
	sqlite3_bind_int64(update, 4, since - GAP_JOINS_NS);
	rc = run_once(update);
	if (rc || sqlite3_changes(db->sql))
		return rc;
	return db_run_gap(db, "lost", since, until, count);
}

/* What was lost since the last commit, apart from what could not be written. */
static int tell_losses(struct db *db, const struct totals *totals, int64_t now)
{
	uint64_t lost = totals_lost(totals) + totals->missed - totals->lost_store;
	uint64_t told = db->told_lost;

	db->told_lost = lost;
	if (lost <= told)
		return SQLITE_OK;
	return extend_gap(db, now - (int64_t)(run_now() - db->alive_ns), now, lost - told);
}

int db_run_save(struct db *db, const struct totals *totals, bool over)
{
	static const char text[] = "UPDATE runs SET alive = ?1, stop = iif(?2, ?1, NULL),"
		" ended = iif(?2, 'clean', 'running'), status = iif(?2, ?3, NULL)"
#define COUNT(column, value) ", " #column " = ?"
		COUNTS(COUNT)
#undef COUNT
		" WHERE id = (SELECT max(id) FROM runs)";
	int64_t now = wall_now(db);
	sqlite3_stmt *update;
	int column = 3, rc = tell_losses(db, totals, now);

	if (!rc)
		rc = sqlite3_prepare_v2(db->sql, text, -1, &update, NULL);
	if (rc)
		return rc;
	sqlite3_bind_int64(update, 1, now);
	sqlite3_bind_int(update, 2, over);
	sqlite3_bind_int(update, 3, totals->status);
#define COUNT(column_, value) sqlite3_bind_int64(update, ++column, (int64_t)(value));
	COUNTS(COUNT)
#undef COUNT
	/* Without --all nobody looked. */
	for (int i = 0; !totals->all && i < 3; i++)
		sqlite3_bind_null(update, column - i);
	return run_once(update);
}
