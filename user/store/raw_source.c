// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* raw_source.c - the raw form as report reads it: what a frame means to the pipeline */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../message.h"
#include "../report/report.h"
#include "../source.h"
#include "../words.h"
#include "raw_calls.h"
#include "raw_follow.h"
#include "raw_read.h"

#define CALLS 1024	/* system calls of another machine; today they end at 470 */

struct reading {
	struct raw_reader reader;
	struct report *report;
	bool began;			/* a run */
	bool whole;			/* and it said where it ends */
	uint64_t ended_ns;		/* until when the last one was on; ns since 1970, 0: none */
	bool foreign;			/* it was recorded on another kind of machine */
	char version[32];		/* of the closetrace that recorded */
	char tier[32];
	int32_t call[CALLS];		/* of a foreign number: ours + 1; 0: none */
};

/* What a host may call itself is short, and no escape code. */
static void copy_text(char *out, size_t room, const char *text, size_t size)
{
	words_inert(text, size, out, room);
}

/* A UUID, or nothing. */
static void copy_boot_id(char out[37], const char text[37])
{
	if (strnlen(text, 37) == 36 && strspn(text, "0123456789abcdef-") == 36)
		memcpy(out, text, 37);
}

#define COPY_TEXT(out, text) copy_text(out, sizeof(out), text, sizeof(text))

static void take_run(struct reading *reading, const struct raw_start *start)
{
	const struct wall_reading clock = {
		.ktime_ns = start->ktime_ns,
		.wall_ns = start->wall_ns,
	};
	struct run *run = &reading->report->run;

	memset(run, 0, sizeof(*run));
	run->id = start->run;
	run->start_wall_ns = start->start_wall_ns;
	wall_start(&run->wall, &clock);
	COPY_TEXT(run->host.nodename, start->host);
	COPY_TEXT(run->host.release, start->kernel);
	COPY_TEXT(run->host.machine, start->machine);
	copy_boot_id(run->boot_id, start->boot_id);
	COPY_TEXT(reading->tier, start->tier);
	COPY_TEXT(reading->version, start->version);
	run->tier = reading->tier;
	run->version = reading->version;
}

/* Between two runs nobody looked. */
static void tell_stop(const struct reading *reading, const struct raw_start *start)
{
	const struct gap gap = { GAP_STOPPED, .run = start->run, .since_ns = reading->ended_ns,
				 .until_ns = start->start_wall_ns };

	if (reading->ended_ns && reading->ended_ns < start->start_wall_ns)
		report_gap(reading->report, &gap);
}

/* It may have been set while nothing was written. */
static void resume_clock(struct wall *wall, const struct raw_start *start)
{
	uint64_t wall_ns = start->ktime_ns + (uint64_t)start->wall_ns;

	if (wall_at(wall, start->ktime_ns) != wall_ns)
		wall_step(wall, &(struct wall_step){ .ktime_ns = start->ktime_ns,
						     .wall_ns = wall_ns });
}

/* A run, or the same in the next file, or behind a gap. */
static int on_start(struct reading *reading)
{
	struct report *report = reading->report;
	struct raw_start start;
	struct utsname here;

	memcpy(&start, reading->reader.payload, sizeof(start));
	reading->whole = false;
	if (report->open && report->run.id == start.run) {
		resume_clock(&report->run.wall, &start);
		report->recorded.end_wall_ns = 0;
		return 0;
	}
	report_end(report, NULL);
	tell_stop(reading, &start);
	reading->ended_ns = start.start_wall_ns;
	take_run(reading, &start);
	words_forget();
	memset(reading->call, 0, sizeof(reading->call));
	reading->began = true;
	reading->foreign = uname(&here) || strcmp(here.machine, report->run.host.machine);
	return report_begin(report);
}

static int our_call(const char *name)
{
	for (size_t i = 0; i < raw_call_count; i++) {
		if (!strcmp(raw_calls[i].name, name))
			return raw_calls[i].number;
	}
	return -1;
}

/* What follows the head of the payload is a text; cut when it is longer than any name. */
static void take_text(const struct reading *reading, size_t head, char *out, size_t room)
{
	size_t size = reading->reader.size - head;

	snprintf(out, room, "%.*s", (int)size, (const char *)reading->reader.payload + head);
}

static int on_name(struct reading *reading)
{
	struct raw_name name;
	char text[64];

	memcpy(&name, reading->reader.payload, sizeof(name));
	take_text(reading, sizeof(name), text, sizeof(text));
	if (name.of == RAW_STATES)
		words_name_state(name.number, text);
	else if (name.of == RAW_REASONS)
		words_name_reason(name.number, text);
	else if (name.of == RAW_CALLS && name.number < CALLS)
		reading->call[name.number] = our_call(text) + 1;
	return 0;
}

static int on_cgroup(struct reading *reading)
{
	struct raw_cgroup cgroup;
	char path[PATH_MAX];

	memcpy(&cgroup, reading->reader.payload, sizeof(cgroup));
	take_text(reading, sizeof(cgroup), path, sizeof(path));
	return cgroups_learn(reading->report->pipeline.cgroups, cgroup.id, path);
}

/* A number that is not ours must not be taken for another call. */
static void translate_call(struct reading *reading)
{
	struct record *record = (struct record *)reading->reader.payload;
	int32_t number = record->syscall;

	if (reading->reader.size < sizeof(*record) || record->kind == RECORD_CGROUP)
		return;
	record->syscall = number >= 0 && number < CALLS ? reading->call[number] - 1 : -1;
}

static int on_record(struct reading *reading)
{
	struct raw_reader *reader = &reading->reader;

	if (reading->foreign)
		translate_call(reading);
	return pipeline_take(&reading->report->pipeline, reader->payload, reader->size);
}

static int on_drain(struct reading *reading)
{
	struct pipeline *pipeline = &reading->report->pipeline;
	struct raw_drain drain;

	memcpy(&drain, reading->reader.payload, sizeof(drain));
	reading->ended_ns = wall_at(&reading->report->run.wall, drain.now_ns);
	pipeline->order.amends_lost = drain.amends_lost;
	pipeline_drain(pipeline, drain.now_ns);
	return 0;
}

static int on_clock(struct reading *reading)
{
	struct report *report = reading->report;
	struct raw_clock clock;
	struct wall_step step;

	memcpy(&clock, reading->reader.payload, sizeof(clock));
	step = (struct wall_step){
		.ktime_ns = clock.ktime_ns,
		.wall_ns = clock.wall_ns,
		.step_ns = clock.step_ns,
		.slept_ns = clock.slept_ns,
	};
	wall_step(&report->run.wall, &step);
	pipeline_step(&report->pipeline, &step);
	return 0;
}

static int on_suppressed(struct reading *reading)
{
	struct pipeline *pipeline = &reading->report->pipeline;
	const struct sink *sink = pipeline->sink;
	struct raw_suppressed suppressed;
	char text[64], share[64];

	memcpy(&suppressed, reading->reader.payload, sizeof(suppressed));
	take_text(reading, sizeof(suppressed), text, sizeof(text));
	COPY_TEXT(share, text);
	pipeline->sink_options.now_ns = suppressed.now_ns;
	if (sink->suppressed && !pipeline->sink_options.silent && !report_done(reading->report))
		pipeline->error = sink->suppressed(&pipeline->sink_options, pipeline->run, share,
						   suppressed.count);
	return 0;
}

static int on_gap(struct reading *reading)
{
	struct raw_gap told;
	struct gap gap = { GAP_FULL, .run = reading->report->run.id };

	memcpy(&told, reading->reader.payload, sizeof(told));
	gap.since_ns = told.since_ns;
	gap.until_ns = told.until_ns;
	gap.count = told.count;
	if (told.kind == RAW_GAP_FULL)
		report_gap(reading->report, &gap);
	return 0;
}

/* A file that was made of several may have several; one is enough. */
static int on_key(struct reading *reading)
{
	if (!reading->report->keyed)
		report_key(reading->report, reading->reader.payload);
	return 0;
}

static void take_totals(struct reading *reading, struct totals *totals)
{
	struct raw_end end = { 0 };
	size_t size = reading->reader.size;

	*totals = (struct totals){ 0 };
	/* An older one has fewer totals. */
	memcpy(&end, reading->reader.payload, size < sizeof(end) ? size : sizeof(end));
	memcpy(totals->note, end.note, sizeof(totals->note));
#define COUNT(member) totals->member = end.total[RAW_TOTAL_##member];
	RAW_TOTALS(COUNT)
#undef COUNT
	reading->whole = true;
	if (totals->end_wall_ns)
		reading->ended_ns = totals->end_wall_ns;
}

static int on_end(struct reading *reading)
{
	struct totals totals;

	take_totals(reading, &totals);
	report_end(reading->report, &totals);
	return 0;
}

/* An empty one is of an earlier version: there the end has what the whole run counted. */
static int on_turn(struct reading *reading)
{
	struct totals totals;

	take_totals(reading, &totals);
	report_turn(reading->report, &totals);
	return 0;
}

static const struct {
	size_t size;			/* of a payload, at least */
	int (*take)(struct reading *reading);
} frames[] = {
	[RAW_START] = { sizeof(struct raw_start), on_start },
	[RAW_NAME] = { sizeof(struct raw_name), on_name },
	[RAW_CGROUP] = { sizeof(struct raw_cgroup), on_cgroup },
	[RAW_RECORD] = { 0, on_record },
	[RAW_DRAIN] = { sizeof(struct raw_drain), on_drain },
	[RAW_CLOCK] = { sizeof(struct raw_clock), on_clock },
	[RAW_END] = { offsetof(struct raw_end, total), on_end },
	[RAW_TURN] = { 0, on_turn },
	[RAW_SUPPRESSED] = { sizeof(struct raw_suppressed), on_suppressed },
	[RAW_GAP] = { sizeof(struct raw_gap), on_gap },
	[RAW_KEY] = { sizeof(struct raw_key), on_key },
};

/* Types that we do not know are of a newer closetrace, which says that they do no harm. */
static int take_frame(struct reading *reading)
{
	const struct raw_reader *reader = &reading->reader;

	if (reader->type >= sizeof(frames) / sizeof(frames[0]) || !frames[reader->type].take)
		return 0;
	if (reader->size < frames[reader->type].size)
		return -EBADMSG;
	/* Of no run; a START comes first. */
	if (reader->type != RAW_START && reader->type != RAW_KEY && !reading->report->open)
		return -EBADMSG;
	return frames[reader->type].take(reading);
}

static int complain(const struct reading *reading, const struct source_file *file, int rc)
{
	const char *what = strerror(-rc);

	if (rc == -EBADMSG)
		what = "it is damaged";
	else if (rc == -ENODATA)
		what = "its end is missing";
	else if (rc == -EPROTO)
		what = "what follows is of a newer closetrace";
	message_tell("cannot read '%s' from byte %llu on: %s; what stands before that is shown",
		     file->path, (unsigned long long)reading->reader.offset, what);
	return rc;
}

static int read_frames(struct reading *reading, struct source_file *file)
{
	int rc;

	do {
		rc = raw_read_frame(&reading->reader);
		if (rc > 0)
			rc = take_frame(reading) ?: 1;
		else if ((!rc || rc == -ENODATA) && reading->report->options->report.follow)
			rc = raw_follow(&reading->reader, file, &reading->report->follow);
	} while (rc > 0 && !report_done(reading->report));
	if (report_done(reading->report))
		return 0;
	/* While it is written its end may come at any moment, and half of a frame before that. */
	if ((!rc || rc == -ENODATA) && file->written)
		return 0;
	if (!rc && !reading->whole)
		rc = -ENODATA;
	if (!rc)
		return 0;
	/* What waits for its second half may have had it in the part that is gone. */
	reading->report->pipeline.order.amends_lost = true;
	return complain(reading, file, rc);
}

static int read_raw(struct source_file *file, struct report *report)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	struct raw_header header;
	int rc = -ENOMEM;

	if (!reading)
		return rc;
	reading->report = report;
	reading->reader.in = file->in;
	rc = raw_read_header(&reading->reader, file->head, file->head_size);
	memcpy(&header, file->head, sizeof(header));
	if (rc)
		message_tell("cannot read '%s': %s", file->path,
			     file->head_size < sizeof(header) ? "it ends in its header" :
								raw_refusal(&header));
	else
		rc = read_frames(reading, file);
	report_end(report, NULL);
	free(reading);
	return rc;
}

static bool is_raw(const unsigned char *head, size_t size)
{
	return size >= strlen(RAW_MAGIC) && !memcmp(head, RAW_MAGIC, strlen(RAW_MAGIC));
}

static const struct source raw_source = {
	.name = "raw",
	.is = is_raw,
	.read = read_raw,
};
SOURCE_REGISTER(raw_source);
