// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "histogram.h"
#include "json_line.h"
#include "words.h"

#define COLUMNS		80	/* when it is no terminal */
#define LEAST_BAR	10
#define EMPTY		100000	/* steps in a row without acts that are shown */
#define MINUTE		60
#define HOUR		3600
#define DAY		86400

/* The place of a second: nearly always the last one, or behind it. */
static size_t place_of(const struct histogram *histogram, uint64_t second)
{
	size_t i = histogram->count;

	while (i && histogram->span[i - 1].second > second)
		i--;
	return i && histogram->span[i - 1].second == second ? i - 1 : i;
}

static int insert(struct histogram *histogram, size_t at, uint64_t second)
{
	if (histogram->count == histogram->room) {
		size_t room = histogram->room ? 2 * histogram->room : 256;
		struct histogram_span *span = reallocarray(histogram->span, room, sizeof(*span));

		if (!span)
			return -ENOMEM;
		histogram->span = span;
		histogram->room = room;
	}
	memmove(&histogram->span[at + 1], &histogram->span[at],
		(histogram->count - at) * sizeof(*histogram->span));
	histogram->span[at] = (struct histogram_span){ .second = second };
	histogram->count++;
	return 0;
}

/* The tally of a second; NULL without memory. */
static struct numbers *tally_at(struct histogram *histogram, uint64_t second)
{
	size_t at = place_of(histogram, second);

	if ((at == histogram->count || histogram->span[at].second != second) &&
	    insert(histogram, at, second))
		return NULL;
	return &histogram->span[at].tally;
}

int histogram_act(struct histogram *histogram, const struct act *act, uint64_t times)
{
	struct numbers *tally = tally_at(histogram, act->wall_ns / 1000000000);

	if (!tally)
		return -ENOMEM;
	numbers_act(tally, act, times);
	return 0;
}

void histogram_free(struct histogram *histogram)
{
	free(histogram->span);
	*histogram = (struct histogram){ 0 };
}

/* Steps that people count in. */
static uint64_t choose_step(uint64_t seconds)
{
	static const uint64_t steps[] = { 1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE,
					  10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR,
					  3 * HOUR, 6 * HOUR, 12 * HOUR };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (seconds / steps[i] < HISTOGRAM_ROWS)
			return steps[i];
	}
	return (seconds / DAY / HISTOGRAM_ROWS + 1) * DAY;
}

/* Where steps begin: days and hours do with the local clock. */
static uint64_t begin_of(uint64_t second, uint64_t step)
{
	time_t time = (time_t)second;
	uint64_t local;
	struct tm tm;

	localtime_r(&time, &tm);
	local = second + (uint64_t)tm.tm_gmtoff;
	return second - local % step;
}

struct bars {
	const struct sink_options *options;
	uint64_t step, most;
	int rc;
};

static void print_bar(const struct bars *bars, const char *when, const struct numbers *tally)
{
	unsigned int columns = bars->options->columns ?: COLUMNS;
	int left = (int)strlen(when) + 10 + 2, room = (int)columns - 1 - left;
	uint64_t acts = tally->number[ACTS], length;
	FILE *out = bars->options->out;

	if (room < LEAST_BAR)
		room = LEAST_BAR;
	fprintf(out, "%s%10" PRIu64, when, acts);
	length = bars->most ? (acts * (uint64_t)room + bars->most / 2) / bars->most : 0;
	if (acts && !length)
		length = 1;
	if (length)
		fputs("  ", out);
	while (length--)
		fputc('#', out);
	fputc('\n', out);
}

static void print_text(struct bars *bars, uint64_t second, const struct numbers *tally)
{
	const char *format = bars->step % MINUTE ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M";
	time_t time = (time_t)second;
	char when[32];
	struct tm tm;

	localtime_r(&time, &tm);
	strftime(when, sizeof(when), format, &tm);
	print_bar(bars, when, tally);
	bars->rc = sink_failed(bars->options->out);
}

static void print_json(struct bars *bars, uint64_t second, const struct numbers *tally)
{
	struct json_object *line = json_line_new("bucket");
	char time[WORDS_TIME];

	words_time(second * 1000000000, time);
	json_line_text(line, "time", time);
	json_line_count(line, "seconds", bars->step);
	for (enum number i = 0; i < NUMBERS; i++)
		json_line_count(line, numbers_keys[i], tally->number[i]);
	bars->rc = json_line_write(bars->options->out, line);
}

static void print_csv(struct bars *bars, uint64_t second, const struct numbers *tally)
{
	FILE *out = bars->options->out;
	char time[WORDS_TIME];

	words_time(second * 1000000000, time);
	fprintf(out, "%s,%" PRIu64, time, bars->step);
	for (enum number i = 0; i < NUMBERS; i++)
		fprintf(out, ",%" PRIu64, tally->number[i]);
	fputs("\r\n", out);
	bars->rc = sink_failed(out);
}

static void csv_head(FILE *out)
{
	fputs("time,seconds", out);
	for (enum number i = 0; i < NUMBERS; i++)
		fprintf(out, ",%s", numbers_keys[i]);
	fputs("\r\n", out);
}

/*
 * Calls @print for each step from the first to the last, those without acts too, unless there are
 * very many: a clock that stood in 1970 once must not make an endless answer.
 */
static void each_step(const struct histogram *histogram, struct bars *bars, uint64_t first,
		      uint64_t last,
		      void (*print)(struct bars *, uint64_t, const struct numbers *))
{
	size_t i = 0;

	for (uint64_t at = first; at <= last && !bars->rc; at += bars->step) {
		struct numbers sum = { 0 };

		for (; i < histogram->count && histogram->span[i].second < at + bars->step; i++)
			numbers_add(&sum, &histogram->span[i].tally);
		print(bars, at, &sum);
		if (i < histogram->count && (histogram->span[i].second - at) / bars->step > EMPTY)
			at = begin_of(histogram->span[i].second, bars->step) - bars->step;
	}
}

static void find_most(struct bars *bars, uint64_t second, const struct numbers *tally)
{
	(void)second;
	if (tally->number[ACTS] > bars->most)
		bars->most = tally->number[ACTS];
}

int histogram_print(const struct histogram *histogram, const struct sink_options *options,
		    const char *format, uint64_t step_s)
{
	struct bars bars = { .options = options, .step = step_s };
	uint64_t first, last;

	if (!histogram->count)
		return 0;
	first = histogram->span[0].second;
	last = histogram->span[histogram->count - 1].second;
	if (!bars.step)
		bars.step = choose_step(last - first);
	first = begin_of(first, bars.step);
	if (!strcmp(format, "csv") && options->messages)
		csv_head(options->out);
	each_step(histogram, &bars, first, last, find_most);
	if (!strcmp(format, "json"))
		each_step(histogram, &bars, first, last, print_json);
	else
		each_step(histogram, &bars, first, last,
			  !strcmp(format, "csv") ? print_csv : print_text);
	return bars.rc;
}
