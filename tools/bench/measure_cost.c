// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * measure_cost.c - BPF time of an ending, by the kernel's own statistics, and where it goes
 *
 * They cost time themselves, and a part of it is in what they tell: so the same is measured of
 * programs that do nothing.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "bench/empty.skel.h"
#include "churn.h"
#include "results.h"
#include "subject.h"

#define WARM_S	0.2

static const char *const subjects[] = { "json", "-p other" };

struct round {
	const struct plan *plan;
	struct churn *churn;
	struct results *results;
	enum churn_way way;
	double empty;		/* ns of a run that does nothing */
	double hooks;		/* ns of all such runs of an ending, one program a hook */
};

static void add(const struct round *round, const char *what, const char *subject, const char *unit,
		double value)
{
	results_add(round->results, "cost", what, churn_name(round->way), subject, unit, value);
}

/* What the programs of a process have cost while the churn went on; endings. */
static double observe(const struct round *round, pid_t pid, struct bpf_cost *cost)
{
	struct bpf_cost before;
	uint64_t count;

	churn_go(round->churn, round->way, 0);
	bench_sleep(WARM_S);
	account_programs(pid, &before);
	count = churn_count(round->churn);
	bench_sleep(round->plan->seconds);
	account_programs(pid, cost);
	count = churn_count(round->churn) - count;
	churn_pause(round->churn);
	account_since(cost, &before);
	return (double)count * CHURN_ENDINGS;
}

/* 0 or a negative errno. */
static int observe_empty(struct round *round)
{
	struct empty *skel = empty__open_and_load();
	struct bpf_cost cost;
	double endings;
	int rc;

	if (!skel)
		return -errno;
	rc = empty__attach(skel);
	if (!rc) {
		endings = observe(round, getpid(), &cost);
		round->empty = account_ns(&cost) / account_runs(&cost);
		round->hooks = account_ns(&cost) / endings;
		add(round, "empty run", "(empty)", "ns", round->empty);
		add(round, "gross", "(empty)", "ns", round->hooks);
		add(round, "runs", "(empty)", "", account_runs(&cost) / endings);
	}
	empty__destroy(skel);
	return rc;
}

/* The kernel cuts names: programs that differ only behind that become one. */
static void join(struct bpf_cost *cost)
{
	for (unsigned int i = 0; i < cost->programs; i++) {
		struct program_cost *into = &cost->program[i];

		for (unsigned int j = cost->programs - 1; j > i; j--) {
			if (strcmp(into->name, cost->program[j].name))
				continue;
			into->ns += cost->program[j].ns;
			into->runs += cost->program[j].runs;
			cost->program[j] = cost->program[--cost->programs];
		}
	}
}

static void add_profile(const struct round *round, struct bpf_cost *cost, double endings)
{
	join(cost);
	for (unsigned int i = 0; i < cost->programs; i++) {
		const struct program_cost *program = &cost->program[i];
		const char *name;

		if (!program->runs)
			continue;
		name = results_intern(round->results, program->name);
		results_add(round->results, "profile", "time", churn_name(round->way), name, "ns",
			    (double)program->ns / endings);
		results_add(round->results, "profile", "runs", churn_name(round->way), name, "",
			    (double)program->runs / endings);
	}
}

static void observe_subject(const struct round *round, const char *name)
{
	struct subject subject;
	struct bpf_cost cost;
	double endings, gross, runs;

	if (subject_start(&subject, variant_find(name), round->plan, round->churn, false) ||
	    subject_await(&subject)) {
		results_note(round->results, "%s: %s", name, subject.why);
		subject_release(&subject);
		return;
	}
	endings = observe(round, subject.pid, &cost);
	subject_release(&subject);
	gross = account_ns(&cost) / endings;
	runs = account_runs(&cost) / endings;
	add(round, "gross", name, "ns", gross);
	add(round, "runs", name, "", runs);
	add(round, "above hooks", name, "ns", gross - round->hooks);
	add(round, "net", name, "ns", gross - runs * round->empty);
	if (!strcmp(name, subjects[0]))
		add_profile(round, &cost, endings);
}

/* 0 or a negative errno. */
static int measure_way(struct round *round, unsigned int n)
{
	int rc;

	bench_tell("cost: round %u of %u, %s", n + 1, round->plan->rounds, churn_name(round->way));
	rc = observe_empty(round);
	if (rc)
		return rc;
	for (unsigned int i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		observe_subject(round, subjects[i]);
	return 0;
}

void measure_cost(const struct plan *plan, struct churn *churn, struct results *results)
{
	struct round round = { .plan = plan, .churn = churn, .results = results };
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME), rc = 0;

	if (stats < 0) {
		results_note(results, "BPF time: this kernel has no statistics (%s)",
			     strerror(errno));
		return;
	}
	for (unsigned int n = 0; n < plan->rounds && !rc; n++) {
		for (round.way = 0; round.way < CHURN_WAYS && !rc; round.way++) {
			if (bench_listed(plan->ways, churn_name(round.way)))
				rc = measure_way(&round, n);
		}
	}
	if (rc)
		results_note(results, "empty programs: %s", strerror(-rc));
	close(stats);
}
