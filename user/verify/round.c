/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "again.h"
#include "lab.h"
#include "notes.h"
#include "round.h"

#define SELF "/proc/self/exe"
#define JOBS_A_PROCESSOR 4u
#define JOBS_MOST 64u
#define START_US 1500000u	/* what a machine takes at most that is not slow */
#define SLOW_MOST 4u
#define AGAIN_MOST 96u		/* a kernel that behaves otherwise does so each time */

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "closetrace: %s: %s\n", what, why);
	return -EINVAL;
}

static unsigned int jobs(const struct options *options)
{
	unsigned int most = JOBS_A_PROCESSOR;
	cpu_set_t cpus;

	if (options->verify.jobs)
		return options->verify.jobs;
	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		most *= (unsigned int)CPU_COUNT(&cpus);
	return most < JOBS_MOST ? most : JOBS_MOST;
}

/* Nothing that is verified happens in our own namespace: whatever else does is not looked at. */
static int start_tracer(struct tracer *tracer, const struct options *options)
{
	const char *tier = options->tier == TIER_FULL ? "full" :
			   options->tier == TIER_BASE ? "base" : NULL;
	char netns[40];
	char *more[8] = { (char *)"--all", (char *)"--held", netns };
	struct stat self;
	int n = 3;

	if (stat("/proc/self/ns/net", &self) < 0)
		return -errno;
	snprintf(netns, sizeof(netns), "--netns=!%lu", (unsigned long)self.st_ino);
	if (options->btf) {
		more[n++] = (char *)"--btf";
		more[n++] = (char *)options->btf;
	}
	if (options->no_fentry)
		more[n++] = (char *)"--no-fentry";
	more[n] = NULL;
	return tracer_start(tracer, SELF, tier, more, NULL, SLOW_MOST);
}

int round_start(struct round *round, const struct options *options)
{
	uint64_t begun, slow;
	int rc;

	notes_prepare(SLOW_MOST);
	begun = lab_now_us();
	rc = start_tracer(&round->tracer, options);
	if (rc == -ECHILD)
		tracer_complain(&round->tracer, stderr);
	else if (rc < 0)
		complain("the trace does not start", strerror(-rc));
	/* Loading programs is work enough to tell a slow machine, or an emulated one. */
	slow = 1 + (lab_now_us() - begun) / START_US;
	round->slow = slow < SLOW_MOST ? (unsigned int)slow : SLOW_MOST;
	round->jobs = jobs(options);
	round->once = options->verify.sysctls > 0;
	return rc;
}

int round_run(struct round *round, struct fleet_case *cases, size_t count)
{
	const struct fleet_way way = {
		.jobs = round->jobs, .slow = round->slow, .ended = round->ended,
		.context = round->context,
	};
	const struct fleet_way again = { .jobs = round->jobs, .slow = round->slow };
	int rc = fleet_run(cases, count, &way);

	if (!rc && !round->once)
		rc = again_run(cases, count, &again, AGAIN_MOST, NULL);
	if (rc < 0)
		return complain("cannot run the scenarios", strerror(-rc));
	notes_let_go(cases, count, &round->tracer, round->slow);
	rc = tracer_stop(&round->tracer, round->slow);
	if (!rc)
		rc = tracer_read(&round->tracer);
	if (rc < 0 || !round->tracer.lines)
		return complain("the trace failed", rc == -ECHILD ? "it ended before its time" :
					    rc < 0 ? strerror(-rc) : "it said nothing");
	return 0;
}
