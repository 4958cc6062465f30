/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * results - a flat list of what was measured, and what was to be reached
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bench.h"

#define SERIES		64

/* The values of one thing, a round each. */
struct series {
	double value[SERIES];
	unsigned int count;
};

void series_add(struct series *series, double value);
double series_median(const struct series *series);
double series_low(const struct series *series);
double series_high(const struct series *series);

/* The names are kept by reference. */
struct result {
	const char *section;	/* "rate" */
	const char *what;	/* "kept" */
	const char *way;	/* "fin"; NULL: of no way of ending */
	const char *subject;	/* "json" */
	const char *unit;	/* "ns" */
	struct series series;
};

struct results {
	struct result *list;
	size_t count;
	char **note;		/* what could not be measured, and why */
	size_t notes;
	char **name;		/* that results_intern() keeps */
	size_t names;
};

/* One more value of the series with these four names. */
void results_add(struct results *results, const char *section, const char *what, const char *way,
		 const char *subject, const char *unit, double value);
/* NULL when there is none, or nothing in it. */
const struct series *results_find(const struct results *results, const char *section,
				  const char *what, const char *way, const char *subject);
__attribute__((format(printf, 2, 3)))
void results_note(struct results *results, const char *format, ...);
/* A copy of this name that lives as long as the results. */
const char *results_intern(struct results *results, const char *name);
void results_free(struct results *results);

/* What is to be reached: figures.def. */
struct figure {
	const char *name;
	const char *section, *what, *way, *subject;
	bool least;		/* limit is a lower bound */
	double limit;
};

extern const struct figure figures[];
extern const size_t figure_count;

/* report.c */
void report_text(const struct plan *plan, const struct churn *churn, const struct results *results,
		 FILE *out);
void report_json(const struct plan *plan, const struct churn *churn, const struct results *results,
		 FILE *out);

#endif
