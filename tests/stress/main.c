/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stress: many processes end connections to each other, others keep the CPUs in softirq, and each
 * act that closetrace tells is compared with the log the processes keep.
 *
 * It needs root and no external command: it also runs in a guest with nothing but an initramfs.
 * Exit status: 0 all agrees, 1 something failed, 2 usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "netns.h"
#include "stress.h"
#include "verify/tracer.h"

#define SEEDED		6u	/* connections that each opens before closetrace starts */
#define SETTLE_US	500000u	/* for what is still under way when all have ended */
#define PROGRESS_S	60u	/* for all to listen, to connect, to end */
#define MORE		12

struct options {
	const char *closetrace, *tier, *keep;
	char *more[MORE + 1];
	unsigned int procs, seconds, slow;
	uint64_t seed;
	bool children_accept;
	char label[64];
};

static void usage(FILE *out)
{
	fputs("usage: stress --closetrace PATH [--tier full|base] [--procs N] [--seconds N]\n"
	      "              [--seed N] [--keep JSONFILE] [--label WORDS] [--slow-factor N]\n"
	      "              [--children-accept] [-- OPTIONS OF CLOSETRACE]\n"
	      "  --children-accept  processes also accept through their children; only where\n"
	      "                     closetrace does not infer owners from listeners\n", out);
}

static unsigned int number(const char *text, unsigned int least, unsigned int most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *end || value < least || value > most ? 0 : (unsigned int)value;
}

static bool take_option(struct options *options, int opt, char *arg)
{
	switch (opt) {
	case 'a': return options->children_accept = true;
	case 'c': options->closetrace = arg; return true;
	case 'f': return (options->slow = number(arg, 1, 1000));
	case 'k': options->keep = arg; return true;
	case 'l': snprintf(options->label, sizeof(options->label), "%s", arg); return true;
	case 'p': return (options->procs = number(arg, 2, STRESS_PROCS));
	case 'r': return (options->seed = number(arg, 1, 2000000000));
	case 's': return (options->seconds = number(arg, 1, 3600));
	case 't': options->tier = arg; return !strcmp(arg, "full") || !strcmp(arg, "base");
	default: return false;
	}
}

static int parse(struct options *options, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "children-accept", no_argument, NULL, 'a' },
		{ "closetrace", required_argument, NULL, 'c' },
		{ "keep", required_argument, NULL, 'k' },
		{ "label", required_argument, NULL, 'l' },
		{ "procs", required_argument, NULL, 'p' },
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ "slow-factor", required_argument, NULL, 'f' },
		{ "tier", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (!take_option(options, opt, optarg))
			return -EINVAL;
	}
	if (argc - optind > MORE - 3 || !options->closetrace)
		return -EINVAL;
	for (int i = 0; optind + i < argc; i++)
		options->more[i] = argv[optind + i];
	return 0;
}

static void start_workers(struct log *log, uint64_t seed)
{
	fflush(NULL);
	for (uint32_t i = 0; i < log->procs; i++) {
		pid_t pid = fork();

		if (pid == 0)
			worker_main(log, i, seed);
		log->proc[i].pid = pid;
	}
}

/* Until all processes have come so far; which one has not, or -1. */
static int await_all(const struct log *log, enum progress progress, unsigned int slow)
{
	for (unsigned int tries = 0; tries < PROGRESS_S * 100 * slow; tries++) {
		uint32_t late = 0;

		while (late < log->procs && log->proc[late].progress >= progress)
			late++;
		if (late == log->procs)
			return -1;
		pause_us(10000);
		if (tries == PROGRESS_S * 100 * slow - 1)
			return (int)late;
	}
	return 0;
}

static int start_tracer(const struct options *options, struct log *log, struct tracer *tracer,
			char *const *more)
{
	int rc;

	log->start.begin_ns = log_now();
	rc = tracer_start(tracer, options->closetrace, options->tier, more, options->keep,
			  options->slow);
	if (rc < 0) {
		fprintf(stderr, "stress: closetrace has not started: %s\n", strerror(-rc));
		tracer_complain(tracer, stderr);
		return rc;
	}
	log->start.end_ns = log_now();
	return 0;
}

/* Ends all that was begun here, whatever came of it. */
static void end_workers(struct log *log)
{
	for (uint32_t i = 0; i < log->procs; i++) {
		if (log->proc[i].progress != PROGRESS_ENDED)
			kill(log->proc[i].pid, SIGKILL);
		waitpid(log->proc[i].pid, NULL, 0);
	}
}

static int await_step(const struct options *options, const struct log *log, enum progress progress)
{
	int late = await_all(log, progress, options->slow);

	if (late < 0)
		return 0;
	fprintf(stderr, "stress: process %d does not come to step %d\n", late, progress);
	return -ETIMEDOUT;
}

/* From the first connection to the last line of closetrace. */
static int perform(struct options *options, struct log *log, struct tracer *tracer)
{
	struct noise noise = { 0 };
	int share, rc;

	rc = await_step(options, log, PROGRESS_LISTENS);
	log->go = true;
	rc = rc ? rc : await_step(options, log, PROGRESS_HOLDS);
	rc = rc ? rc : start_tracer(options, log, tracer, options->more);
	rc = rc ? rc : noise_start(&noise, options->slow);
	if (!rc)
		sleep(options->seconds);
	log->stop = true;
	rc = rc ? rc : await_step(options, log, PROGRESS_ENDED);
	share = noise_stop(&noise);
	if (share < 0)
		fprintf(stderr, "stress: the noise has ended by itself\n");
	else
		printf("    softirq %d %% of the time of all CPUs\n", share);
	if (!rc) {
		pause_us(SETTLE_US * options->slow);
		rc = tracer_stop(tracer, options->slow);
	}
	return rc ? rc : share < 0 ? share : 0;
}

/* Of every run: only our namespace, and room for a reader that is kept waiting. */
static void add_options(struct options *options, char netns[32])
{
	size_t n = 0;

	while (options->more[n])
		n++;
	snprintf(netns, 32, "--netns=%llu", (unsigned long long)netns_inode());
	options->more[n++] = netns;
	options->more[n++] = (char *)"--buffer=64m";
}

static int run(struct options *options, struct log *log)
{
	struct tracer tracer = { .out_fd = -1, .err_fd = -1 };
	struct verdict verdict = { .out = stdout };
	unsigned int failed = 1;
	char netns[32], label[128];
	int rc;

	log->seeded = SEEDED < log->procs ? SEEDED : log->procs - 1;
	log->slow = options->slow;
	log->children_accept = options->children_accept;
	start_workers(log, options->seed);
	add_options(options, netns);
	rc = perform(options, log, &tracer);
	end_workers(log);
	rc = rc ? rc : verdict_reach(&verdict, log, &tracer, netns_inode());
	if (rc) {
		fprintf(stderr, "stress: %s\n", strerror(-rc));
		tracer_complain(&tracer, stderr);
	} else {
		snprintf(label, sizeof(label), "%s %s", options->label, tracer.tier);
		failed = verdict_print(&verdict, &tracer, label);
	}
	tracer_release(&tracer);
	return failed > 0;
}

int main(int argc, char **argv)
{
	struct options options = { .procs = 50, .seconds = 20, .slow = 1 };
	struct utsname kernel;
	struct log *log;
	int rc;

	/* What WAY_CHILD_EXEC begins. */
	if (argc == 2 && !strcmp(argv[1], "--nothing"))
		return 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	uname(&kernel);
	snprintf(options.label, sizeof(options.label), "stress %.40s", kernel.release);
	options.seed = (uint64_t)time(NULL);
	if (parse(&options, argc, argv) < 0) {
		usage(stderr);
		return 2;
	}
	rc = net_enter(options.procs);
	log = rc ? NULL : log_new(options.procs);
	if (!log) {
		fprintf(stderr, "stress: no private network: %s\n", strerror(-rc));
		return 1;
	}
	printf("    %u processes, %u s, seed %llu\n", options.procs, options.seconds,
	       (unsigned long long)options.seed);
	return run(&options, log);
}
