/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live: every scenario of closelab, IPv4 and IPv6, on loopback and across a veth pair, under one
 * running closetrace; three witnesses (closetrace, the wire, the kernel's counters) and the
 * application's errno must agree.
 *
 * One line a case, then the sums. Exit status: 0 all agree, 1 something failed, 2 usage. It needs
 * root and no external command: it also runs in a guest with nothing but an initramfs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "options.h"
#include "stacks.h"
#include "verify/again.h"
#include "verify/cases.h"
#include "verify/fleet.h"
#include "verify/held.h"
#include "verify/judge.h"
#include "verify/notes.h"
#include "verify/skips.h"
#include "verify/tracer.h"

#define AGAIN_MOST 8u	/* of some 800 cases one is usual */

struct result {
	unsigned int passed;
	unsigned int failed;
	unsigned int skipped;
};

struct live {
	struct options options;
	struct fleet_case *cases;
	size_t count;
	struct skips skips;
	struct tracer tracer;
	struct tracer noter;	/* the same with --all */
	const char *tier;	/* as shown and as in the skips */
	struct result result;
};

/* The one line of a case. */
static void tell(struct live *live, const char *verdict, const char *scenario, const char *family,
		 const char *reason)
{
	printf("%s %s %s %s %s%s%s\n", verdict, live->options.label, live->tier, scenario, family,
	       *reason ? " " : "", reason);
	if (!strcmp(verdict, "PASS"))
		live->result.passed++;
	else if (!strcmp(verdict, "FAIL"))
		live->result.failed++;
	else
		live->result.skipped++;
}

/* Prints the text indented, a line at a time. */
static void print_indented(const char *text)
{
	while (*text) {
		int len = (int)strcspn(text, "\n");

		printf("    %.*s\n", len, text);
		text += len + (text[len] == '\n');
	}
}

static bool undecided(const struct live *live, const struct fleet_case *one)
{
	return one->scenario->full && live->options.closetrace && strcmp(live->tier, "full");
}

/* Marks the cases that the list leaves out; an unproved row makes its cases fail at once. */
static void skip_cases(struct live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		struct fleet_case *one = &live->cases[i];
		const char *family = trial_path_name(one->family, one->veth);
		const char *name = one->scenario->name;
		const struct skips_row *row = skips_find(&live->skips, family, name, NULL);
		char reason[256];

		if (!row && undecided(live, one)) {
			one->skipped = true;
			tell(live, "SKIP", name, family, "undecided without function hooks");
		}
		if (!row)
			continue;
		one->skipped = true;
		if (skips_prove(&live->skips, row) == 1) {
			tell(live, "SKIP", name, family, row->reason);
			continue;
		}
		snprintf(reason, sizeof(reason), "line %u of the skips is not justified: %s",
			 row->line, row->proof);
		tell(live, "FAIL", name, family, reason);
	}
}

static void judge_case(struct live *live, const struct fleet_case *one)
{
	const struct skips_row *without = NULL;
	const struct trial *trial = &one->trial;
	char *report = NULL, reason[256] = "";
	unsigned int differences;
	size_t size;
	FILE *out = open_memstream(&report, &size);

	if (!out)
		abort();
	differences = trial_check(trial, out);
	if (live->options.closetrace && !trial->error)
		differences += judge_acts(trial, &live->tracer, &live->skips, &without, out) +
			       judge_acts(trial, &live->noter, &live->skips, &without, out) +
			       notes_judge(trial, &live->noter, &live->skips, &without, out) +
			       held_judge(trial, &live->noter, out);
	fflush(out);
	if (differences)
		snprintf(reason, sizeof(reason), "%.*s", (int)strcspn(report, "\n"), report);
	else if (without)
		snprintf(reason, sizeof(reason), "without %s: %s", without->cause, without->reason);
	tell(live, differences ? "FAIL" : "PASS", one->scenario->name,
	     trial_path_name(one->family, one->veth), reason);
	if (differences) {
		trial_print(trial, out);
		if (live->options.closetrace) {
			judge_print(trial, &live->tracer, out);
			notes_print(trial, &live->noter, out);
			held_print(trial, &live->noter, out);
		}
		fflush(out);
		print_indented(report);
	}
	fclose(out);
	free(report);
}

/* A failure that belongs to no case. */
static void fail_run(struct live *live, const char *what, const char *why)
{
	tell(live, "FAIL", what, "-", why);
}

static void judge_run(struct live *live, struct tracer *tracer, bool all)
{
	char *report = NULL;
	size_t size;
	FILE *out = open_memstream(&report, &size);
	int rc;

	if (!out)
		abort();
	rc = tracer_stop(tracer, live->options.slow);
	if (rc < 0)
		fail_run(live, "closetrace", rc == -ECHILD ? "ended before its time" :
							     "does not end on SIGINT");
	rc = tracer_read(tracer);
	if (rc < 0)
		fail_run(live, "closetrace", "a line is not a JSON object");
	if (judge_stream(tracer, out) +
	    (all ? notes_judge_stream(tracer, out) + held_judge_stream(tracer, out) : 0)) {
		fflush(out);
		fail_run(live, all ? "notes" : "stream", "the stream as a whole");
		print_indented(report);
		tracer_complain(tracer, stdout);
	}
	fclose(out);
	free(report);
}

/* What no scenario performs stands in the list, or it would be forgotten. */
static void judge_unperformed(struct live *live)
{
	const struct skips_row *row;
	char why[128];
	size_t at = 0;

	while ((row = skips_unperformed(&live->skips, &at))) {
		snprintf(why, sizeof(why), "line %u of the skips is not justified: %s", row->line,
			 row->proof);
		if (skips_prove(&live->skips, row) == 1)
			tell(live, "SKIP", row->cause, "-", row->reason);
		else
			tell(live, "FAIL", row->cause, "-", why);
	}
}

static void judge_skips(struct live *live)
{
	const struct cases_choice *choice = &live->options.choice;
	const struct skips_row *row;
	char why[128];
	size_t at = 0;

	judge_unperformed(live);
	/* A part of the cases cannot use all lines. */
	if (choice->only || !choice->ipv4 || !choice->ipv6 || !choice->loopback || !choice->veth)
		return;
	while ((row = skips_unused(&live->skips, &at))) {
		snprintf(why, sizeof(why), "unused line %u: %s", row->line, row->scenario);
		fail_run(live, "skips", why);
	}
}

static int start_tracer(struct live *live, struct tracer *tracer, bool all)
{
	const struct options *options = &live->options;
	char *const everything[] = { (char *)"--all", (char *)"--held", NULL };
	char keep[4096];
	int rc;

	snprintf(keep, sizeof(keep), "%s%s", options->keep ?: "", all ? ".all" : "");
	rc = tracer_start(tracer, options->closetrace, options->tier, all ? everything : NULL,
			  options->keep ? keep : NULL, options->slow);
	if (rc < 0) {
		fprintf(stderr, "live: %s: no start line: %s\n", options->closetrace,
			rc == -ECHILD ? "it ended" : strerror(-rc));
		tracer_complain(tracer, stderr);
		return rc;
	}
	live->tier = *tracer->tier ? tracer->tier : "unknown";
	return 0;
}

static int start_tracers(struct live *live)
{
	int rc;

	notes_prepare(live->options.slow);
	rc = start_tracer(live, &live->noter, true);
	return rc ?: start_tracer(live, &live->tracer, false);
}

/* One line for all of them, with the seed: the same mix can be had again. */
static void judge_mix(struct live *live, const struct mix *mix)
{
	char *report = NULL, reason[128];
	size_t size;
	FILE *out = open_memstream(&report, &size);
	unsigned int differences;

	if (!out)
		abort();
	differences = mix_judge(mix, &live->tracer, &live->skips, out);
	fflush(out);
	snprintf(reason, sizeof(reason), "%u endings by %u processes, seed %u: %u differences",
		 mix->count, mix->procs, (unsigned int)mix->seed, differences);
	tell(live, differences ? "FAIL" : "PASS", "mix", "both", reason);
	print_indented(report);
	fclose(out);
	free(report);
}

static int run_mix(struct live *live)
{
	const struct options *options = &live->options;
	struct mix mix = {
		.count = options->mix, .procs = options->procs, .slow = options->slow,
		.seed = options->seed ? options->seed : (unsigned int)lab_now_us(),
	};
	int rc;

	if (start_tracer(live, &live->tracer, false) < 0)
		return 1;
	live->skips.kernel = options->label;
	live->skips.tier = live->tier;
	rc = mix_run(&mix, &live->skips);
	if (rc < 0) {
		fprintf(stderr, "live: cannot run the mix: %s\n", strerror(-rc));
		mix_release(&mix);
		return 1;
	}
	judge_run(live, &live->tracer, false);
	judge_mix(live, &mix);
	mix_release(&mix);
	return live->result.failed > 0;
}

/* A second, short run of closetrace, with -k. */
static void judge_stacks(struct live *live)
{
	const struct stacks_options options = {
		.closetrace = live->options.closetrace,
		.tier = live->options.tier,
		.slow = live->options.slow,
	};
	char *report = NULL;
	size_t size;
	FILE *out = open_memstream(&report, &size);
	int differences;

	if (!out)
		abort();
	differences = stacks_judge(&options, out);
	fflush(out);
	tell(live, differences ? "FAIL" : "PASS", "stacks", "ipv4",
	     differences < 0 ? strerror(-differences) : "");
	print_indented(report);
	fclose(out);
	free(report);
}

/* All cases, from the start of closetrace to the verdicts. */
static int run(struct live *live)
{
	const struct options *options = &live->options;
	const struct fleet_way way = { .jobs = options->jobs, .slow = options->slow };
	const struct fleet_way alone = { .jobs = 1, .slow = options->slow };
	int rc;

	live->tier = "none";
	if (options->closetrace && start_tracers(live) < 0)
		return 1;
	live->skips.kernel = options->label;
	live->skips.tier = live->tier;
	if (options->tier && strcmp(options->tier, live->tier))
		fail_run(live, "tier", "closetrace runs in another tier than asked for");
	skip_cases(live);
	rc = fleet_run(live->cases, live->count, &way);
	if (!rc)
		rc = again_run(live->cases, live->count, &alone, AGAIN_MOST, stdout);
	if (rc < 0) {
		fprintf(stderr, "live: cannot run cases: %s\n", strerror(-rc));
		return 1;
	}
	if (options->closetrace) {
		notes_let_go(live->cases, live->count, &live->noter, options->slow);
		judge_run(live, &live->tracer, false);
		judge_run(live, &live->noter, true);
	}
	for (size_t i = 0; i < live->count; i++) {
		if (!live->cases[i].skipped)
			judge_case(live, &live->cases[i]);
	}
	judge_skips(live);
	if (options->closetrace && (!options->choice.only || options->stacks))
		judge_stacks(live);
	return live->result.failed > 0;
}

int main(int argc, char **argv)
{
	struct live live = {
		.tracer = { .out_fd = -1, .err_fd = -1 },
		.noter = { .out_fd = -1, .err_fd = -1 },
	};
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (options_parse(&live.options, argc, argv) < 0) {
		options_usage(stderr);
		return 2;
	}
	if (cases_list(&live.options.choice, &live.cases, &live.count) < 0) {
		fprintf(stderr, "live: no scenario '%s'\n", live.options.choice.only);
		return 2;
	}
	status = live.options.mix ? run_mix(&live) : run(&live);
	printf("%u passed, %u failed, %u skipped\n", live.result.passed, live.result.failed,
	       live.result.skipped);
	fleet_release(live.cases, live.count);
	tracer_release(&live.tracer);
	tracer_release(&live.noter);
	free(live.cases);
	return status;
}
