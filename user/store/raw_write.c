// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* raw_write.c - the recorder of the raw form, see raw_form.h */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pipeline.h"
#include "../words.h"
#include "raw_calls.h"
#include "raw_out.h"
#include "recorder.h"
#include "store_file.h"

#define SETTLE_NS	100000000ULL	/* all that waits for another record was told by then */
#define RETRY_NS	1000000000ULL	/* of a file that takes nothing */
#define SAY_NS		60000000000ULL	/* and how often people are told */

struct writer {
	struct raw_out out;
	bool fresh;			/* records came since the last RAW_DRAIN */
	uint64_t settle_ns;		/* when to write one more; 0: it was */
	uint64_t safe;			/* acts that are written, or counted as lost */
	struct store_lost kept;		/* not written yet: of acts, safe tells */
	int error;			/* nothing can be written any more; told by the next call */
	/* While the file takes nothing, for want of room most often. */
	bool down;
	uint64_t since_ns;		/* CLOCK_REALTIME */
	uint64_t missing;		/* acts since then */
	uint64_t tried_ns, said_ns;	/* CLOCK_MONOTONIC; 0: never */
	bool said;			/* so that it is told when it is over */
};

static struct writer *writer_of(const struct sink_options *options)
{
	return options->recording->state;
}

static int put_name(struct raw_out *out, enum raw_names of, uint32_t number, const char *text)
{
	const struct raw_name name = { .of = of, .number = number };

	return raw_out_put(out, RAW_NAME, &name, sizeof(name), text, strlen(text));
}

static int put_names(struct raw_out *out)
{
	const char *text;
	int rc = 0;

	for (unsigned int i = 0; !rc && i < WORDS_NAMES; i++) {
		if (words_state(i))
			rc = put_name(out, RAW_STATES, i, words_state(i));
		text = words_reason_name(i);
		if (!rc && text)
			rc = put_name(out, RAW_REASONS, i, text);
	}
	for (size_t i = 0; !rc && i < raw_call_count; i++)
		rc = put_name(out, RAW_CALLS, (uint32_t)raw_calls[i].number, raw_calls[i].name);
	return rc;
}

static int put_cgroup(void *context, uint64_t id, const char *path)
{
	const struct raw_cgroup cgroup = { .id = id };

	return raw_out_put(context, RAW_CGROUP, &cgroup, sizeof(cgroup), path, strlen(path));
}

static int put_start(const struct recording *recording, struct raw_out *out)
{
	const struct run *run = recording->pipeline->run;
	struct raw_start start = {
		.run = run->id,
		.start_wall_ns = recording_since(recording),
		.ktime_ns = run->wall.last.ktime_ns,
		.wall_ns = run->wall.last.wall_ns,
	};

	snprintf(start.host, sizeof(start.host), "%s", run->host.nodename);
	snprintf(start.kernel, sizeof(start.kernel), "%s", run->host.release);
	snprintf(start.machine, sizeof(start.machine), "%s", run->host.machine);
	snprintf(start.boot_id, sizeof(start.boot_id), "%s", run->boot_id);
	snprintf(start.tier, sizeof(start.tier), "%s", run->tier);
	snprintf(start.version, sizeof(start.version), "%s", run->version);
	return raw_out_put(out, RAW_START, &start, sizeof(start), NULL, 0);
}

/* What must stand in each file before the first record, and behind each gap. */
static int begin(struct recording *recording)
{
	const struct pipeline *pipeline = recording->pipeline;
	struct raw_out *out = &((struct writer *)recording->state)->out;

	return put_start(recording, out) ?: put_names(out) ?:
	       cgroups_each(pipeline->cgroups, put_cgroup, out);
}

/* What was handed on and is not in the file. */
static void lose(struct recording *recording)
{
	struct writer *writer = recording->state;
	uint64_t handed = recording->pipeline->totals.emitted;

	writer->kept.acts = handed - writer->safe;
	store_lost_add(&recording->lost, &writer->kept);
	writer->missing += writer->kept.acts;
	writer->kept = (struct store_lost){ 0 };
	writer->safe = handed;
}

static void say(const struct recording *recording, int rc)
{
	struct writer *writer = recording->state;
	uint64_t now = run_now();

	if (writer->said_ns && now - writer->said_ns < SAY_NS)
		return;
	message_tell("cannot write '%s': %s; %" PRIu64 " acts are lost so far, each second it is "
		     "tried again", recording->path, strerror(-rc), recording->lost.acts);
	writer->said_ns = now;
	writer->said = true;
}

/*
 * What became of a write.  A file was cut back to where it was whole, so that recording can go on
 * later; a pipe cannot take back half a frame, nor can a reader that went away return.
 */
static int settle(struct recording *recording, int rc)
{
	struct writer *writer = recording->state;

	if (!rc)
		return 0;
	if (!writer->out.regular)
		return writer->error = rc;
	if (!writer->down)
		writer->since_ns = wall_at(&recording->pipeline->run->wall, run_now());
	writer->down = true;
	writer->tried_ns = run_now();
	lose(recording);
	say(recording, rc);
	return 0;
}

static int put(struct recording *recording, enum raw_type type, const void *head,
	       size_t head_size, const void *tail, size_t tail_size)
{
	struct writer *writer = recording->state;

	if (writer->down || writer->error)
		return writer->error;
	return settle(recording, raw_out_put(&writer->out, type, head, head_size, tail,
					     tail_size));
}

/* Again from the start of a run, as after it: names may have come meanwhile. */
static int put_gap(struct recording *recording)
{
	struct writer *writer = recording->state;
	const struct raw_gap gap = {
		.kind = RAW_GAP_FULL,
		.since_ns = writer->since_ns,
		.until_ns = wall_at(&recording->pipeline->run->wall, run_now()),
		.count = writer->missing,
	};

	return begin(recording) ?:
	       raw_out_put(&writer->out, RAW_GAP, &gap, sizeof(gap), NULL, 0) ?:
	       raw_out_flush(&writer->out);
}

static void come_back(struct recording *recording)
{
	struct writer *writer = recording->state;
	int rc;

	lose(recording);
	rc = put_gap(recording);
	if (rc) {
		settle(recording, rc);
		return;
	}
	writer->down = false;
	writer->missing = 0;
	if (writer->said)
		message_tell("'%s' is written again", recording->path);
	writer->said = false;
}

static int flush(struct recording *recording)
{
	struct writer *writer = recording->state;
	int rc;

	if (writer->down || writer->error)
		return writer->error;
	rc = settle(recording, raw_out_flush(&writer->out));
	writer->safe = recording->pipeline->totals.emitted;
	writer->kept = (struct store_lost){ 0 };
	return rc;
}

static int raw_start(const struct sink_options *options, const struct run *run)
{
	(void)run;
	return settle(options->recording, begin(options->recording)) ?: flush(options->recording);
}

static int raw_record(const struct sink_options *options, const void *data, size_t size)
{
	const struct record *record = data;

	writer_of(options)->fresh = true;
	if (size > offsetof(struct record, kind))
		store_lost_count(&writer_of(options)->kept, record->kind);
	return put(options->recording, RAW_RECORD, data, size, NULL, 0);
}

static int raw_clock(const struct sink_options *options, const struct run *run,
		     const struct wall_step *step)
{
	const struct raw_clock clock = {
		.ktime_ns = step->ktime_ns,
		.wall_ns = step->wall_ns,
		.step_ns = step->step_ns,
		.slept_ns = step->slept_ns,
	};

	(void)run;
	return put(options->recording, RAW_CLOCK, &clock, sizeof(clock), NULL, 0);
}

static int raw_suppressed(const struct sink_options *options, const struct run *run,
			  const char *share, uint64_t count)
{
	const struct raw_suppressed suppressed = { .now_ns = options->now_ns, .count = count };

	(void)run;
	return put(options->recording, RAW_SUPPRESSED, &suppressed, sizeof(suppressed), share,
		   strlen(share));
}

/* The reader hands on what we would have, and when: so it meets the same acts late as we did. */
static void put_drain(const struct sink_options *options)
{
	const struct raw_drain drain = {
		.now_ns = options->now_ns,
		.amends_lost = options->recording->pipeline->order.amends_lost,
	};

	put(options->recording, RAW_DRAIN, &drain, sizeof(drain), NULL, 0);
}

/* Some acts wait for others: the last of a batch too are due, though no record comes. */
static uint64_t raw_tick(const struct sink_options *options)
{
	struct recording *recording = options->recording;
	struct writer *writer = recording->state;
	uint64_t now = options->now_ns;

	if (writer->down && now >= writer->tried_ns + RETRY_NS)
		come_back(recording);
	if (writer->fresh || (writer->settle_ns && now >= writer->settle_ns))
		put_drain(options);
	if (writer->fresh)
		writer->settle_ns = now + SETTLE_NS;
	else if (now >= writer->settle_ns)
		writer->settle_ns = 0;
	writer->fresh = false;
	flush(recording);
	if (writer->down)
		return writer->tried_ns + RETRY_NS;
	return writer->settle_ns ?: UINT64_MAX;
}

/* Of the run's totals, those of the file. */
static void put_totals(struct recording *recording, enum raw_type type,
		       const struct totals *totals)
{
	struct totals own = *totals;
	struct raw_end end = { 0 };

	recording_own(recording, &own);
	memcpy(end.note, own.note, sizeof(own.note));
#define COUNT(member) end.total[RAW_TOTAL_##member] = own.member;
	RAW_TOTALS(COUNT)
#undef COUNT
	put(recording, type, &end, sizeof(end), NULL, 0);
}

static int raw_end(const struct sink_options *options, const struct run *run,
		   const struct totals *totals)
{
	struct recording *recording = options->recording;
	struct writer *writer = writer_of(options);

	(void)run;
	if (writer->down)
		come_back(recording);
	put_totals(recording, RAW_END, totals);
	return flush(recording) ?: (writer->down ? -ENOSPC : 0);
}

static int raw_open(struct recording *recording, char message[MESSAGE])
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return -ENOMEM;
	writer->out.fd = -1;
	recording->state = writer;
	return raw_out_open(&writer->out, recording->path, message);
}

/* What was recorded stays in the old file, and says where it ends. */
static int turn(struct recording *recording)
{
	struct writer *writer = recording->state;
	int old = writer->out.fd, rc;
	char message[MESSAGE];
	struct totals totals;

	recording->count(recording, &totals);
	put_totals(recording, RAW_TURN, &totals);
	rc = flush(recording);
	/* What the old file did not take is told by the new one. */
	recording_turn(recording, writer->down ? &recording->before : &totals);
	if (rc)
		return rc;
	if (!store_file_was_renamed(old, recording->path))
		return raw_out_renew(&writer->out);
	rc = raw_out_open(&writer->out, recording->path, message);
	if (!rc)
		close(old);
	return rc;
}

static int raw_reopen(struct recording *recording)
{
	struct writer *writer = recording->state;
	int rc;

	if (!raw_out_was_cut(&writer->out) &&
	    !store_file_was_renamed(writer->out.fd, recording->path))
		return 0;
	rc = turn(recording);
	if (rc)
		return rc;
	if (!writer->down)
		return settle(recording, begin(recording)) ?: flush(recording);
	come_back(recording);
	return 0;
}

static bool raw_is_gone(const struct recording *recording)
{
	const struct writer *writer = recording->state;

	return raw_out_was_cut(&writer->out) ||
	       store_file_was_removed(writer->out.fd, recording->path);
}

static void raw_close(struct recording *recording)
{
	struct writer *writer = recording->state;

	if (writer)
		raw_out_close(&writer->out);
	free(writer);
	recording->state = NULL;
}

static const struct recorder raw_recorder = {
	.sink = {
		.name = "raw",
		.summary = "as the kernel told it, judged by report",
		.record = raw_record,
		.start = raw_start,
		.clock = raw_clock,
		.suppressed = raw_suppressed,
		.tick = raw_tick,
		.end = raw_end,
	},
	.suffix = ".ctr",
	.open = raw_open,
	.reopen = raw_reopen,
	.is_gone = raw_is_gone,
	.close = raw_close,
};
RECORDER_REGISTER(raw_recorder);
