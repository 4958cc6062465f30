// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * measure_rate.c - connections a second without and with a tracer, what it loses, uses and holds
 *
 * The churn takes all CPUs, so that whatever a tracer uses is missing in its count.  Each value is
 * compared with the mean of those just before and after it, without a tracer.
 */
#include "account.h"
#include "churn.h"
#include "results.h"
#include "subject.h"

#define WARM_S	0.2

struct round {
	const struct plan *plan;
	struct churn *churn;
	struct results *results;
	enum churn_way way;
	bool *broken;		/* of each variant: it could not be started */
};

static double bare(const struct round *round)
{
	double rate;

	churn_go(round->churn, round->way, 0);
	bench_sleep(WARM_S);
	rate = churn_rate(round->churn, round->plan->seconds);
	churn_pause(round->churn);
	return rate;
}

static void add(const struct round *round, const char *what, const struct variant *variant,
		const char *unit, double value)
{
	results_add(round->results, "rate", what, churn_name(round->way), variant->name, unit,
		    value);
}

static void add_memory(const struct round *round, const struct subject *subject)
{
	struct memory memory;

	if (!account_memory(subject->pid, &memory))
		return;
	add(round, "resident", subject->variant, "MB", memory.resident_mb);
	add(round, "peak", subject->variant, "MB", memory.peak_mb);
	add(round, "ring", subject->variant, "MB", memory.ring_mb);
	add(round, "kernel", subject->variant, "MB", memory.maps_mb);
}

static double watched(const struct round *round, struct subject *subject)
{
	double user, cpu, rate, acts;
	uint64_t before;

	churn_go(round->churn, round->way, 0);
	bench_sleep(WARM_S);
	user = account_user(subject->pid);
	cpu = account_cpu(subject->pid);
	before = churn_count(round->churn);
	rate = churn_rate(round->churn, round->plan->seconds);
	acts = (double)(churn_count(round->churn) - before) * CHURN_ENDINGS;
	add(round, "user CPU", subject->variant, "s per million acts",
	    (account_user(subject->pid) - user) * 1e6 / acts);
	add(round, "all CPU", subject->variant, "s per million acts",
	    (account_cpu(subject->pid) - cpu) * 1e6 / acts);
	churn_pause(round->churn);
	add_memory(round, subject);
	return rate;
}

static void add_losses(const struct round *round, struct subject *subject)
{
	double lost, missed;

	subject_stop(subject);
	lost = subject_total(subject, "lost");
	missed = subject_total(subject, "missed");
	if (lost < 0)
		return;
	add(round, "lost", subject->variant, "acts", missed < 0 ? lost : lost + missed);
	add(round, "seen", subject->variant, "acts", subject_total(subject, "seen"));
}

/* before: the rate without; the same after it is returned. */
static double compare(const struct round *round, unsigned int number, double before)
{
	const struct variant *variant = &variants[number];
	struct subject subject;
	double with, after;

	if (subject_start(&subject, variant, round->plan, round->churn, false) ||
	    subject_await(&subject)) {
		results_note(round->results, "%s: %s", variant->name, subject.why);
		round->broken[number] = true;
		subject_release(&subject);
		return before;
	}
	with = watched(round, &subject);
	add_losses(round, &subject);
	subject_release(&subject);
	after = bare(round);
	add(round, "connections", variant, "1/s", with);
	add(round, "kept", variant, "", with / ((before + after) / 2));
	results_add(round->results, "rate", "connections", churn_name(round->way), "(none)", "1/s",
		    after);
	return after;
}

static void measure_way(struct round *round, unsigned int n)
{
	double last = bare(round);

	for (unsigned int i = 0; i < variant_count; i++) {
		/* Each round begins with another, so that none is always first. */
		unsigned int number = (i + n) % variant_count;

		if (round->broken[number])
			continue;
		bench_tell("rate: round %u of %u, %s, %s", n + 1, round->plan->rounds,
			   churn_name(round->way), variants[number].name);
		last = compare(round, number, last);
	}
}

void measure_rate(const struct plan *plan, struct churn *churn, struct results *results)
{
	bool broken[variant_count];
	struct round round = { plan, churn, results, CHURN_FIN, broken };

	for (unsigned int i = 0; i < variant_count; i++)
		broken[i] = !bench_listed(plan->with, variants[i].name);
	for (unsigned int n = 0; n < plan->rounds; n++) {
		for (round.way = 0; round.way < CHURN_WAYS; round.way++) {
			if (bench_listed(plan->ways, churn_name(round.way)))
				measure_way(&round, n);
		}
	}
}
