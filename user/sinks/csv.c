// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * csv.c - RFC 4180: a record an act, the keys of fields.def as header
 *
 * Names of processes and cgroups come from strangers, and spreadsheets run what begins with certain
 * characters: it gets an apostrophe.  One more way in is a semicolon, at which some of them divide
 * cells whatever the quotes say: it becomes \x3b, as other bytes do in words_inert().
 */
#include <inttypes.h>
#include <string.h>

#include "../field.h"
#include "../frame.h"
#include "../note.h"
#include "csv.h"
#include "../words.h"
#include "sink.h"

static int counts_start(FILE *out)
{
	fputs("type,time", out);
	for (const char *const *key = field_of_count; *key; key++)
		fprintf(out, ",%s", *key);
	fputs(",owner_pid,owner_comm,lport,rport,others,acts\r\n", out);
	return sink_failed(out);
}

static int csv_start(const struct sink_options *options, const struct run *run)
{
	if (!options->messages)
		return 0;
	sink_greet(options, run, "tracing");
	if (options->counts)
		return counts_start(options->out);
	fputs("type", options->out);
	for (size_t i = 0; i < field_count; i++)
		fprintf(options->out, ",%s", fields[i].key);
	fputs(",note,references,holders\r\n", options->out);
	return sink_failed(options->out);
}

/* What a spreadsheet takes for a formula, also in the wide forms of East Asian input. */
static bool runs(const char *text)
{
	static const char *const first[] = { "=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d",
					     "\uff20" };

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		if (!strncmp(text, first[i], strlen(first[i])))
			return true;
	}
	return false;
}

static void inner(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"')
			fputs("\"\"", out);
		else if (*text == ';')
			fputs("\\x3b", out);
		else
			fputc(*text, out);
	}
}

/* Always the same way back: an apostrophe that begins a cell is ours. */
static bool defused(const char *text)
{
	return *text == '\'' || runs(text);
}

static void text_cell(FILE *out, const char *text)
{
	if (!defused(text) && !strpbrk(text, "\",;")) {
		fputs(text, out);
		return;
	}
	fputs(defused(text) ? "\"'" : "\"", out);
	inner(out, text);
	fputc('"', out);
}

static void frames_cell(FILE *out, const struct frames *frames)
{
	char text[FRAME_TEXT];

	fputc('"', out);
	for (size_t i = 0; i < frames->count; i++) {
		frame_text(&frames->frame[i], text);
		if (!i && defused(text))
			fputc('\'', out);
		fputs(i ? " < " : "", out);
		inner(out, text);
	}
	fputc('"', out);
}

void csv_value(FILE *out, const struct value *value)
{
	switch (value->kind) {
	case VALUE_TEXT:
		text_cell(out, value->text);
		break;
	case VALUE_INTEGER:
		fprintf(out, "%" PRId64, value->integer);
		break;
	case VALUE_BOOLEAN:
		fputs(value->boolean ? "true" : "false", out);
		break;
	case VALUE_FRAMES:
		frames_cell(out, value->frames);
		break;
	default:
		break;
	}
}

static void cell(FILE *out, const struct field *field, const struct act *act)
{
	struct value value = { .kind = VALUE_ABSENT };

	field->get(act, &value);
	csv_value(out, &value);
}

static int csv_act(const struct sink_options *options, const struct act *act)
{
	fputs("act", options->out);
	for (size_t i = 0; i < field_count; i++) {
		fputc(',', options->out);
		cell(options->out, &fields[i], act);
	}
	fputs(",,,\r\n", options->out);
	return sink_failed(options->out);
}

static void number_cell(FILE *out, unsigned int number)
{
	fputc(',', out);
	if (number)
		fprintf(out, "%u", number);
}

static int csv_count(const struct sink_options *options, const struct run *run,
		     const struct count_line *count)
{
	const struct record_task *task = act_task(&count->act);
	char time[WORDS_TIME], comm[WORDS_COMM];
	FILE *out = options->out;

	words_time(wall_at(&run->wall, options->now_ns), time);
	fprintf(out, "count,%s", time);
	for (const char *const *key = field_of_count; *key; key++) {
		fputc(',', out);
		cell(out, field_by_key(*key), &count->act);
	}
	number_cell(out, task ? task->pid : 0);
	fputc(',', out);
	if (task) {
		words_comm(task->comm, sizeof(task->comm), comm);
		text_cell(out, comm);
	}
	number_cell(out, count->act.record.lport);
	number_cell(out, count->act.record.rport);
	fprintf(out, ",%s,%" PRIu64 "\r\n", count->others ? "true" : "false", count->acts);
	return sink_failed(out);
}

static int csv_held(const struct sink_options *options, const struct act *act,
		    const struct held *held)
{
	FILE *out = options->out;

	fputs("held", out);
	for (size_t i = 0; i < field_count; i++) {
		fputc(',', out);
		if (field_of_held(&fields[i]))
			cell(out, &fields[i], act);
	}
	fprintf(out, ",,%u,", held->record.references);
	for (size_t i = 0; i < held->count; i++)
		fprintf(out, "%s%d", i ? " " : "", held->pids[i]);
	fputs("\r\n", out);
	return sink_failed(out);
}

static int csv_note(const struct sink_options *options, const struct act *note)
{
	FILE *out = options->out;

	fputs("note", out);
	for (size_t i = 0; i < field_count; i++) {
		fputc(',', out);
		if (note_has_field(&fields[i], note_info(note)->task))
			cell(out, &fields[i], note);
	}
	fprintf(out, ",%s,,\r\n", note_info(note)->name);
	return sink_failed(out);
}

static int csv_end(const struct sink_options *options, const struct run *run,
		   const struct totals *totals)
{
	return sink_by_name("text")->end(options, run, totals);
}

static const struct sink csv_sink = {
	.name = "csv",
	.summary = "one record an act, for spreadsheets",
	.start = csv_start,
	.act = csv_act,
	.held = csv_held,
	.note = csv_note,
	.count = csv_count,
	.end = csv_end,
};
SINK_REGISTER(csv_sink);
