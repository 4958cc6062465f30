/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "finding.h"
#include "held.h"
#include "judge.h"
#include "line.h"
#include "notes.h"

#define TEXTS 48
#define TEXT 192

/* The same text several times is counted; order between the ends means nothing. */
struct texts {
	struct text {
		char text[TEXT];
		unsigned int count;
	} text[TEXTS];
	unsigned int count;
};

static void texts_add(struct texts *texts, const char *text, unsigned int count)
{
	for (unsigned int i = 0; i < texts->count; i++) {
		if (!strcmp(texts->text[i].text, text)) {
			texts->text[i].count += count;
			return;
		}
	}
	if (texts->count == TEXTS)
		return;
	snprintf(texts->text[texts->count].text, TEXT, "%s", text);
	texts->text[texts->count++].count = count;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->text, ((const struct text *)b)->text);
}

/* A JSON array, "2 x " before what was there twice. */
static struct json_object *texts_array(struct texts *texts)
{
	struct json_object *array = json_object_new_array();
	char text[TEXT + 16];

	qsort(texts->text, texts->count, sizeof(*texts->text), by_text);
	for (unsigned int i = 0; i < texts->count; i++) {
		const struct text *one = &texts->text[i];

		if (one->count > 1)
			snprintf(text, sizeof(text), "%u x %s", one->count, one->text);
		else
			snprintf(text, sizeof(text), "%s", one->text);
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static void add_text(struct json_object *line, const char *key, const char *text)
{
	json_object_object_add(line, key, text ? json_object_new_string(text) : NULL);
}

/* The row that an act is about: with its state, else the first of its cause; NULL: none. */
static const struct scenario_act *row_of(const struct json_object *act, const struct trial *trial,
					 int end)
{
	const struct scenario_act *found = NULL;

	for (int i = 0; i < SCENARIO_ACTS && trial->scenario->acts[i].cause; i++) {
		const struct scenario_act *row = &trial->scenario->acts[i];

		if ((int)row->end != end || !judge_is_cause(row, line_text(act, "cause")))
			continue;
		if (row->state && line_says(act, "state", row->state))
			return row;
		found = found ?: row;
	}
	return found;
}

static const char *arrow(const struct json_object *act)
{
	if (line_says(act, "wire", "fin"))
		return "FIN>";
	if (line_says(act, "wire", "rst"))
		return line_says(act, "dir", "in") ? "<RST" : "RST>";
	return "-";
}

/* Of what the scenario does not look at, nothing is told: that may be so or so. */
static void say_act(const struct json_object *act, const struct trial *trial, struct texts *texts)
{
	int end = judge_end_of(act, &trial->ends);
	const struct scenario_act *row = row_of(act, trial, end);
	const char *state = !row || row->state ? line_text(act, "state") : NULL;
	/* Whoever runs the collector of Unix sockets is not known everywhere; see judge.c. */
	bool certain = row && row->via && (strcmp(row->via, "scm_gc") ||
					   line_says(act, "via", row->via));
	const char *via = certain ? line_text(act, "via") : NULL;
	const char *error = !row || row->error ? line_text(act, "errno") : NULL;
	const char *cause = row ? row->cause : line_text(act, "cause");
	const char *other = row ? row->other : NULL;
	char text[TEXT];

	snprintf(text, sizeof(text), "%s %s %s%s%s%s%s%s%s%s%s%s",
		 end < 0 ? "?" : lab_end_name(end), arrow(act), cause, other ? " or " : "",
		 other ?: "", state ? " in " : "", state ?: "", via ? " by " : "", via ?: "",
		 error ? " (" : "", error ?: "", error ? ")" : "");
	texts_add(texts, text, 1);
}

static struct json_object *said(const struct trial *trial, const struct tracer *tracer)
{
	struct texts texts = { 0 };

	for (size_t i = 0; i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], "act", trial))
			say_act(tracer->line[i], trial, &texts);
	}
	return texts_array(&texts);
}

/* The kernel's own word for a reset, where it has one (6.10 and later). */
static struct json_object *reasons(const struct trial *trial, const struct tracer *tracer)
{
	struct texts texts = { 0 };

	for (size_t i = 0; i < tracer->lines; i++) {
		const struct json_object *act = tracer->line[i];
		const char *reason = line_text(act, "reason");
		int end = judge_end_of(act, &trial->ends);
		char text[TEXT];

		if (!reason || !judge_is_of(act, "act", trial))
			continue;
		snprintf(text, sizeof(text), "%s %s: %s", end < 0 ? "?" : lab_end_name(end),
			 line_text(act, "cause"), reason);
		texts_add(&texts, text, 1);
	}
	return texts_array(&texts);
}

/* Where a scenario names its notes; not those that the base tier may tell or not. */
static void say_note(const struct json_object *note, const struct trial *trial,
		     struct texts *texts)
{
	bool server = line_number(note, "lport") == trial->ends.server_port;
	char text[TEXT];

	for (int i = 0; i < SCENARIO_NOTES && trial->scenario->notes[i].name; i++) {
		const struct scenario_note *row = &trial->scenario->notes[i];

		if (row->either && line_says(note, "note", row->name))
			return;
	}
	snprintf(text, sizeof(text), "%s %s", server ? "server" : "client",
		 line_text(note, "note"));
	texts_add(texts, text, 1);
}

static struct json_object *noted(const struct trial *trial, const struct tracer *tracer)
{
	struct texts texts = { 0 };

	for (size_t i = 0; trial->scenario->notes[0].name && i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], "note", trial))
			say_note(tracer->line[i], trial, &texts);
	}
	return texts_array(&texts);
}

static struct json_object *wire(const struct trial *trial)
{
	struct texts texts = { 0 };

	for (int end = 0; end < LAB_END_COUNT; end++) {
		struct scenario_wire sent = trial_wire(trial, end);
		const struct { const char *name; unsigned int count; } kinds[] = {
			{ "FIN|ACK", sent.fin }, { "RST", sent.rst }, { "RST|ACK", sent.rst_ack },
		};

		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			char text[TEXT];

			snprintf(text, sizeof(text), "%s %s", lab_end_name(end), kinds[i].name);
			if (kinds[i].count)
				texts_add(&texts, text, kinds[i].count);
		}
	}
	return texts_array(&texts);
}

/* Each segment, as it came. */
static struct json_object *packets(const struct trial *trial)
{
	struct json_object *array = json_object_new_array();
	char text[TEXT], data[32];

	for (unsigned int i = 0; i < trial->packets; i++) {
		const struct capture_packet *packet = &trial->packet[i];
		bool server = packet->sport == trial->ends.server_port;

		*data = '\0';
		if (packet->len)
			snprintf(data, sizeof(data), " with %" PRIu32 " B", packet->len);
		snprintf(text, sizeof(text), "%s %s seq %" PRIu32 " ack %" PRIu32 "%s%s%s",
			 server ? "server" : "client", trial_packet_name(packet), packet->seq,
			 packet->ack, data, packet->again ? " again" : "",
			 packet->seq_right || trial->scenario->forged ? "" : " wrong");
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

/* How often the kernel resent something depends on the machine. */
static void add_counter(struct json_object *object, int counter, int64_t value)
{
	if (value && counter != COUNTER_RetransSegs)
		json_object_object_add(object, counters_name(counter),
				       json_object_new_int64(value));
}

static struct json_object *counted(const struct trial *trial)
{
	struct json_object *object = json_object_new_object();

	for (int i = 0; i < COUNTER_COUNT; i++)
		add_counter(object, i, trial->delta.value[i]);
	return object;
}

static struct json_object *expected(const struct scenario *scenario)
{
	struct json_object *object = json_object_new_object();

	for (int i = 0; i < COUNTER_COUNT; i++)
		add_counter(object, i, scenario->counters[i]);
	return object;
}

static struct json_object *errors(const struct lab_errors *errors)
{
	struct json_object *array = json_object_new_array();
	char text[TEXT];

	for (unsigned int i = 0; i < errors->count; i++) {
		snprintf(text, sizeof(text), "%s %s", lab_who_name(errors->error[i].who),
			 strerrorname_np(errors->error[i].error));
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static struct json_object *begin(const struct fleet_case *one, const char *tier)
{
	struct json_object *line = json_object_new_object();

	add_text(line, "type", "verify");
	add_text(line, "scenario", one->scenario->name);
	add_text(line, "summary", one->scenario->summary);
	add_text(line, "tier", tier);
	add_text(line, "family", trial_family_name(one->family));
	add_text(line, "path", one->veth ? "veth" : "lo");
	return line;
}

struct json_object *finding_skipped(const struct fleet_case *one, const char *tier,
				    const char *reason)
{
	static const char *const keys[] = {
		"agree", "said", "reasons", "notes", "wire", "counters", "counters_expected",
		"errno", "failed",
	};
	struct json_object *line = begin(one, tier);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		json_object_object_add(line, keys[i], NULL);
	add_text(line, "note", reason);
	add_text(line, "did", NULL);
	json_object_object_add(line, "packets", NULL);
	return line;
}

/* Where the witnesses differ, or what closetrace cannot tell here; NULL: nothing of either. */
static char *judge(const struct trial *trial, const struct tracer *tracer, struct skips *skips,
		   bool *agree)
{
	const struct skips_row *without = NULL;
	char *note = NULL;
	size_t size;
	FILE *out = open_memstream(&note, &size);

	if (!out)
		abort();
	*agree = !trial_check(trial, out);
	if (!trial->error)
		*agree &= !(judge_acts(trial, tracer, skips, &without, out) +
			    notes_judge(trial, tracer, skips, &without, out) +
			    held_judge(trial, tracer, out));
	if (*agree && without)
		fprintf(out, "without %s: %s", without->cause, without->reason);
	fclose(out);
	for (char *c = note; *c; c++) {
		if (*c == '\n')
			*c = c[1] ? ';' : '\0';
	}
	return note;
}

/* The lines about one trial: to look through all of them for each question would take long. */
static struct tracer lines_of(const struct trial *trial, const struct tracer *tracer)
{
	struct tracer own = *tracer;

	own.lines = 0;
	own.line = calloc(tracer->lines + 1, sizeof(*own.line));
	if (!own.line)
		abort();
	for (size_t i = 0; i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], line_text(tracer->line[i], "type"), trial))
			own.line[own.lines++] = tracer->line[i];
	}
	return own;
}

struct json_object *finding_new(const struct fleet_case *one, const struct tracer *tracer,
				struct skips *skips)
{
	struct json_object *line = begin(one, tracer->tier);
	const struct trial *trial = &one->trial;
	struct tracer own = lines_of(trial, tracer);
	char failed[sizeof(trial->step) + 64];
	bool agree;
	char *note = judge(trial, &own, skips, &agree);

	snprintf(failed, sizeof(failed), "%s: %s", trial->step, strerrordesc_np(-trial->error));
	json_object_object_add(line, "agree", json_object_new_boolean(agree));
	json_object_object_add(line, "said", said(trial, &own));
	json_object_object_add(line, "reasons", reasons(trial, &own));
	json_object_object_add(line, "notes", noted(trial, &own));
	json_object_object_add(line, "wire", wire(trial));
	json_object_object_add(line, "counters", counted(trial));
	json_object_object_add(line, "counters_expected", expected(trial->scenario));
	json_object_object_add(line, "errno", errors(&trial->errors));
	add_text(line, "failed", trial->error ? failed : NULL);
	add_text(line, "note", *note ? note : NULL);
	add_text(line, "did", trial->story);
	json_object_object_add(line, "packets", packets(trial));
	free(own.line);
	free(note);
	return line;
}
