// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* json.c - one flat object a line: docs/schema.json */
#include <inttypes.h>

#include "../field.h"
#include "../frame.h"
#include "../json_line.h"
#include "../json_text.h"
#include "../note.h"
#include "../words.h"
#include "sink.h"

static void add_time(struct json_object *line, uint64_t wall_ns)
{
	char text[WORDS_TIME];

	words_time(wall_ns, text);
	json_line_text(line, "time", text);
}

static void add_id(struct json_object *line, const char *key, uint64_t id)
{
	char text[20];

	snprintf(text, sizeof(text), "%" PRIx64, id);
	json_line_text(line, key, text);
}

static int json_start(const struct sink_options *options, const struct run *run)
{
	struct json_object *line = json_line_new("start");
	char host[4 * sizeof(run->host.nodename)];

	add_time(line, run->start_wall_ns);
	add_id(line, "run", run->id);
	json_line_count(line, "schema", CLOSETRACE_SCHEMA);
	json_line_text(line, "version", run->version);
	words_inert(run->host.nodename, sizeof(run->host.nodename), host, sizeof(host));
	json_line_text(line, "host", host);
	json_line_text(line, "kernel", run->host.release);
	json_line_text(line, "machine", run->host.machine);
	json_line_text(line, "tier", run->tier);
	json_line_text(line, "boot_id", run->boot_id[0] ? run->boot_id : NULL);
	return json_line_write(options->out, line);
}

static void put_frames(struct json_text *line, const struct frames *frames)
{
	char text[FRAME_TEXT];

	json_text_list_begin(line);
	for (size_t i = 0; i < frames->count; i++) {
		if (i)
			json_text_list_next(line);
		frame_text(&frames->frame[i], text);
		json_text_string(line, text);
	}
	json_text_list_end(line);
}

static void put_value(struct json_text *line, const struct value *value)
{
	switch (value->kind) {
	case VALUE_TEXT:
		json_text_string(line, value->text);
		break;
	case VALUE_INTEGER:
		json_text_integer(line, value->integer);
		break;
	case VALUE_BOOLEAN:
		json_text_boolean(line, value->boolean);
		break;
	case VALUE_FRAMES:
		put_frames(line, value->frames);
		break;
	default:
		json_text_string(line, NULL);
	}
}

/* @value is scratch: it is too large to be cleared for each key. */
static void put_field(struct json_text *line, const struct field *field, const struct act *act,
		      struct value *value)
{
	value->kind = VALUE_ABSENT;
	field->get(act, value);
	if (value->kind == VALUE_ABSENT)
		return;
	json_text_name(line, field->name, field->name_size);
	put_value(line, value);
}

static int json_act(const struct sink_options *options, const struct act *act)
{
	struct json_text line;
	struct value value;

	json_text_begin(&line, options->out, "act");
	for (size_t i = 0; i < field_count; i++)
		put_field(&line, &fields[i], act, &value);
	return json_text_end(&line);
}

/* Who closed which connection, and who holds it still. */
static int json_held(const struct sink_options *options, const struct act *act,
		     const struct held *held)
{
	struct json_text line;
	struct value value;

	json_text_begin(&line, options->out, "held");
	for (size_t i = 0; i < field_count; i++) {
		if (field_of_held(&fields[i]))
			put_field(&line, &fields[i], act, &value);
	}
	json_text_key(&line, "references");
	json_text_integer(&line, held->record.references);
	json_text_key(&line, "holders");
	json_text_list_begin(&line);
	for (size_t i = 0; i < held->count; i++) {
		if (i)
			json_text_list_next(&line);
		json_text_integer(&line, held->pids[i]);
	}
	json_text_list_end(&line);
	return json_text_end(&line);
}

static int json_note(const struct sink_options *options, const struct act *note)
{
	struct json_text line;
	struct value value;

	json_text_begin(&line, options->out, "note");
	json_text_key(&line, "note");
	json_text_string(&line, note_info(note)->name);
	for (size_t i = 0; i < field_count; i++) {
		if (note_has_field(&fields[i], note_info(note)->task))
			put_field(&line, &fields[i], note, &value);
	}
	return json_text_end(&line);
}

static int json_clock(const struct sink_options *options, const struct run *run,
		      const struct wall_step *step)
{
	struct json_object *line = json_line_new("clock");

	add_time(line, step->wall_ns);
	json_line_count(line, "ktime_ns", step->ktime_ns);
	add_id(line, "run", run->id);
	json_line_add(line, "step_us", json_object_new_int64(step->step_ns / 1000));
	json_line_add(line, "slept_us", json_object_new_int64(step->slept_ns / 1000));
	return json_line_write(options->out, line);
}

static int json_suppressed(const struct sink_options *options, const struct run *run,
			   const char *share, uint64_t count)
{
	struct json_object *line = json_line_new("suppressed");

	add_time(line, wall_at(&run->wall, options->now_ns));
	add_id(line, "run", run->id);
	json_line_text(line, "share", share);
	json_line_count(line, "suppressed", count);
	return json_line_write(options->out, line);
}

static int json_gap(const struct sink_options *options, const struct gap *gap)
{
	struct json_object *line = json_line_new("gap");
	char until[WORDS_TIME];

	add_time(line, gap->since_ns);
	words_time(gap->until_ns, until);
	json_line_text(line, "until", until);
	add_id(line, "run", gap->run);
	json_line_text(line, "kind", gap_kind_name(gap->kind));
	if (gap->kind == GAP_STOPPED)
		json_line_add(line, "acts", NULL);	/* nobody knows */
	else
		json_line_count(line, "acts", gap->count);
	return json_line_write(options->out, line);
}

/* Null: without --all nobody looked. */
static void add_notes(struct json_object *line, const struct totals *totals)
{
	const struct { const char *key; uint64_t count; } keys[] = {
		{ "notes", totals->notes },
		{ "notes_filtered", totals->notes_filtered },
		{ "notes_lost", totals->notes_lost },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (totals->all)
			json_line_count(line, keys[i].key, keys[i].count);
		else
			json_line_add(line, keys[i].key, NULL);
	}
}

/* What became of all acts until now. */
static void add_account(struct json_object *line, const struct totals *totals)
{
	json_line_count(line, "seen", totals->seen);
	json_line_count(line, "emitted", totals->emitted);
	json_line_count(line, "filtered", totals->filtered);
	json_line_count(line, "unowned", totals->unowned);
	json_line_count(line, "lost", totals_lost(totals));
	json_line_count(line, "lost_ring", totals->lost_ring);
	json_line_count(line, "lost_pending", totals->lost_pending);
	json_line_count(line, "lost_table", totals->lost_table);
	json_line_count(line, "suppressed", totals->suppressed);
	json_line_count(line, "lost_store", totals->lost_store);
	json_line_count(line, "lost_amend", totals->lost_amend);
	json_line_count(line, "missed", totals->missed);
}

static void put_number(struct json_text *line, const char *key, uint32_t number)
{
	json_text_key(line, key);
	if (number)
		json_text_integer(line, number);
	else
		json_text_string(line, NULL);
}

/* The port of the side that is not the service's is 0: null. */
static int json_count(const struct sink_options *options, const struct run *run,
		      const struct count_line *count)
{
	const struct record_task *task = act_task(&count->act);
	char time[WORDS_TIME], comm[WORDS_COMM];
	struct json_text line;
	struct value value;

	json_text_begin(&line, options->out, "count");
	json_text_key(&line, "time");
	words_time(wall_at(&run->wall, options->now_ns), time);
	json_text_string(&line, time);
	put_field(&line, field_by_key("run"), &count->act, &value);
	for (const char *const *key = field_of_count; *key; key++)
		put_field(&line, field_by_key(*key), &count->act, &value);
	put_number(&line, "owner_pid", task ? task->pid : 0);
	json_text_key(&line, "owner_comm");
	if (task)
		words_comm(task->comm, sizeof(task->comm), comm);
	json_text_string(&line, task ? comm : NULL);
	put_number(&line, "lport", count->act.record.lport);
	put_number(&line, "rport", count->act.record.rport);
	json_text_key(&line, "others");
	json_text_boolean(&line, count->others);
	json_text_key(&line, "acts");
	json_text_integer(&line, (int64_t)count->acts);
	return json_text_end(&line);
}

static int json_stats(const struct sink_options *options, const struct run *run,
		      const struct stats_line *stats)
{
	struct json_object *line = json_line_new("stats");
	const struct usage *usage = stats->usage;

	add_time(line, wall_at(&run->wall, options->now_ns));
	add_id(line, "run", run->id);
	json_line_count(line, "interval_us", stats->interval_ns / 1000);
	json_line_count(line, "acts_per_s", stats_rate(stats, stats->seen));
	add_account(line, stats->totals);
	json_line_count(line, "ring_size", usage->ring_size);
	json_line_count(line, "ring_peak", stats->totals->ring_peak);
	json_line_add(line, "bpf_ns", usage->bpf_known ? json_object_new_uint64(usage->bpf_ns) :
							 NULL);
	json_line_add(line, "bpf_runs", usage->bpf_known ?
		      json_object_new_uint64(usage->bpf_runs) : NULL);
	json_line_count(line, "cpu_us", usage->cpu_us);
	json_line_count(line, "memory", usage->memory);
	return json_line_write(options->out, line);
}

static int json_end(const struct sink_options *options, const struct run *run,
		    const struct totals *totals)
{
	struct json_object *line = json_line_new("end");

	add_time(line, totals->end_wall_ns);
	add_id(line, "run", run->id);
	add_account(line, totals);
	json_line_count(line, "undecodable", totals->undecodable);
	json_line_count(line, "owner_full", totals->owner_full);
	json_line_count(line, "note_full", totals->note_full);
	json_line_count(line, "children_full", totals->children_full);
	json_line_count(line, "held", totals->held);
	json_line_count(line, "held_lost", totals->held_lost);
	json_line_count(line, "unfinished", totals->unfinished);
	json_line_count(line, "stack_full", totals->stack_full);
	json_line_count(line, "amended", totals->amended);
	json_line_count(line, "late", totals->late);
	add_notes(line, totals);
	json_line_count(line, "status", (uint64_t)totals->status);
	return json_line_write(options->out, line);
}

static const struct sink json_sink = {
	.name = "json",
	.runs = true,
	.summary = "one object a line, see docs/schema.json",
	.start = json_start,
	.act = json_act,
	.held = json_held,
	.note = json_note,
	.clock = json_clock,
	.gap = json_gap,
	.suppressed = json_suppressed,
	.count = json_count,
	.stats = json_stats,
	.end = json_end,
};
SINK_REGISTER(json_sink);
