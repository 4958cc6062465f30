// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_runs.h"
#include "store/db_schema.h"
#include "sums.h"
#include "words.h"

enum { HOST, BOOT, KERNEL, MACHINE, TIER, VERSION, START, STOP, ROW, RUN, ALL, FIRST_COUNT };

#define COLUMNS                                                                                    \
	"host, boot_id, kernel, machine, tier, version, start, coalesce(stop, alive), id, run, "   \
	"notes IS NOT NULL"

/* The run that is being told. */
static sqlite3_stmt *select_run(const struct db_runs *runs, const char *which, int64_t row)
{
	sqlite3_stmt *statement = NULL;
	char *text = sqlite3_mprintf("SELECT " COLUMNS
#define COLUMN(member) ", " #member
		SUMS(COLUMN)
#undef COLUMN
		" FROM runs WHERE id %s %lld ORDER BY id LIMIT 1", which, (sqlite3_int64)row);

	if (text)
		sqlite3_prepare_v2(runs->view->sql, text, -1, &statement, NULL);
	sqlite3_free(text);
	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		return statement;
	sqlite3_finalize(statement);
	return NULL;
}

static void read_text(sqlite3_stmt *row, int column, char *out, size_t room)
{
	const char *text = (const char *)sqlite3_column_text(row, column) ?: "";

	words_inert(text, strlen(text), out, room);
}

static bool is_uuid(const unsigned char *text)
{
	return text && strlen((const char *)text) == 36 &&
	       strspn((const char *)text, "0123456789abcdef-") == 36;
}

/* How far the kernel's clock is from the time of day. */
static int64_t clock_of(const struct db_runs *runs, const char *run)
{
	return db_view_number(runs->view, 0, "SELECT clock FROM shapes WHERE run = %Q AND id >= "
			      DB_OLDEST("first_shape") " LIMIT 1", run);
}

static void take_run(struct db_runs *runs, sqlite3_stmt *row)
{
	struct run *run = &runs->report->run;
	const char *name = (const char *)sqlite3_column_text(row, RUN) ?: "";
	struct wall_reading clock = { 0 };

	memset(run, 0, sizeof(*run));
	run->id = strtoull(name, NULL, 16);
	run->start_wall_ns = (uint64_t)sqlite3_column_int64(row, START);
	clock.wall_ns = clock_of(runs, name);
	clock.ktime_ns = run->start_wall_ns - (uint64_t)clock.wall_ns;
	wall_start(&run->wall, &clock);
	read_text(row, HOST, run->host.nodename, sizeof(run->host.nodename));
	read_text(row, KERNEL, run->host.release, sizeof(run->host.release));
	read_text(row, MACHINE, run->host.machine, sizeof(run->host.machine));
	if (is_uuid(sqlite3_column_text(row, BOOT)))
		strcpy(run->boot_id, (const char *)sqlite3_column_text(row, BOOT));
	read_text(row, TIER, runs->tier, sizeof(runs->tier));
	read_text(row, VERSION, runs->version, sizeof(runs->version));
	run->tier = runs->tier;
	run->version = runs->version;
}

/* All that the record has of a run. */
static uint64_t acts_of(const struct db_runs *runs, int64_t row)
{
	int64_t rolled = db_view_number(runs->view, 0, "SELECT max(rolled) FROM chunks");

	return (uint64_t)db_view_number(runs->view, 0,
		"WITH s AS (SELECT id FROM shapes WHERE type = 'act' AND run = (SELECT run FROM "
		"runs WHERE id = %lld)) SELECT coalesce((SELECT sum(acts) FROM minutes WHERE id >= "
		DB_OLDEST("first_minute") " AND shape IN s), 0) + (SELECT count(*) FROM rows "
		"WHERE id > %lld AND shape IN s)", (sqlite3_int64)row, (sqlite3_int64)rolled);
}

/* All notes that a run got; 0: some were forgotten, and nobody counted which. */
static uint64_t notes_of(const struct db_runs *runs, int64_t row)
{
	return (uint64_t)db_view_number(runs->view, 0,
		"SELECT max(0, notes - notes_filtered - notes_lost) FROM runs WHERE id = %lld AND "
		"EXISTS (SELECT 1 FROM chunks WHERE first <= 1 OR since < runs.start)",
		(sqlite3_int64)row);
}

void db_runs_hold(struct db_runs *runs)
{
	if (runs->end)
		return;
	runs->end = db_view_number(runs->view, 0, "SELECT max(id) FROM runs");
	runs->there.acts = acts_of(runs, runs->end);
	runs->there.notes = notes_of(runs, runs->end);
}

void db_runs_forget(struct db_runs *runs, uint64_t rows)
{
	runs->there.acts -= rows < runs->there.acts ? rows : runs->there.acts;
}

static void count_told(const struct db_runs *runs, struct db_told *told)
{
	const struct totals *totals = &runs->report->pipeline.totals;

	told->acts = totals->emitted + totals->filtered + totals->unowned;
	told->notes = totals->notes + totals->notes_filtered;
}

/* What it has counted was in the record when it ended, too. */
static bool is_clean(const struct db_runs *runs)
{
	return db_view_number(runs->view, 0, "SELECT ended = 'clean' FROM runs WHERE id = %lld",
			      (sqlite3_int64)runs->open);
}

/*
 * What of a run conditions of SQL have left out was not counted one by one.  A run that did not end
 * counted notes that it did not get: they matter only when something was left out at all.
 */
static void count_left_out(struct db_runs *runs, struct totals *totals)
{
	struct report *report = runs->report;
	bool held = runs->open == runs->end;
	struct db_told told;
	uint64_t acts, notes;

	if (runs->counted || !(report->pipeline.sink->runs || report->options->all))
		return;
	count_told(runs, &told);
	acts = (held ? runs->there.acts : acts_of(runs, runs->open)) + runs->before.acts;
	if (acts > told.acts)
		totals->filtered += acts - told.acts;
	if (!report->options->all || (acts <= told.acts && (held || !is_clean(runs))))
		return;
	notes = (held ? runs->there.notes : notes_of(runs, runs->open)) + runs->before.notes;
	if (notes > told.notes)
		totals->notes_filtered += notes - told.notes;
}

/* What the file has counted of the run; nothing when that is not in it. */
static void read_totals(const struct db_runs *runs, struct totals *totals)
{
	sqlite3_stmt *row = runs->open ? select_run(runs, "=", runs->open) : NULL;
	int column = FIRST_COUNT;

	*totals = (struct totals){ 0 };
	if (row) {
#define READ(member) totals->member = (uint64_t)sqlite3_column_int64(row, column++);
		SUMS(READ)
#undef READ
		totals->all = sqlite3_column_int64(row, ALL);
		totals->end_wall_ns = (uint64_t)sqlite3_column_int64(row, STOP);
	}
	sqlite3_finalize(row);
}

/* The run has one more row: of the next file of -F, or it came back to this one. */
static void go_on(struct db_runs *runs)
{
	struct totals totals;

	read_totals(runs, &totals);
	report_turn(runs->report, &totals);
	runs->open = runs->row;
}

/* How the clocks stood to each other at the end: by that the end is told on the other one. */
static void take_clock(struct db_runs *runs)
{
	struct wall *wall = &runs->report->run.wall;
	const struct wall_span *last = &wall->span[wall->spans - 1];
	struct wall_step step = { .ktime_ns = last->since_ns };
	int64_t clock;

	/* Without acts nothing tells how they stood at the start. */
	if (!last->offset_ns)
		return;
	clock = db_view_number(runs->view, last->offset_ns, "SELECT time - ktime_ns FROM clocks "
			       "WHERE run = '%llx' ORDER BY id DESC LIMIT 1",
			       runs->report->run.id);
	step.wall_ns = step.ktime_ns + (uint64_t)clock;
	wall_step(wall, &step);
}

static void end_run(struct db_runs *runs)
{
	struct totals totals;

	if (!runs->report->open)
		return;
	read_totals(runs, &totals);
	if (!report_done(runs->report))
		count_left_out(runs, &totals);
	take_clock(runs);
	report_end(runs->report, &totals);
}

/* Of another time than that which is asked for; one with acts of that time never is. */
static bool is_outside(const struct db_runs *runs, sqlite3_stmt *row)
{
	const struct option_report *asked = &runs->report->options->report;

	if (runs->counted)
		return false;
	return (uint64_t)sqlite3_column_int64(row, STOP) < asked->since_ns ||
	       (asked->until_ns && (uint64_t)sqlite3_column_int64(row, START) > asked->until_ns);
}

static void tell_gaps(struct db_runs *runs)
{
	char *text = sqlite3_mprintf("SELECT id, kind, run, since, until, count FROM gaps WHERE "
				     "id > %lld ORDER BY id", (sqlite3_int64)runs->gap);
	sqlite3_stmt *row = NULL;

	if (text)
		sqlite3_prepare_v2(runs->view->sql, text, -1, &row, NULL);
	sqlite3_free(text);
	while (row && sqlite3_step(row) == SQLITE_ROW) {
		const char *kind = (const char *)sqlite3_column_text(row, 1) ?: "";
		const char *run = (const char *)sqlite3_column_text(row, 2) ?: "";
		struct gap gap = { gap_kind_by_name(kind), strtoull(run, NULL, 16),
				   (uint64_t)sqlite3_column_int64(row, 3),
				   (uint64_t)sqlite3_column_int64(row, 4),
				   (uint64_t)sqlite3_column_int64(row, 5) };

		runs->gap = sqlite3_column_int64(row, 0);
		if (gap.kind < GAP_KINDS)
			report_gap(runs->report, &gap);
	}
	sqlite3_finalize(row);
}

static int begin_run(struct db_runs *runs, sqlite3_stmt *row)
{
	int rc;

	end_run(runs);
	take_run(runs, row);
	runs->open = runs->row;
	sqlite3_finalize(runs->clock);
	runs->clock = NULL;
	rc = report_begin(runs->report);
	count_told(runs, &runs->before);
	tell_gaps(runs);
	return rc;
}

/* Up to the one with this id, or to the last; 0, 1: it is not there, or an errno. */
static int advance(struct db_runs *runs, uint64_t id)
{
	sqlite3_stmt *row;
	int rc = 0;

	while (!rc && (!runs->end || runs->row < runs->end) &&
	       (row = select_run(runs, ">", runs->row))) {
		const char *name = (const char *)sqlite3_column_text(row, RUN) ?: "";
		uint64_t next = strtoull(name, NULL, 16);
		int64_t before = runs->row;

		runs->row = sqlite3_column_int64(row, ROW);
		/* In a damaged tree, what follows a number may be below it. */
		if (runs->row <= before)
			rc = -EBADMSG;
		else if (runs->report->open && runs->report->run.id == next)
			go_on(runs);
		else if (next == id || !is_outside(runs, row))
			rc = begin_run(runs, row);
		sqlite3_finalize(row);
		if (next == id)
			return rc;
	}
	return rc ?: id ? -EBADMSG : 0;
}

/* In ns; a number of a stranger may be too large, and is then some other. */
static int64_t read_us(sqlite3_stmt *row, int column)
{
	return (int64_t)((uint64_t)sqlite3_column_int64(row, column) * 1000);
}

/* Before the act that comes after them, on the clock that cannot be set. */
static void tell_clocks(struct db_runs *runs, const struct act *act)
{
	char *text;

	if (!runs->clock) {
		text = sqlite3_mprintf("SELECT ktime_ns, time, step_us, slept_us, id FROM clocks "
				       "WHERE run = '%llx' AND id > %lld ORDER BY id",
				       runs->report->run.id, (sqlite3_int64)runs->step);
		if (!text || sqlite3_prepare_v2(runs->view->sql, text, -1, &runs->clock, NULL) ||
		    sqlite3_step(runs->clock) != SQLITE_ROW)
			sqlite3_reset(runs->clock);
		sqlite3_free(text);
	}
	while (sqlite3_stmt_busy(runs->clock) &&
	       (uint64_t)sqlite3_column_int64(runs->clock, 0) <= act->record.time_ns) {
		const struct wall_step step = {
			.ktime_ns = (uint64_t)sqlite3_column_int64(runs->clock, 0),
			.wall_ns = (uint64_t)sqlite3_column_int64(runs->clock, 1),
			.step_ns = read_us(runs->clock, 2),
			.slept_ns = read_us(runs->clock, 3),
		};

		runs->step = sqlite3_column_int64(runs->clock, 4);
		pipeline_step(&runs->report->pipeline, &step);
		if (sqlite3_step(runs->clock) != SQLITE_ROW)
			sqlite3_reset(runs->clock);
	}
}

int db_runs_enter(struct db_runs *runs, const struct act *act)
{
	int rc = 0;

	if (!runs->report->open || runs->report->run.id != act->record.run)
		rc = advance(runs, act->record.run);
	if (!rc)
		tell_clocks(runs, act);
	return rc;
}

/* An answer has a start and an end, also when nothing was on at the time that is asked for. */
static int tell_last(struct db_runs *runs)
{
	sqlite3_stmt *row = select_run(runs, "=", runs->row);
	int rc = row ? begin_run(runs, row) : 0;

	sqlite3_finalize(row);
	return rc;
}

int db_runs_finish(struct db_runs *runs, bool more)
{
	/* Behind as many acts as -c wants there is nothing to tell. */
	int rc = report_done(runs->report) ? 0 : advance(runs, 0);

	if (!rc && !more && !runs->report->runs)
		rc = tell_last(runs);
	tell_gaps(runs);
	if (more)
		read_totals(runs, &runs->totals);
	else
		end_run(runs);
	return rc;
}

void db_runs_open(struct db_runs *runs, const struct db_view *view, struct report *report)
{
	*runs = (struct db_runs){ .view = view, .report = report };
}

void db_runs_renew(struct db_runs *runs)
{
	report_turn(runs->report, &runs->totals);
	runs->totals = (struct totals){ 0 };
	runs->row = runs->open = runs->gap = runs->step = 0;
}

void db_runs_close(struct db_runs *runs)
{
	sqlite3_finalize(runs->clock);
	runs->clock = NULL;
}
