// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "gallery.h"
#include "pipeline.h"
#include "raw_bench.h"
#include "report/report.h"
#include "store/recorder.h"

#define BASE_NS	6000000000ULL
#define STEP_NS	10000000ULL

static const struct options all = { .all = true, .store = { .form = "raw" } };

static void take(struct pipeline *pipeline, const struct record *record)
{
	cr_assert_eq(pipeline_take(pipeline, record, sizeof(*record)), 0);
}

/* The name of a cgroup that was made while we looked. */
static void take_cgroup(struct pipeline *pipeline)
{
	struct record_cgroup cgroup = {
		.size = sizeof(cgroup),
		.version = RECORD_VERSION,
		.kind = RECORD_CGROUP,
		.id = 78,
		.path = "/made/later",
	};

	cr_assert_eq(pipeline_take(pipeline, &cgroup, sizeof(cgroup)), 0);
}

/* The clock is set between two records of a batch. */
static void set_clock(struct pipeline *pipeline, uint64_t now_ns)
{
	struct wall_step step = { .ktime_ns = now_ns, .step_ns = 3600000000000 };

	step.wall_ns = wall_at(&pipeline->run->wall, now_ns) + (uint64_t)step.step_ns;
	wall_step(&pipeline->run->wall, &step);
	pipeline_step(pipeline, &step);
}

/* Two halves of an act, a late act, and one that no act's rules know. */
static void take_special(struct pipeline *pipeline, uint64_t now_ns)
{
	struct record record;

	fixture_plain(&record);
	record.time_ns = now_ns;
	record.socket = 7;
	record.kind = RECORD_RST_RECEIVED;
	record.facts = FACT(tcp_reset) | FACT(provisional) | FACT(closed);
	take(pipeline, &record);
	pipeline_drain(pipeline, now_ns + 1);
	record.kind = RECORD_RST_REPLY;
	record.facts = FACT(rst_reply) | FACT(amends) | FACT(closed) | FACT(seg_data);
	take(pipeline, &record);
	pipeline_drain(pipeline, now_ns + STEP_NS);
	fixture_plain(&record);
	record.time_ns = now_ns - 20 * STEP_NS;
	record.cgroup = 78;
	record.known |= KNOWN_CGROUP;
	take(pipeline, &record);
	record.state = 99;
	take(pipeline, &record);
	pipeline_drain(pipeline, now_ns + 2 * STEP_NS);
}

static void take_all(struct pipeline *pipeline, struct act *acts, size_t count)
{
	struct act notes[NOTES];
	size_t more = gallery_notes(notes);
	uint64_t now_ns = BASE_NS;

	for (size_t i = 0; i < count; i++, now_ns += STEP_NS) {
		acts[i].record.time_ns = now_ns;
		acts[i].record.socket = 100 + i;
		take(pipeline, &acts[i].record);
		if (i == count / 2)
			set_clock(pipeline, now_ns);
		if (i % 4 == 3)
			pipeline_drain(pipeline, now_ns + STEP_NS / 2);
	}
	take_special(pipeline, now_ns + 100 * STEP_NS);
	now_ns += 200 * STEP_NS;
	for (size_t i = 0; i < more; i++, now_ns += STEP_NS) {
		notes[i].record.time_ns = now_ns;
		take(pipeline, &notes[i].record);
	}
	pipeline_drain(pipeline, now_ns);
}

/* As trace does it. */
static void play(struct pipeline *pipeline, const struct sink *sink)
{
	struct sink_options *options = &pipeline->sink_options;
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts);	/* gives the kernel's names, too */
	struct totals totals;

	pipeline->sink = sink;
	pipeline->cgroups = cgroups_new();
	cr_assert(pipeline->cgroups);
	cr_assert_eq(cgroups_learn(pipeline->cgroups, 77, "/there/before"), 0);
	cr_assert_eq(sink->start(options, pipeline->run), 0);
	take_cgroup(pipeline);
	take_all(pipeline, acts, count);
	options->now_ns += STEP_NS;
	cr_assert_eq(sink->suppressed(options, pipeline->run, "reply_port", 5), 0);
	pipeline_drain(pipeline, UINT64_MAX);
	totals = (struct totals){
		.emitted = pipeline->totals.emitted,
		.end_wall_ns = 1795435209999999999,
		.all = true,
		.status = 4,
		.filtered = 1, .unowned = 2, .lost_ring = 3, .lost_pending = 4, .suppressed = 5,
		.lost_store = 6, .missed = 7, .owner_full = 8, .note_full = 9,
		.children_full = 10, .stack_full = 11, .unfinished = 12, .held = 13,
		.held_lost = 14, .notes = 15 + 16, .notes_filtered = 15, .notes_lost = 16,
		.lost_amend = pipeline->totals.lost_amend,
		.undecodable = pipeline->totals.undecodable,
		.amended = pipeline->totals.amended,
		.late = pipeline->totals.late,
	};
	for (size_t i = NOTE_NONE + 1; i < NOTES; i++)
		totals.notes += totals.note[i] = 1;
	totals.seen = totals.emitted + totals.filtered + totals.unowned + totals_lost(&totals);
	cr_assert_eq(sink->end(options, pipeline->run, &totals), 0);
	cr_assert_eq(pipeline->error, 0);
	pipeline_free(pipeline);
}

char *raw_bench_traced(void)
{
	struct run run;
	struct pipeline pipeline = { .options = &all, .run = &run };
	size_t size;
	char *text;

	gallery_run(&run);
	pipeline.sink_options.out = open_memstream(&text, &size);
	play(&pipeline, sink_by_name("json"));
	fclose(pipeline.sink_options.out);
	return text;
}

void raw_bench_record(char path[64])
{
	struct run run;
	struct recording recording = { .options = &all, .recorder = recorder_by_name("raw") };
	struct pipeline pipeline = { .options = &all, .run = &run };
	char message[MESSAGE] = "";
	int fd;

	strcpy(path, "/tmp/closetrace-unit-XXXXXX");
	fd = mkstemp(path);
	cr_assert(fd >= 0 && recording.recorder);
	close(fd);
	strcpy(recording.path, path);
	gallery_run(&run);
	recording.pipeline = &pipeline;
	pipeline.sink_options = (struct sink_options){ .out = stdout, .recording = &recording };
	cr_assert_eq(recording.recorder->open(&recording, message), 0, "%s", message);
	play(&pipeline, &recording.recorder->sink);
	recording.recorder->close(&recording);
}

char *raw_bench_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *data = NULL;
	size_t room = 0;

	cr_assert(file, "%s", path);
	*size = 0;
	while (!feof(file)) {
		if (room - *size < 4096)
			data = realloc(data, room += 65536);
		*size += fread(data + *size, 1, room - *size - 1, file);
		cr_assert(!ferror(file));
	}
	data[*size] = '\0';
	fclose(file);
	return data;
}

void raw_bench_write(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "we");

	cr_assert(file && fwrite(data, 1, size, file) == size && !fclose(file));
}

char *raw_bench_report(const char *path, int *status, ...)
{
	char out[64] = "/tmp/closetrace-unit-XXXXXX";
	char *argv[16] = { "closetrace", "report", strdup(path), "--output", out };
	int argc = 5, fd = mkstemp(out);
	struct options options;
	size_t size;
	va_list rest;
	char *text;

	cr_assert(fd >= 0);
	close(fd);
	va_start(rest, status);
	while ((argv[argc] = va_arg(rest, char *)))
		argv[argc] = strdup(argv[argc]), argc++;
	va_end(rest);
	cr_assert_eq(options_parse(&options, argc, argv), 0, "%s", options.error);
	*status = report_run(&options);
	text = raw_bench_read(out, &size);
	unlink(out);
	return text;
}
