/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * closelab: performs one TCP close path for real and says what it did.
 *
 * In the current network namespace, on loopback, it only performs; with --netns, in a private one,
 * or with --veth, across two, it also watches the wire and the counters. Exit status: 0 done,
 * 1 failed or not as expected, 2 usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

struct options {
	int family;
	unsigned long count;
	unsigned int slow;
	bool netns;
	bool veth;
	bool list;
	bool verbose;
};

static const struct option long_options[] = {
	{ "count", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "list", no_argument, NULL, 'l' },
	{ "netns", no_argument, NULL, 'N' },
	{ "slow-factor", required_argument, NULL, 's' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "veth", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fputs("usage: closelab NAME [-4|-6] [-n|--count N] [--netns|--veth] [--slow-factor N]\n"
	      "       closelab --list [-v]\n"
	      "  --netns        in a private network namespace, with the witnesses on\n"
	      "  --veth         the same, between two that a veth pair joins\n"
	      "  --count N      N times\n"
	      "  --slow-factor N  waits N times as long (emulated machines)\n", out);
}

static void list_expectations(const struct scenario *row)
{
	for (const struct scenario_act *act = row->acts; act->cause; act++) {
		printf("    act      %u x %s %s wire=%s dir=%s", act->count,
		       lab_end_name(act->end), act->cause, act->wire, act->dir);
		printf(" state=%s via=%s", act->state ? act->state : "-",
		       act->via ? act->via : "-");
		if (act->error && *act->error)
			printf(" errno=%s", act->error);
		if (act->unread == SCENARIO_SOME)
			printf(" unread>0");
		else if (act->unread)
			printf(" unread=%u", act->unread);
		puts(act->unsent ? " unsent>0" : "");
	}
	for (const struct scenario_note *note = row->notes; note->name; note++)
		printf("    note     %u x %s %s\n", note->count, lab_end_name(note->end),
		       note->name);
	if (row->timer)
		puts("    waits    for a timer of the kernel");
	for (int end = 0; end < LAB_END_COUNT; end++) {
		const struct scenario_wire *wire = &row->wire[end];

		if (wire->fin || wire->rst || wire->rst_ack)
			printf("    wire     %s sends FIN|ACK %u, RST %u, RST|ACK %u\n",
			       lab_end_name(end), wire->fin, wire->rst, wire->rst_ack);
	}
	for (int i = 0; i < COUNTER_COUNT; i++) {
		if (row->counters[i])
			printf("    counter  %s+%d\n", counters_name(i), row->counters[i]);
	}
}

static int list(bool verbose)
{
	const struct scenario *row;

	for (size_t i = 0; (row = scenario_at(i)); i++) {
		printf("%-26s %s%s%s%s%s%s\n", row->name, row->summary, row->root ? " (root)" : "",
		       row->slow ? " (slow)" : "", row->global ? " (global)" : "",
		       row->loopback ? " (loopback)" : "", row->veth ? " (veth)" : "");
		if (verbose)
			list_expectations(row);
	}
	return 0;
}

/* Once, only performing. */
static int perform(const struct scenario *scenario, const struct options *options)
{
	struct lab lab;
	int rc;

	lab_init(&lab, options->family, options->slow);
	lab.mapped = scenario->mapped;
	lab.mptcp = scenario->mptcp;
	scenario->run(&lab);
	rc = lab_finish(&lab);
	printf("%s %s port %u: %s\n", scenario->name, trial_family_name(options->family),
	       lab.ends.server_port, lab.story);
	if (rc < 0)
		fprintf(stderr, "closelab: %s: %s: %s\n", scenario->name, lab.step, strerror(-rc));
	return rc < 0;
}

/* Once, on a path of its own. */
static int watch(const struct scenario *scenario, const struct options *options)
{
	unsigned int differences;
	struct trial trial;
	struct path path;
	int rc = path_open(&path, options->veth);

	if (rc < 0) {
		fprintf(stderr, "closelab: private network namespace: %s\n", strerror(-rc));
		return 1;
	}
	trial_run(scenario, options->family, &path, options->slow, &trial);
	path_close(&path);
	printf("%s %s port %u\n", scenario->name, trial_path_name(options->family, options->veth),
	       trial.ends.server_port);
	trial_print(&trial, stdout);
	fflush(stdout);
	differences = trial_check(&trial, stderr);
	return differences > 0;
}

static int run(const struct scenario *scenario, const struct options *options)
{
	int status = 0;

	for (unsigned long i = 0; i < options->count; i++)
		status |= options->netns ? watch(scenario, options) : perform(scenario, options);
	return status;
}

/* A whole number from 1 on; 0 when it is none. */
static unsigned long parse_number(const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	return errno || *end || *text == '-' || value > 1000000000 ? 0 : value;
}

/* 0, or an exit status + 1. */
static int parse(int argc, char **argv, struct options *options)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "46hln:v", long_options, NULL)) != -1) {
		if (opt == '4' || opt == '6')
			options->family = opt == '6' ? AF_INET6 : AF_INET;
		else if (opt == 'n')
			options->count = parse_number(optarg);
		else if (opt == 's')
			options->slow = (unsigned int)parse_number(optarg);
		else if (opt == 'N')
			options->netns = true;
		else if (opt == 'V')
			options->netns = options->veth = true;
		else if (opt == 'l')
			options->list = true;
		else if (opt == 'v')
			options->verbose = true;
		else
			return usage(opt == 'h' ? stdout : stderr), opt == 'h' ? 1 : 3;
	}
	if (!options->count || !options->slow || optind + !options->list != argc)
		return usage(stderr), 3;
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .family = AF_INET, .count = 1, .slow = 1 };
	const struct scenario *scenario;
	int rc = parse(argc, argv, &options);

	if (rc)
		return rc - 1;
	if (options.list)
		return list(options.verbose);
	scenario = scenario_find(argv[optind]);
	if (scenario && scenario->mapped)
		options.family = AF_INET6;
	if (!scenario) {
		fprintf(stderr, "closelab: no scenario '%s'; try --list\n", argv[optind]);
		return 2;
	}
	if (options.veth ? scenario->loopback : scenario->veth) {
		fprintf(stderr, "closelab: %s: %s --veth\n", scenario->name,
			options.veth ? "not with" : "only with");
		return 2;
	}
	return run(scenario, &options);
}
