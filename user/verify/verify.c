/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scenarios of the laboratory run side by side in private network namespaces, under a
 * closetrace that this one starts. All that is made belongs to processes that die with this one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <json-c/json.h>

#include "against.h"
#include "cases.h"
#include "choices.h"
#include "finding.h"
#include "fleet.h"
#include "held.h"
#include "judge.h"
#include "line.h"
#include "notes.h"
#include "output.h"
#include "report.h"
#include "round.h"
#include "run.h"
#include "skips.h"
#include "verify.h"
#include "words.h"

#define SECOND_LOOK 96u

struct verify {
	const struct options *options;
	struct fleet_case *cases;
	size_t count;
	const char **left_out;			/* why each case is; NULL: it runs */
	struct skips skips;
	struct round round;
	struct json_object *stored;		/* of --against */
	struct report report;
	FILE *out;				/* of --output */
	unsigned int ran, agreed, skipped;
	unsigned int again;			/* of those that agree, when asked again */
	unsigned int done;			/* of the cases, for the progress line */
	bool terminal;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "closetrace: %s: %s\n", what, why);
	return -EINVAL;
}

static int list(void)
{
	const struct scenario *row;

	for (size_t i = 0; (row = scenario_at(i)); i++)
		printf("%-26s %s%s%s\n", row->name, row->summary, row->slow ? " (--slow)" : "",
		       row->global ? " (--global)" : "");
	return STATUS_DONE;
}

static void show_progress(void *context)
{
	struct verify *verify = context;

	verify->done++;
	if (verify->terminal)
		fprintf(stderr, "\r%u of %u cases", verify->done, verify->ran);
}

static void clear_progress(const struct verify *verify)
{
	if (verify->terminal)
		fputs("\r\033[K", stderr);
}

static void leave_out(struct verify *verify)
{
	verify->skips.tier = verify->round.tracer.tier;
	for (size_t i = 0; i < verify->count; i++) {
		struct fleet_case *one = &verify->cases[i];
		const struct skips_row *row =
			skips_find(&verify->skips, trial_path_name(one->family, one->veth),
				   one->scenario->name, NULL);

		if (row)
			verify->left_out[i] = row->reason;
		else if (one->scenario->full && strcmp(verify->skips.tier, "full"))
			verify->left_out[i] = "undecided without function hooks";
		one->skipped = verify->left_out[i];
		verify->skipped += one->skipped;
		verify->ran += !one->skipped;
	}
}

static void judge_cases(struct verify *verify)
{
	verify->report.lines = json_object_new_array();
	for (size_t i = 0; i < verify->count; i++) {
		const struct fleet_case *one = &verify->cases[i];
		struct json_object *line;

		if (one->skipped)
			line = finding_skipped(one, verify->round.tracer.tier,
					       verify->left_out[i]);
		else
			line = finding_new(one, &verify->round.tracer, &verify->skips);
		verify->agreed += json_object_get_boolean(line_get(line, "agree"));
		json_object_array_add(verify->report.lines, line);
	}
}

/* Marks as skipped all cases but those that disagree; how many these are. */
static unsigned int choose_disagreeing(struct verify *verify)
{
	unsigned int chosen = 0;

	for (size_t i = 0; i < verify->count; i++) {
		const struct json_object *line =
			json_object_array_get_idx(verify->report.lines, i);
		struct json_object *agree = line_get(line, "agree");

		verify->cases[i].skipped = !agree || json_object_get_boolean(agree);
		chosen += !verify->cases[i].skipped;
	}
	return chosen;
}

static void judge_again(struct verify *verify, const struct tracer *tracer)
{
	for (size_t i = 0; i < verify->count; i++) {
		struct json_object *line;

		if (verify->cases[i].skipped)
			continue;
		line = finding_new(&verify->cases[i], tracer, &verify->skips);
		if (json_object_get_boolean(line_get(line, "agree"))) {
			verify->agreed++;
			verify->again++;
		}
		json_object_array_put_idx(verify->report.lines, i, line);
	}
}

/*
 * A machine that is busy with other things may keep closetrace waiting until it cannot tell any
 * more what it could have told: what disagrees is run once more, in peace. How many agreed only
 * then is told.
 */
static int look_again(struct verify *verify)
{
	struct round round = ROUND_NONE;
	unsigned int chosen = choose_disagreeing(verify);
	int rc;

	if (!chosen || chosen > SECOND_LOOK)
		return 0;
	rc = round_start(&round, verify->options);
	if (!rc)
		rc = round_run(&round, verify->cases, verify->count);
	if (!rc)
		judge_again(verify, &round.tracer);
	tracer_release(&round.tracer);
	return rc;
}

/* What is wrong with closetrace's own sums, in one line; "" when nothing is; to be freed. */
static char *judge_sums(const struct verify *verify)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	judge_stream(&verify->round.tracer, out);
	notes_judge_stream(&verify->round.tracer, out);
	held_judge_stream(&verify->round.tracer, out);
	fclose(out);
	for (char *c = text; *c; c++) {
		if (*c == '\n')
			*c = c[1] ? ';' : '\0';
	}
	return text;
}

static void add_number(struct json_object *line, const char *key, int64_t number)
{
	json_object_object_add(line, key, json_object_new_int64(number));
}

/* The line of type end; the exit status. */
static int sum_up(struct verify *verify)
{
	struct json_object *changes = verify->report.changes;
	size_t changed = changes ? json_object_array_length(changes) : 0;
	struct json_object *end = json_object_new_object();
	char *stream = judge_sums(verify), time[WORDS_TIME];
	bool found = changes ? changed : verify->agreed < verify->ran || *stream;
	int status = found ? STATUS_FOUND : STATUS_DONE;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	words_time((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, time);
	json_object_object_add(end, "type", json_object_new_string("end"));
	json_object_object_add(end, "time", json_object_new_string(time));
	json_object_object_add(end, "run", json_object_get(line_get(verify->report.start, "run")));
	add_number(end, "ran", verify->ran);
	add_number(end, "agreed", verify->agreed);
	add_number(end, "disagreed", verify->ran - verify->agreed);
	add_number(end, "skipped", verify->skipped);
	add_number(end, "again", verify->again);
	json_object_object_add(end, "changed",
			       changes ? json_object_new_int64((int64_t)changed) : NULL);
	json_object_object_add(end, "stream", *stream ? json_object_new_string(stream) : NULL);
	add_number(end, "status", status);
	free(stream);
	verify->report.end = end;
	return status;
}

static int print(struct verify *verify)
{
	const struct options *options = verify->options;
	const struct report_format *format = report_format(options->format);
	size_t unknown = 0;
	int status;

	verify->report.quiet = options->quiet;
	verify->report.verbose = options->verbose;
	verify->report.start = verify->round.tracer.line[0];
	if (verify->stored)
		verify->report.changes =
			against_compare(verify->stored, verify->report.lines, &unknown);
	status = sum_up(verify);
	if (verify->stored)
		format->changes(&verify->report, verify->out);
	else
		format->cases(&verify->report, verify->out);
	if (fflush(verify->out) || ferror(verify->out)) {
		if (errno == EPIPE)
			return STATUS_DONE;
		complain("cannot write", strerror(errno));
		return STATUS_IO;
	}
	if (unknown && !options->quiet)
		fprintf(stderr, "closetrace: %zu cases are not in %s\n", unknown,
			options->verify.against);
	return status;
}

/* Whatever can be wrong before anything runs; STATUS_DONE when nothing is. */
static int prepare(struct verify *verify)
{
	const struct option_verify *asked = &verify->options->verify;
	struct cases_choice choice = CASES_ALL;
	char message[256];
	int rc;

	choice.only = asked->only;
	choice.slow = asked->slow;
	choice.global = asked->global;
	if (cases_unknown(asked->only, message)) {
		fprintf(stderr, "closetrace: no scenario '%s'; see closetrace verify --list\n",
			message);
		return STATUS_USAGE;
	}
	if (asked->against) {
		verify->stored = against_load(asked->against, message);
		if (!verify->stored) {
			complain(asked->against, message);
			return STATUS_IO;
		}
	}
	rc = choices_take(asked, message);
	if (rc < 0) {
		fprintf(stderr, "closetrace: %s\n", message);
		return rc == -EPERM ? STATUS_CANNOT_TRACE : STATUS_USAGE;
	}
	verify->out = output_open(verify->options, message);
	if (!verify->out) {
		fprintf(stderr, "closetrace: %s\n", message);
		return STATUS_IO;
	}
	if (cases_list(&choice, &verify->cases, &verify->count) < 0)
		return STATUS_CANNOT_TRACE;
	verify->left_out = calloc(verify->count, sizeof(*verify->left_out));
	return verify->left_out ? STATUS_DONE : STATUS_CANNOT_TRACE;
}

static int run(struct verify *verify)
{
	int status = prepare(verify), rc;

	if (status != STATUS_DONE)
		return status;
	if (round_start(&verify->round, verify->options) < 0)
		return STATUS_CANNOT_TRACE;
	leave_out(verify);
	rc = round_run(&verify->round, verify->cases, verify->count);
	clear_progress(verify);
	if (rc < 0)
		return STATUS_CANNOT_TRACE;
	judge_cases(verify);
	if (look_again(verify) < 0)
		return STATUS_CANNOT_TRACE;
	return print(verify);
}

int verify_run(const struct options *options)
{
	struct verify verify = {
		.options = options,
		.round = ROUND_NONE,
		.terminal = !options->quiet && isatty(STDERR_FILENO),
	};
	int status;

	if (options->verify.list)
		return list();
	verify.round.ended = show_progress;
	verify.round.context = &verify;
	status = run(&verify);
	json_object_put(verify.report.changes);
	json_object_put(verify.report.lines);
	json_object_put(verify.report.end);
	json_object_put(verify.stored);
	fleet_release(verify.cases, verify.count);
	tracer_release(&verify.round.tracer);
	free(verify.left_out);
	free(verify.cases);
	return status;
}
