// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* raw_write.c - the recorder of the raw form, see raw_form.h */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "../pipeline.h"
#include "../words.h"
#include "raw_calls.h"
#include "raw_form.h"
#include "raw_read.h"
#include "recorder.h"
#include "store_file.h"

#define ROOM		(1 << 18)	/* bytes that wait for the end of a batch */
#define SETTLE_NS	100000000ULL	/* all that waits for another record was told by then */

struct writer {
	int fd;
	size_t used;
	bool fresh;			/* records came since the last RAW_DRAIN */
	uint64_t settle_ns;		/* when to write one more; 0: it was */
	int error;			/* of a tick, which cannot tell */
	char data[ROOM];
};

static struct writer *writer_of(const struct sink_options *options)
{
	return options->recording->state;
}

static int flush(struct writer *writer)
{
	size_t done = 0;

	while (done < writer->used) {
		ssize_t n = write(writer->fd, writer->data + done, writer->used - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n < 0 ? 0 : (size_t)n;
	}
	writer->used = 0;
	return 0;
}

/* A frame of two parts, the second of which may be empty. */
static int put(struct writer *writer, enum raw_type type, const void *head, size_t head_size,
	       const void *tail, size_t tail_size)
{
	struct raw_frame frame = { .type = type, .size = (uint32_t)(head_size + tail_size) };
	int rc = writer->used + sizeof(frame) + frame.size > ROOM ? flush(writer) : 0;
	char *at = writer->data + writer->used;

	if (rc)
		return rc;
	if (head_size)
		memcpy(at + sizeof(frame), head, head_size);
	if (tail_size)
		memcpy(at + sizeof(frame) + head_size, tail, tail_size);
	memcpy(at, &frame, sizeof(frame));
	frame.crc = (uint32_t)crc32(0, (Bytef *)at + sizeof(frame.crc),
				    (uInt)(sizeof(frame) - sizeof(frame.crc) + frame.size));
	memcpy(at, &frame, sizeof(frame));
	writer->used += sizeof(frame) + frame.size;
	return 0;
}

static int put_name(struct writer *writer, enum raw_names of, uint32_t number, const char *text)
{
	const struct raw_name name = { .of = of, .number = number };

	return put(writer, RAW_NAME, &name, sizeof(name), text, strlen(text));
}

static int put_names(struct writer *writer)
{
	const char *text;
	int rc = 0;

	for (unsigned int i = 0; !rc && i < WORDS_NAMES; i++) {
		if (words_state(i))
			rc = put_name(writer, RAW_STATES, i, words_state(i));
		text = words_reason_name(i);
		if (!rc && text)
			rc = put_name(writer, RAW_REASONS, i, text);
	}
	for (size_t i = 0; !rc && i < raw_call_count; i++)
		rc = put_name(writer, RAW_CALLS, (uint32_t)raw_calls[i].number, raw_calls[i].name);
	return rc;
}

static int put_cgroup(void *context, uint64_t id, const char *path)
{
	const struct raw_cgroup cgroup = { .id = id };

	return put(context, RAW_CGROUP, &cgroup, sizeof(cgroup), path, strlen(path));
}

static int put_start(struct writer *writer, const struct run *run)
{
	struct raw_start start = {
		.run = run->id,
		.start_wall_ns = run->start_wall_ns,
		.ktime_ns = run->wall.last.ktime_ns,
		.wall_ns = run->wall.last.wall_ns,
	};

	snprintf(start.host, sizeof(start.host), "%s", run->host.nodename);
	snprintf(start.kernel, sizeof(start.kernel), "%s", run->host.release);
	snprintf(start.machine, sizeof(start.machine), "%s", run->host.machine);
	snprintf(start.boot_id, sizeof(start.boot_id), "%s", run->boot_id);
	snprintf(start.tier, sizeof(start.tier), "%s", run->tier);
	snprintf(start.version, sizeof(start.version), "%s", run->version);
	return put(writer, RAW_START, &start, sizeof(start), NULL, 0);
}

/* What must stand in each file before the first record. */
static int begin(struct recording *recording)
{
	const struct pipeline *pipeline = recording->pipeline;
	struct writer *writer = recording->state;

	return put_start(writer, pipeline->run) ?: put_names(writer) ?:
	       cgroups_each(pipeline->cgroups, put_cgroup, writer) ?: flush(writer);
}

static int raw_start(const struct sink_options *options, const struct run *run)
{
	(void)run;
	return begin(options->recording);
}

static int raw_record(const struct sink_options *options, const void *data, size_t size)
{
	struct writer *writer = writer_of(options);

	writer->fresh = true;
	return writer->error ?: put(writer, RAW_RECORD, data, size, NULL, 0);
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
	return put(writer_of(options), RAW_CLOCK, &clock, sizeof(clock), NULL, 0);
}

static int raw_suppressed(const struct sink_options *options, const struct run *run,
			  const char *share, uint64_t count)
{
	const struct raw_suppressed suppressed = { .now_ns = options->now_ns, .count = count };

	(void)run;
	return put(writer_of(options), RAW_SUPPRESSED, &suppressed, sizeof(suppressed), share,
		   strlen(share));
}

/* The reader hands on what we would have, and when: so it meets the same acts late as we did. */
static int put_drain(struct writer *writer, const struct sink_options *options)
{
	const struct raw_drain drain = {
		.now_ns = options->now_ns,
		.amends_lost = options->recording->pipeline->order.amends_lost,
	};

	return put(writer, RAW_DRAIN, &drain, sizeof(drain), NULL, 0);
}

/* Some acts wait for others: the last of a batch too are due, though no record comes. */
static uint64_t raw_tick(const struct sink_options *options)
{
	struct writer *writer = writer_of(options);
	bool due = writer->settle_ns && options->now_ns >= writer->settle_ns;

	if (writer->fresh)
		writer->settle_ns = options->now_ns + SETTLE_NS;
	else if (due)
		writer->settle_ns = 0;
	if (!writer->error && (writer->fresh || due))
		writer->error = put_drain(writer, options);
	writer->fresh = false;
	if (!writer->error)
		writer->error = flush(writer);
	return writer->settle_ns ?: UINT64_MAX;
}

static int raw_end(const struct sink_options *options, const struct run *run,
		   const struct totals *totals)
{
	struct writer *writer = writer_of(options);
	struct raw_end end = { 0 };

	(void)run;
	memcpy(end.note, totals->note, sizeof(totals->note));
#define COUNT(member) end.total[RAW_TOTAL_##member] = totals->member;
	RAW_TOTALS(COUNT)
#undef COUNT
	return writer->error ?: put(writer, RAW_END, &end, sizeof(end), NULL, 0) ?: flush(writer);
}

static int put_header(struct writer *writer)
{
	struct raw_header header = {
		.order = RAW_ORDER,
		.version = RAW_VERSION,
		.record_size = sizeof(struct record),
	};

	memcpy(header.magic, RAW_MAGIC, sizeof(header.magic));
	memcpy(writer->data, &header, sizeof(header));
	writer->used = sizeof(header);
	return flush(writer);
}

/* A file that holds a record goes on behind its last whole frame, any other gets a header. */
static int take_file(struct writer *writer, const char *path, char message[MESSAGE])
{
	int rc = store_file_open(path, message);

	if (rc < 0)
		return rc;
	writer->fd = rc;
	rc = store_file_is_new(writer->fd, path) ? put_header(writer) : raw_resume(writer->fd);
	if (rc == -EPROTO || rc == -EBADMSG)
		message_form(message, "'%s' is damaged, or no record that this closetrace can go "
			     "on with; name another with -w", path);
	else if (rc)
		message_form(message, "cannot write '%s': %s", path, strerror(-rc));
	return rc;
}

static int raw_open(struct recording *recording, char message[MESSAGE])
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return -ENOMEM;
	writer->fd = -1;
	recording->state = writer;
	return take_file(writer, recording->path, message);
}

/* What was recorded stays in the old file, and says where it ends. */
static int raw_reopen(struct recording *recording)
{
	struct writer *writer = recording->state;
	char message[MESSAGE];
	int old = writer->fd, rc;

	if (!store_file_was_renamed(old, recording->path))
		return 0;
	rc = put(writer, RAW_TURN, NULL, 0, NULL, 0) ?: flush(writer);
	if (!rc)
		rc = take_file(writer, recording->path, message);
	if (rc)
		return rc;
	close(old);
	return begin(recording);
}

static void raw_close(struct recording *recording)
{
	struct writer *writer = recording->state;

	if (writer && writer->fd >= 0)
		close(writer->fd);
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
	.close = raw_close,
};
RECORDER_REGISTER(raw_recorder);
