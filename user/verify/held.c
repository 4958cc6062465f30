/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>
#include <json-c/json.h>

#include "complain.h"
#include "held.h"
#include "judge.h"
#include "line.h"

struct judge {
	const struct trial *trial;
	const struct tracer *tracer;
	struct complaints to;
};

static pid_t closer_of(const struct scenario_held *want, const struct trial *trial)
{
	return want->child ? trial->ends.child : trial->ends.self.pid;
}

/* Who has a descriptor, as looked up some time after the close: those who stay, no strangers. */
static void check_holders(struct judge *judge, const struct json_object *line,
			  const struct scenario_held *want)
{
	const struct lab_ends *ends = &judge->trial->ends;
	const struct json_object *holders = line_get(line, "holders");
	size_t count = json_object_array_length(holders);
	int64_t expected = want->holder == HOLDER_NONE ? 0 :
			   want->holder == HOLDER_CHILD ? ends->child : ends->self.pid;

	for (size_t i = 0; i < count; i++) {
		int64_t pid = json_object_get_int64(json_object_array_get_idx(holders, i));

		if (pid != expected)
			complain(&judge->to, "%" PRId64 " holds it, expected %" PRId64, pid,
				 expected);
	}
	if (count != (expected != 0) && (want->stays || count))
		complain(&judge->to, "%zu holders", count);
}

static void check_line(struct judge *judge, const struct json_object *line,
		       const struct scenario_held *want)
{
	int64_t pid = line_number(line, "pid"), references = line_number(line, "references");

	if (pid != closer_of(want, judge->trial))
		complain(&judge->to, "pid is %" PRId64 ", expected %d", pid,
			 closer_of(want, judge->trial));
	if (references != 1)
		complain(&judge->to, "%" PRId64 " references, expected 1", references);
	if (!line_says(line, "via", want->via))
		complain(&judge->to, "via is %s, expected %s", line_text(line, "via") ?: "null",
			 want->via);
	if (!line_says(line, "state", "ESTABLISHED"))
		complain(&judge->to, "state is %s", line_text(line, "state") ?: "null");
	check_holders(judge, line, want);
}

/* The row of a line: who closed which end. */
static int row_of(const struct judge *judge, const struct json_object *line)
{
	const struct scenario_held *want = judge->trial->scenario->held;

	for (int i = 0; i < SCENARIO_HELD && want[i].via; i++) {
		if ((int)want[i].end == judge_end_of(line, &judge->trial->ends) &&
		    closer_of(&want[i], judge->trial) == line_number(line, "pid"))
			return i;
	}
	return -1;
}

static void check_lines(struct judge *judge)
{
	const struct scenario_held *want = judge->trial->scenario->held;
	unsigned int seen[SCENARIO_HELD] = { 0 };

	for (size_t i = 0; i < judge->tracer->lines; i++) {
		const struct json_object *line = judge->tracer->line[i];
		int row;

		if (!judge_is_of(line, "held", judge->trial))
			continue;
		row = row_of(judge, line);
		if (row < 0) {
			complain(&judge->to, "extra: %s by %" PRId64,
				 line_text(line, "via") ?: "null", line_number(line, "pid"));
			continue;
		}
		seen[row]++;
		check_line(judge, line, &want[row]);
	}
	for (int i = 0; i < SCENARIO_HELD && want[i].via; i++) {
		bool told = !want[i].full || !strcmp(judge->tracer->tier, "full");

		if (seen[i] != (told ? want[i].count : 0))
			complain(&judge->to, "%u x %s %s, expected %u", seen[i],
				 lab_end_name(want[i].end), want[i].via,
				 told ? want[i].count : 0);
	}
}

/* Whether a line of --held is about the socket of an act. */
static bool same_socket(const struct json_object *one, const struct json_object *other)
{
	return line_number(one, "netns") == line_number(other, "netns") &&
	       line_number(one, "lport") == line_number(other, "lport") &&
	       line_number(one, "rport") == line_number(other, "rport");
}

/* An act names the last close before it, if one was told. */
static void check_tie(struct judge *judge, const struct json_object *act)
{
	const struct json_object *last = NULL;
	int64_t ns = line_number(act, "ktime_ns");

	for (size_t i = 0; i < judge->tracer->lines; i++) {
		const struct json_object *line = judge->tracer->line[i];

		if (line_is(line, "held") && same_socket(line, act) &&
		    line_number(line, "ktime_ns") <= ns)
			last = line;
	}
	if (!last) {
		if (line_get(act, "held_us"))
			complain(&judge->to, "%s: held_us without a close",
				 line_text(act, "cause"));
		return;
	}
	ns -= line_number(last, "ktime_ns");
	if (line_number(act, "held_pid") != line_number(last, "pid") ||
	    line_number(act, "held_us") != ns / 1000)
		complain(&judge->to, "%s: closed %" PRId64 " us before by %" PRId64
			 ", expected %" PRId64 " by %" PRId64, line_text(act, "cause"),
			 line_number(act, "held_us"), line_number(act, "held_pid"), ns / 1000,
			 line_number(last, "pid"));
}

unsigned int held_judge(const struct trial *trial, const struct tracer *tracer, FILE *out)
{
	struct judge judge = {
		.trial = trial, .tracer = tracer, .to = { .about = "held", .out = out },
	};

	check_lines(&judge);
	for (size_t i = 0; i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], "act", trial))
			check_tie(&judge, tracer->line[i]);
	}
	return judge.to.count;
}

void held_print(const struct trial *trial, const struct tracer *tracer, FILE *out)
{
	for (size_t i = 0; i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], "held", trial))
			fprintf(out, "held: %s\n",
				json_object_to_json_string_ext(tracer->line[i],
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

unsigned int held_judge_stream(const struct tracer *tracer, FILE *out)
{
	const struct json_object *end = tracer->lines ? tracer->line[tracer->lines - 1] : NULL;
	int64_t lines = 0;

	for (size_t i = 0; i < tracer->lines; i++)
		lines += line_is(tracer->line[i], "held");
	if (end && line_number(end, "held") == lines && line_number(end, "held_lost") == 0)
		return 0;
	fprintf(out, "held: %" PRId64 " lines, but the end says %s\n", lines,
		end ? json_object_get_string((struct json_object *)end) : "nothing");
	return 1;
}
