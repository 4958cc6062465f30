/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench: what closetrace costs the machine that it runs on, and what it loses.
 *
 * Speed drifts, by a third within minutes on some machines: every value is taken in rounds, what is
 * compared is taken side by side in each round, and medians are told with their spread.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>

struct results;
struct churn;

struct plan {
	const char *closetrace;		/* the program */
	const char *tier;		/* NULL: the best that loads */
	const char *only;		/* sections, with commas; NULL: all */
	const char *with;		/* variants of the rate, the same */
	const char *ways;		/* of ending, the same */
	unsigned int rounds;
	double seconds;			/* of one measurement */
	bool json;
	/* What else was going on when it began: it is in every value. */
	double load;
	unsigned int strangers;
};

/* CLOCK_MONOTONIC, ns. */
uint64_t bench_now(void);
void bench_sleep(double seconds);
/* Whether a list with commas names it; NULL names all. */
bool bench_listed(const char *list, const char *name);
/* What is under way, on stderr. */
__attribute__((format(printf, 1, 2))) void bench_tell(const char *format, ...);

/* Each section measures what its name says, and adds what it found. */
void measure_rate(const struct plan *plan, struct churn *churn, struct results *results);
void measure_cost(const struct plan *plan, struct churn *churn, struct results *results);
void measure_start(const struct plan *plan, struct churn *churn, struct results *results);
void measure_latency(const struct plan *plan, struct churn *churn, struct results *results);

#endif
