// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_recorder.c - the recorder of the SQLite form: judged acts into db.h */
#include <errno.h>
#include <string.h>

#include "../options.h"
#include "../pipeline.h"
#include "db.h"
#include "recorder.h"
#include "store_file.h"

#define SIZE_DEFAULT	(1ULL << 30)
#define AGE_DEFAULT	(7 * 86400 * 1000000000ULL)

static struct db *db_of(const struct sink_options *options)
{
	return options->recording->state;
}

/* What was lost before SIGHUP stays lost. */
static void note_losses(struct recording *recording, uint64_t before)
{
	recording->lost += db_lost(recording->state) - before;
}

static int db_begin(const struct sink_options *options, const struct run *run)
{
	(void)options;
	(void)run;
	return 0;
}

static int db_act(const struct sink_options *options, const struct act *act)
{
	uint64_t before = db_lost(db_of(options));

	db_add(db_of(options), act, NULL);
	note_losses(options->recording, before);
	return 0;
}

static int db_note(const struct sink_options *options, const struct act *note)
{
	db_add(db_of(options), note, NULL);
	return 0;
}

static int db_held(const struct sink_options *options, const struct act *act,
		   const struct held *held)
{
	db_add(db_of(options), act, held);
	return 0;
}

static int db_clock(const struct sink_options *options, const struct run *run,
		    const struct wall_step *step)
{
	(void)run;
	db_add_clock(db_of(options), step);
	return 0;
}

static uint64_t db_on_tick(const struct sink_options *options)
{
	struct recording *recording = options->recording;
	struct db *db = recording->state;
	uint64_t before = db_lost(db);
	struct totals totals;

	if (options->now_ns < db_next(db))
		return db_next(db);
	recording->count(recording, &totals);
	db_tick(db, options->now_ns, &totals);
	note_losses(recording, before);
	return db_next(db);
}

static int db_on_end(const struct sink_options *options, const struct run *run,
		     const struct totals *totals)
{
	(void)run;
	return db_end(db_of(options), totals);
}

static int open_db(struct recording *recording, uint64_t told_lost, char message[MESSAGE])
{
	const struct option_store *store = &recording->options->store;
	const struct db_options options = {
		.path = recording->path,
		.max_size = store->max_size ?: SIZE_DEFAULT,
		.max_age_ns = store->max_age_ns ?: AGE_DEFAULT,
		.told_lost = told_lost,
	};
	struct db *db;
	int rc = db_open(&db, &options, recording->pipeline->run, message);

	recording->state = rc ? NULL : db;
	return rc;
}

static int db_on_open(struct recording *recording, char message[MESSAGE])
{
	return open_db(recording, 0, message);
}

/* The old one is ended first, as by a clean stop: its -wal has the name that the new one wants. */
static int db_reopen(struct recording *recording)
{
	struct db *db = recording->state;
	uint64_t before = db_lost(db);
	char message[MESSAGE];
	struct totals totals;
	int rc;

	if (!db_was_renamed(db))
		return 0;
	recording->count(recording, &totals);
	if (db_end(db, &totals))
		message_tell("the last acts before '%s' was renamed are lost", recording->path);
	note_losses(recording, before);
	db_close(db);
	rc = open_db(recording, totals_lost(&totals), message);
	if (rc)
		message_tell("%s", message);
	return rc;
}

static void db_on_close(struct recording *recording)
{
	db_close(recording->state);
	recording->state = NULL;
}

static const struct recorder sqlite_recorder = {
	.sink = {
		.name = "sqlite",
		.summary = "judged, for report and for SQL: see closetrace record --help",
		.start = db_begin,
		.act = db_act,
		.held = db_held,
		.note = db_note,
		.clock = db_clock,
		.tick = db_on_tick,
		.end = db_on_end,
	},
	.suffix = ".db",
	.continues = true,
	.open = db_on_open,
	.reopen = db_reopen,
	.close = db_on_close,
};
RECORDER_REGISTER(sqlite_recorder);
