// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"

const struct figure figures[] = {
#define FIGURE(name, section, what, way, subject, least, limit)                                    \
	{ name, section, what, way, subject, least, limit },
#include "figures.def"
#undef FIGURE
};
const size_t figure_count = sizeof(figures) / sizeof(figures[0]);

void series_add(struct series *series, double value)
{
	if (series->count < SERIES)
		series->value[series->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value below which this part of them lies. */
static double at(const struct series *series, double part)
{
	double sorted[SERIES];

	if (!series->count)
		return 0;
	memcpy(sorted, series->value, series->count * sizeof(sorted[0]));
	qsort(sorted, series->count, sizeof(sorted[0]), compare);
	if (part == 0.5 && series->count % 2 == 0)
		return (sorted[series->count / 2 - 1] + sorted[series->count / 2]) / 2;
	return sorted[(size_t)((series->count - 1) * part)];
}

double series_median(const struct series *series)
{
	return at(series, 0.5);
}

double series_low(const struct series *series)
{
	return at(series, 0);
}

double series_high(const struct series *series)
{
	return at(series, 1);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static struct result *find(const struct results *results, const char *section, const char *what,
			   const char *way, const char *subject)
{
	for (size_t i = 0; i < results->count; i++) {
		struct result *result = &results->list[i];

		if (same(result->section, section) && same(result->what, what) &&
		    same(result->way, way) && same(result->subject, subject))
			return result;
	}
	return NULL;
}

void results_add(struct results *results, const char *section, const char *what, const char *way,
		 const char *subject, const char *unit, double value)
{
	struct result *result = find(results, section, what, way, subject);

	if (result) {
		series_add(&result->series, value);
		return;
	}
	result = reallocarray(results->list, results->count + 1, sizeof(*result));
	if (!result)
		abort();
	results->list = result;
	result = &results->list[results->count++];
	*result = (struct result){
		.section = section, .what = what, .way = way, .subject = subject, .unit = unit,
	};
	series_add(&result->series, value);
}

const struct series *results_find(const struct results *results, const char *section,
				  const char *what, const char *way, const char *subject)
{
	const struct result *result = find(results, section, what, way, subject);

	return result && result->series.count ? &result->series : NULL;
}

/* Adds a copy to a list of texts, unless it is there; the copy. */
static const char *keep(char ***list, size_t *count, const char *text)
{
	char **grown;

	for (size_t i = 0; i < *count; i++) {
		if (!strcmp((*list)[i], text))
			return (*list)[i];
	}
	grown = reallocarray(*list, *count + 1, sizeof(*grown));
	if (!grown)
		abort();
	*list = grown;
	grown[*count] = strdup(text);
	if (!grown[*count])
		abort();
	return grown[(*count)++];
}

void results_note(struct results *results, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	keep(&results->note, &results->notes, text);
}

const char *results_intern(struct results *results, const char *name)
{
	return keep(&results->name, &results->names, name);
}

static void free_all(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void results_free(struct results *results)
{
	free_all(results->note, results->notes);
	free_all(results->name, results->names);
	free(results->list);
}
