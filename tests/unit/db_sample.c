// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* db_sample.c - a record in SQLite of everything that one can have, and what report says of it */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gallery.h"
#include "options.h"
#include "raw_bench.h"
#include "store/db.h"
#include "words.h"

#define STEP_NS		10000000ULL
#define SECOND_NS	1000000000ULL
#define HOUR_NS		3600000000000LL
#define REASON		63	/* of the gallery: only the kernel of the second run has so many */

struct sample {
	struct run run;
	struct totals totals;
	struct db *db;
	struct record before;	/* a close that was not the last */
	uint64_t time_ns;	/* CLOCK_MONOTONIC of the next act */
};

/* Begun a moment ago, so that all acts are before its end. */
static void open_run(struct sample *sample, const char *path)
{
	const struct db_options options = { .path = path, .max_size = 64 << 20 };
	char message[MESSAGE] = "";

	sample->time_ns = run_now() - 2 * SECOND_NS;
	sample->run.start_wall_ns = wall_at(&sample->run.wall, sample->time_ns);
	cr_assert_eq(db_open(&sample->db, &options, &sample->run, message), 0, "%s", message);
}

static void add(struct sample *sample, struct act *act, const struct held *held)
{
	act->record.run = sample->run.id;
	act->record.time_ns = sample->time_ns;
	act->wall_ns = wall_at(&sample->run.wall, sample->time_ns);
	sample->time_ns += STEP_NS;
	db_add(sample->db, act, held);
}

/* All of the gallery; two of its sockets were closed before, though not for good. */
static void add_acts(struct sample *sample, struct act *acts, size_t count)
{
	sample->before = acts[0].record;
	sample->before.known |= KNOWN_ACTOR;
	sample->before.time_ns = sample->time_ns - STEP_NS;
	sample->before.actor.pid = 99;
	memcpy(sample->before.actor.comm, "=1+1\n\x7f\xff", 8);
	acts[0].held = acts[3].held = &sample->before;
	for (size_t i = 0; i < count; i++) {
		acts[i].record.socket = 100 + i;
		add(sample, &acts[i], NULL);
	}
}

static void add_notes(struct sample *sample)
{
	struct act notes[NOTES];
	size_t count = gallery_notes(notes);

	for (size_t i = 0; i < count; i++)
		add(sample, &notes[i], NULL);
	gallery_note_totals(notes, count, &sample->totals);
}

static void add_held(struct sample *sample, const struct act *closed)
{
	struct held held = { .pids = { 12, 3456 }, .count = 2, .more = true };
	struct act act = *closed;

	act.frames = NULL;
	act.record.kind = RECORD_HELD;
	act.record.references = 3;
	act.record.inode = 77;
	held.record = act.record;
	add(sample, &act, &held);
}

/* Forward, as by ntpdate, after some sleep. */
static void set_clock(struct sample *sample)
{
	struct wall_step step = { .ktime_ns = sample->time_ns, .step_ns = 3000000000,
				  .slept_ns = 2000000 };

	step.wall_ns = wall_at(&sample->run.wall, sample->time_ns) + (uint64_t)step.step_ns;
	wall_step(&sample->run.wall, &step);
	db_add_clock(sample->db, &step);
}

/* With --all, --held and -k, some losses, and killed at the end. */
static void first_run(struct sample *sample, const char *path)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);

	gallery_run(&sample->run);
	open_run(sample, path);
	gallery_frames(acts, count);
	gallery_totals(acts, count, &sample->totals);
	add_acts(sample, acts, count);
	add_held(sample, &acts[2]);
	set_clock(sample);
	add_notes(sample);
	db_tick(sample->db, run_now(), &sample->totals);
	db_close(sample->db);
}

/* An hour later, after a boot of another kernel, which has a name for what ours does not know. */
static void second_run(struct sample *sample, const char *path)
{
	struct wall_reading reading = sample->run.wall.last;
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);

	reading.wall_ns += HOUR_NS;
	sample->run.id++;
	wall_start(&sample->run.wall, &reading);
	strcpy(sample->run.boot_id, "7d6b7ad5-e3f1-4d35-9a7f-0b5c1c9e0c6b");
	strcpy(sample->run.host.release, "7.3.0-test");
	sample->run.tier = "base";
	words_name_reason(REASON, "OF_ANOTHER_KERNEL");
	open_run(sample, path);
	sample->totals = (struct totals){ 0 };
	add_acts(sample, acts, count);
	words_forget();
	for (size_t i = 0; i < count; i++)
		totals_add(&sample->totals, &acts[i], 1);
	sample->totals.seen = sample->totals.emitted;
	cr_expect_eq(db_end(sample->db, &sample->totals), 0);
	db_close(sample->db);
}

static size_t lines_with(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strcspn(at, "\n"))
		count++;
	return count;
}

Test(db, everything_is_reported, .init = cr_redirect_stderr)
{
	char path[] = "/tmp/closetrace-unit-XXXXXX", *told;
	struct act acts[GALLERY_MAX], notes[NOTES];
	struct sample sample = { 0 };
	int fd = mkstemp(path), status;

	cr_assert(fd >= 0);
	close(fd);
	first_run(&sample, path);
	second_run(&sample, path);
	told = raw_bench_report(path, &status, "-j", "--all", "--held", NULL);
	cr_expect_eq(status, STATUS_INCOMPLETE);
	cr_expect_eq(lines_with(told, "{\"type\":\"start\""), 2);
	cr_expect_eq(lines_with(told, "{\"type\":\"end\""), 2);
	cr_expect_eq(lines_with(told, "{\"type\":\"act\""), 2 * gallery_acts(acts));
	cr_expect_eq(lines_with(told, "{\"type\":\"note\""), gallery_notes(notes));
	cr_expect_eq(lines_with(told, "{\"type\":\"held\""), 1);
	cr_expect_eq(lines_with(told, "{\"type\":\"clock\""), 1);
	cr_expect_eq(lines_with(told, "\"kind\":\"stopped\",\"acts\":null"), 1);
	cr_expect_eq(lines_with(told, "\"kind\":\"lost\",\"acts\":"), 1);
	cr_expect_eq(lines_with(told, "\"held_us\":"), 4);
	cr_expect_eq(lines_with(told, "\"stack\":[\""), 4);
	cr_expect_eq(lines_with(told, "\"reason\":\"63\""),
		     lines_with(told, "\"reason\":\"OF_ANOTHER_KERNEL\""));
	cr_expect_gt(lines_with(told, "\"reason\":\"63\""), 0);
	cr_expect_gt(lines_with(told, "\"family\":\"ipv6\""), 1);
	/* So the samples of a form are made. */
	if (getenv("KEEP_SAMPLE"))
		cr_assert_eq(rename(path, getenv("KEEP_SAMPLE")), 0);
	unlink(path);
	free(told);
}
