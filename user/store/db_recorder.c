// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_recorder.c - the recorder of the SQLite form: judged acts into db.h */
#include <errno.h>
#include <stdlib.h>

#include "../options.h"
#include "../pipeline.h"
#include "db.h"
#include "recorder.h"
#include "store_file.h"

#define SIZE_DEFAULT	(1ULL << 30)
#define AGE_DEFAULT	(7 * 86400 * 1000000000ULL)

struct store {
	struct db *db;
	struct store_lost before;	/* in files that were renamed */
};

static struct store *store_of(const struct sink_options *options)
{
	return options->recording->state;
}

/* After each call: any may fail, and lose what waits. */
static void tell_losses(struct recording *recording)
{
	const struct store *store = recording->state;

	recording->lost = store->before;
	store_lost_add(&recording->lost, db_lost(store->db));
}

static int db_begin(const struct sink_options *options, const struct run *run)
{
	(void)options;
	(void)run;
	return 0;
}

static int db_held(const struct sink_options *options, const struct act *act,
		   const struct held *held)
{
	db_add(store_of(options)->db, act, held);
	tell_losses(options->recording);
	return 0;
}

/* An act or a note. */
static int db_act(const struct sink_options *options, const struct act *act)
{
	return db_held(options, act, NULL);
}

static int db_clock(const struct sink_options *options, const struct run *run,
		    const struct wall_step *step)
{
	(void)run;
	db_add_clock(store_of(options)->db, step);
	tell_losses(options->recording);
	return 0;
}

static uint64_t db_on_tick(const struct sink_options *options)
{
	struct recording *recording = options->recording;
	struct db *db = store_of(options)->db;
	struct totals totals;

	if (options->now_ns < db_next(db))
		return db_next(db);
	recording->count(recording, &totals);
	recording_own(recording, &totals);
	db_tick(db, options->now_ns, &totals);
	tell_losses(recording);
	return db_next(db);
}

static int db_on_end(const struct sink_options *options, const struct run *run,
		     const struct totals *totals)
{
	struct totals own = *totals;
	int rc;

	(void)run;
	recording_own(options->recording, &own);
	rc = db_end(store_of(options)->db, &own);
	tell_losses(options->recording);
	return rc;
}

static int open_db(struct recording *recording, char message[MESSAGE])
{
	const struct option_store *asked = &recording->options->store;
	const struct db_options options = {
		.path = recording->path,
		.max_size = asked->max_size ?: SIZE_DEFAULT,
		.max_age_ns = asked->max_age_ns ?: AGE_DEFAULT,
		.since_ns = recording->since_ns,
	};
	struct store *store = recording->state;

	return db_open(&store->db, &options, recording->pipeline->run, message);
}

static int db_on_open(struct recording *recording, char message[MESSAGE])
{
	recording->state = calloc(1, sizeof(struct store));
	return recording->state ? open_db(recording, message) : -ENOMEM;
}

/* The old one is ended first, as by a clean stop: its -wal has the name that the new one wants. */
static int db_reopen(struct recording *recording)
{
	struct store *store = recording->state;
	char message[MESSAGE];
	struct totals totals, own;
	int rc;

	if (!db_was_renamed(store->db))
		return 0;
	recording->count(recording, &totals);
	own = totals;
	recording_own(recording, &own);
	rc = db_end(store->db, &own);
	if (rc)
		message_tell("the last acts before '%s' was renamed are lost", recording->path);
	tell_losses(recording);
	/* What the old file did not take is told by the new one. */
	recording_turn(recording, rc ? &recording->before : &totals);
	store->before = recording->lost;
	db_close(store->db);
	store->db = NULL;
	rc = open_db(recording, message);
	if (rc)
		message_tell("%s", message);
	return rc;
}

static bool db_is_gone(const struct recording *recording)
{
	const struct store *store = recording->state;

	return db_was_removed(store->db);
}

static void db_on_close(struct recording *recording)
{
	struct store *store = recording->state;

	if (store)
		db_close(store->db);
	free(store);
	recording->state = NULL;
}

static const struct recorder sqlite_recorder = {
	.sink = {
		.name = "sqlite",
		.summary = "judged, for report and for SQL: see closetrace record --help",
		.start = db_begin,
		.act = db_act,
		.held = db_held,
		.note = db_act,
		.clock = db_clock,
		.tick = db_on_tick,
		.end = db_on_end,
	},
	.suffix = ".db",
	.continues = true,
	.open = db_on_open,
	.reopen = db_reopen,
	.is_gone = db_is_gone,
	.close = db_on_close,
};
RECORDER_REGISTER(sqlite_recorder);
