// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* summary.c - --summary: counts by cause, owner and port; and the pipeline that writes it */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "fixture.h"
#include "gallery.h"
#include "pipeline.h"
#include "sinks/flood.h"

#define SECOND	1000000000ULL
#define HEAD	"    ACTS    FIN>    RST>    <RST       -   LOSSY  "

struct bench {
	struct sink_options options;
	struct summary *summary;
	char *text;
	size_t size;
};

static void bench_init(struct bench *bench, uint64_t every_ns)
{
	memset(bench, 0, sizeof(*bench));
	bench->summary = summary_new(0, every_ns);
	bench->options.out = open_memstream(&bench->text, &bench->size);
	bench->options.silent = true;
	cr_assert(bench->summary && bench->options.out);
}

/* What has been written since the last time must be this. */
static void expect_text(struct bench *bench, const char *expected)
{
	fflush(bench->options.out);
	cr_expect_str_eq(bench->text, expected, "%s", bench->text);
	fclose(bench->options.out);
	free(bench->text);
	bench->options.out = open_memstream(&bench->text, &bench->size);
}

static void bench_free(struct bench *bench)
{
	summary_free(bench->summary);
	fclose(bench->options.out);
	free(bench->text);
}

static struct act plain(void)
{
	struct record record;

	fixture_plain(&record);
	return fixture_judged(&record);
}

static void add(struct bench *bench, struct act act)
{
	cr_assert_eq(summary_add(bench->summary, &act, 1), 0);
}

Test(summary, of_nothing)
{
	struct bench bench;

	bench_init(&bench, 0);
	bench.options.now_ns = 90 * SECOND;
	cr_expect_eq(summary_tick(bench.summary, &bench.options), UINT64_MAX);
	summary_end(bench.summary, &bench.options);
	expect_text(&bench, "summary of 90.0 s: 0 acts\n");
	bench_free(&bench);
}

/* After a reboot the clock begins anew. */
Test(summary, of_two_boots)
{
	struct bench bench;

	bench_init(&bench, 100 * SECOND);
	summary_go_on(bench.summary, 95 * SECOND, 7 * SECOND);
	bench.options.now_ns = 11 * SECOND;
	summary_tick(bench.summary, &bench.options);
	expect_text(&bench, "");
	bench.options.now_ns = 13 * SECOND;
	summary_tick(bench.summary, &bench.options);
	summary_end(bench.summary, &bench.options);
	expect_text(&bench, "summary of the last 101.0 s: 0 acts\nsummary of 101.0 s: 0 acts\n");
	bench_free(&bench);
}

/* All acts of the gallery: each is counted once in every section. */
Test(summary, counts_every_act)
{
	struct act acts[GALLERY_MAX];
	size_t count = gallery_acts(acts), rows = 0;
	uint64_t section[3] = { 0 };
	struct bench bench;
	int at = -1;

	bench_init(&bench, 0);
	for (size_t i = 0; i < count; i++)
		add(&bench, acts[i]);
	bench.options.now_ns = 2 * SECOND;
	summary_end(bench.summary, &bench.options);
	fflush(bench.options.out);
	cr_expect(!strncmp(bench.text, "summary of 2.0 s: 32 acts, 16.0/s\n", 33), "%s",
		  bench.text);
	for (char *rest = bench.text, *line; (line = strsep(&rest, "\n")) && rest; rows++) {
		unsigned long number[6];
		char *field = line;

		if (!rows)
			continue;
		if (!strncmp(line, "    ACTS", 8)) {
			cr_assert(++at < 3);
			continue;
		}
		for (size_t i = 0; i < 6; i++) {
			field += strspn(field, " ");
			number[i] = *field == '.' ? 0 : strtoul(field, NULL, 10);
			field += strcspn(field, " ");
		}
		section[at] += number[0];
		cr_expect_eq(number[0], number[1] + number[2] + number[3] + number[4], "%s", line);
		cr_expect_leq(number[5], number[0], "%s", line);
	}
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(section[i], count, "section %zu has %lu", i, section[i]);
	bench_free(&bench);
}

/* An interval shows its own, the end shows all; nothing is told twice. */
Test(summary, of_intervals)
{
	struct act act = plain();
	struct bench bench;

	bench_init(&bench, 10 * SECOND);
	add(&bench, act);
	add(&bench, act);
	bench.options.now_ns = 9 * SECOND;
	cr_expect_eq(summary_tick(bench.summary, &bench.options), 10 * SECOND);
	expect_text(&bench, "");
	bench.options.now_ns = 10 * SECOND;
	cr_expect_eq(summary_tick(bench.summary, &bench.options), 20 * SECOND);
	expect_text(&bench, "summary of the last 10.0 s: 2 acts, 0.2/s\n"
		    HEAD "CAUSE\n"
		    "       2       2       .       .       .       .  fin_close\n"
		    HEAD "OWNER\n"
		    "       2       2       .       .       .       .  nginx[812]\n"
		    HEAD "PORT\n"
		    "       2       2       .       .       .       .  80\n");
	bench.options.now_ns = 20 * SECOND;
	summary_tick(bench.summary, &bench.options);
	expect_text(&bench, "summary of the last 10.0 s: 0 acts\n");
	add(&bench, act);
	bench.options.now_ns = 30 * SECOND;
	summary_end(bench.summary, &bench.options);
	expect_text(&bench, "summary of 30.0 s: 3 acts, 0.1/s\n"
		    HEAD "CAUSE\n"
		    "       3       3       .       .       .       .  fin_close\n"
		    HEAD "OWNER\n"
		    "       3       3       .       .       .       .  nginx[812]\n"
		    HEAD "PORT\n"
		    "       3       3       .       .       .       .  80\n");
	bench_free(&bench);
}

/* Owners of one name in one row; ports of the service, here or there. */
Test(summary, owners_and_ports)
{
	struct act act = plain();
	struct bench bench;

	bench_init(&bench, 0);
	add(&bench, act);
	act.record.owner.pid = 813;
	add(&bench, act);
	act.record.role = ROLE_CLIENT;
	act.record.rport = 5432;
	memcpy(act.record.owner.comm, "psql\xff", 6);
	add(&bench, act);
	act.record.role = ROLE_UNKNOWN;
	act.record.known &= ~(KNOWN_OWNER | KNOWN_ACTOR);
	act.record.rport = 22;
	add(&bench, act);
	bench.options.now_ns = SECOND;
	summary_end(bench.summary, &bench.options);
	fflush(bench.options.out);
	cr_expect(strstr(bench.text, HEAD "OWNER\n"
			 "       2       2       .       .       .       .  nginx\n"
			 "       1       1       .       .       .       .  -\n"
			 "       1       1       .       .       .       .  psql\\xff[813]\n"),
		  "%s", bench.text);
	cr_expect(strstr(bench.text, HEAD "PORT\n"
			 "       2       2       .       .       .       .  80\n"
			 "       1       1       .       .       .       .  to 22\n"
			 "       1       1       .       .       .       .  to 5432\n"),
		  "%s", bench.text);
	bench_free(&bench);
}

/* More than are shown: the rest in one row; more than are kept: in another. */
Test(summary, of_very_many)
{
	struct act act = plain();
	struct bench bench;

	bench_init(&bench, 0);
	for (unsigned int i = 0; i < 20000; i++) {
		act.record.lport = (uint16_t)(i + 1);
		add(&bench, act);
	}
	bench.options.now_ns = SECOND;
	summary_end(bench.summary, &bench.options);
	fflush(bench.options.out);
	cr_expect(strstr(bench.text, "11808   11808       .       .       .       .  [others]\n"));
	cr_expect(strstr(bench.text, "8183    8183       .       .       .       .  8183 others"));
	bench_free(&bench);
}

static void take(struct pipeline *pipeline, uint64_t time_ns)
{
	struct record record;

	fixture_plain(&record);
	record.time_ns = time_ns;
	cr_assert_eq(pipeline_take(pipeline, &record, sizeof(record)), 0);
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

static void pipeline_init(struct pipeline *pipeline, const struct options *options,
			  struct run *run, char **text, size_t *size)
{
	memset(pipeline, 0, sizeof(*pipeline));
	gallery_run(run);
	pipeline->options = options;
	pipeline->run = run;
	pipeline->sink = sink_by_name("text");
	pipeline->sink_options.out = open_memstream(text, size);
	cr_assert(pipeline->sink_options.out);
}

/* In place of lines; the acts are shown all the same, as far as -c and totals go. */
Test(summary, in_place_of_lines)
{
	struct options options = { .count = 3 };
	struct pipeline pipeline;
	struct run run;
	size_t size;
	char *text;

	pipeline_init(&pipeline, &options, &run, &text, &size);
	pipeline.sink_options.silent = true;
	pipeline.summary = summary_new(0, 0);
	for (uint64_t i = 1; i < 6; i++)
		take(&pipeline, i);
	pipeline_drain(&pipeline, 4 * SECOND);
	cr_expect_eq(size, 0, "%s", text);
	cr_expect(pipeline.full);
	cr_expect_eq(pipeline.totals.emitted, 3);
	pipeline_summarize(&pipeline);
	fflush(pipeline.sink_options.out);
	cr_expect(!strncmp(text, "summary of 4.0 s: 3 acts,", 25), "%s", text);
	pipeline_free(&pipeline);
	fclose(pipeline.sink_options.out);
	free(text);
}

/* What a terminal gets in two seconds, and what anything else gets. */
static size_t lines_in_a_flood(unsigned int columns, char **text)
{
	struct options options = { 0 };
	struct pipeline pipeline;
	struct run run;
	size_t size, lines;

	pipeline_init(&pipeline, &options, &run, text, &size);
	pipeline.sink_options.columns = columns;
	pipeline.sink->start(&pipeline.sink_options, &run);
	for (uint64_t i = 1; i <= 1000; i++)
		take(&pipeline, i);
	cr_expect_eq(pipeline_drain(&pipeline, 10 * SECOND), columns ? 11 * SECOND : UINT64_MAX);
	cr_expect_eq(pipeline_drain(&pipeline, 11 * SECOND), UINT64_MAX);
	take(&pipeline, 10 * SECOND);
	pipeline_drain(&pipeline, 12 * SECOND);
	cr_expect_eq(pipeline.totals.emitted, 1001);
	lines = count_lines(*text);
	pipeline_free(&pipeline);
	fclose(pipeline.sink_options.out);
	return lines;
}

Test(summary, flood_on_a_terminal)
{
	char *text;

	cr_expect_eq(lines_in_a_flood(140, &text), FLOOD_LINES + 2);
	cr_expect(strstr(text, "\n+ 800 fin_close in the last second\n"), "%s", text);
	free(text);
	cr_expect_eq(lines_in_a_flood(80, &text), FLOOD_LINES + 3);
	cr_expect(strstr(text, "\n+ 900 fin_close in the last second\n"), "%s", text);
	free(text);
	cr_expect_eq(lines_in_a_flood(0, &text), 1001);
	free(text);
}

/* At the end nothing is kept back. */
Test(summary, flood_at_the_end)
{
	struct options options = { 0 };
	struct totals totals = { 0 };
	struct pipeline pipeline;
	struct run run;
	size_t size;
	char *text;

	pipeline_init(&pipeline, &options, &run, &text, &size);
	pipeline.sink_options.columns = 140;
	pipeline.sink->start(&pipeline.sink_options, &run);
	for (uint64_t i = 1; i <= 300; i++)
		take(&pipeline, i);
	pipeline_drain(&pipeline, UINT64_MAX);
	pipeline.sink->end(&pipeline.sink_options, &run, &totals);
	fflush(pipeline.sink_options.out);
	cr_expect(strstr(text, "\n+ 100 fin_close in the last second\n"), "%s", text);
	pipeline_free(&pipeline);
	fclose(pipeline.sink_options.out);
	free(text);
}
