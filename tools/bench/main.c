// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "account.h"
#include "churn.h"
#include "results.h"

static const struct {
	const char *name;
	void (*measure)(const struct plan *plan, struct churn *churn, struct results *results);
} sections[] = {
	{ "rate", measure_rate },
	{ "cost", measure_cost },
	{ "start", measure_start },
	{ "latency", measure_latency },
};

static const char usage[] =
	"Usage: benchmark [OPTION...]\n"
	"\n"
	"What closetrace costs on this machine, and what it loses; root.\n"
	"\n"
	"  --closetrace PATH  the program; default build/closetrace\n"
	"  --tier TIER        full or base; default: the best that loads\n"
	"  --only LIST        of rate, cost, start, latency; default all\n"
	"  --with LIST        rate only with these, as \"json,-p other\"; default all\n"
	"  --ways LIST        of fin, unread, linger0; default all\n"
	"  --rounds N         default 5\n"
	"  --seconds S        of each measurement, default 1\n"
	"  --json             the result as JSON\n";

uint64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void bench_sleep(double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

void bench_tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, isatty(STDERR_FILENO) ? "\r\033[K" : "");
	vfprintf(stderr, format, args);
	fprintf(stderr, isatty(STDERR_FILENO) ? "" : "\n");
	va_end(args);
}

bool bench_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		if (!strncmp(at, name, length) && (at[length] == ',' || !at[length]))
			return true;
	}
	return !list;
}

static bool number(const char *text, double low, double high, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return !*end && end != text && *value >= low && *value <= high;
}

enum { OPT_CLOSETRACE = 1, OPT_TIER, OPT_ONLY, OPT_WITH, OPT_WAYS, OPT_ROUNDS,
       OPT_SECONDS, OPT_JSON, OPT_HELP };

static const struct option options[] = {
	{ "closetrace", required_argument, NULL, OPT_CLOSETRACE },
	{ "tier", required_argument, NULL, OPT_TIER },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "with", required_argument, NULL, OPT_WITH },
	{ "ways", required_argument, NULL, OPT_WAYS },
	{ "rounds", required_argument, NULL, OPT_ROUNDS },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{},
};

static bool take(struct plan *plan, int option, const char *value)
{
	double rounds;

	switch (option) {
	case OPT_CLOSETRACE: plan->closetrace = value; return true;
	case OPT_TIER: plan->tier = value; return true;
	case OPT_ONLY: plan->only = value; return true;
	case OPT_WITH: plan->with = value; return true;
	case OPT_WAYS: plan->ways = value; return true;
	case OPT_JSON: plan->json = true; return true;
	case OPT_SECONDS: return number(value, 0.05, 3600, &plan->seconds);
	case OPT_ROUNDS:
		if (!number(value, 1, SERIES, &rounds))
			return false;
		plan->rounds = (unsigned int)rounds;
		return true;
	default: return false;
	}
}

/* 0, or the status to exit with. */
static int parse(struct plan *plan, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(usage, stdout);
			exit(0);
		}
		if (!take(plan, option, optarg)) {
			fprintf(stderr, "benchmark: bad option or value; see --help\n");
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "benchmark: unexpected '%s'; see --help\n", argv[optind]);
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct plan plan = { .closetrace = "build/closetrace", .rounds = 5, .seconds = 1 };
	struct results results = {};
	struct churn *churn;
	int status = parse(&plan, argc, argv);

	if (status)
		return status;
	if (access(plan.closetrace, X_OK)) {
		fprintf(stderr, "benchmark: %s: %s; build it, or name it with --closetrace\n",
			plan.closetrace, strerror(errno));
		return 3;
	}
	churn = churn_start();
	if (!churn) {
		fprintf(stderr, "benchmark: no connections can be made: %s; run it as root\n",
			strerror(errno));
		return 3;
	}
	getloadavg(&plan.load, 1);
	plan.strangers = account_strangers();
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (bench_listed(plan.only, sections[i].name))
			sections[i].measure(&plan, churn, &results);
	}
	(plan.json ? report_json : report_text)(&plan, churn, &results, stdout);
	churn_stop(churn);
	results_free(&results);
	return 0;
}
