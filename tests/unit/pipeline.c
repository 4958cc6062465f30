// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pipeline.c - records in, lines out, and every one accounted for */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "pipeline.h"

struct bench {
	struct options options;
	struct run run;
	struct pipeline pipeline;
	char *text;
	size_t size;
};

static void bench_init(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	wall_start(&bench->run.wall, &(struct wall_reading){ 0 });
	bench->pipeline.options = &bench->options;
	bench->pipeline.run = &bench->run;
	bench->pipeline.sink = sink_by_name("json");
	bench->pipeline.sink_options.out = open_memstream(&bench->text, &bench->size);
	cr_assert(bench->pipeline.sink && bench->pipeline.sink_options.out);
}

static void bench_free(struct bench *bench)
{
	pipeline_free(&bench->pipeline);
	fclose(bench->pipeline.sink_options.out);
	free(bench->text);
}

static void take(struct bench *bench, uint64_t time_ns)
{
	struct record record;

	fixture_plain(&record);
	record.time_ns = time_ns;
	cr_assert_eq(pipeline_take(&bench->pipeline, &record, sizeof(record)), 0);
}

static size_t lines(const struct bench *bench)
{
	size_t count = 0;

	for (size_t i = 0; i < bench->size; i++)
		count += bench->text[i] == '\n';
	return count;
}

Test(pipeline, one_record_is_one_line)
{
	struct bench bench;

	bench_init(&bench);
	wall_start(&bench.run.wall, &(struct wall_reading){ .wall_ns = 1795435195000000000 });
	take(&bench, 5000000000);
	cr_expect_eq(pipeline_drain(&bench.pipeline, 0), 5000000000 + ORDER_SETTLE_NS);
	cr_expect_eq(lines(&bench), 0);
	cr_expect_eq(pipeline_drain(&bench.pipeline, UINT64_MAX), UINT64_MAX);
	cr_expect_eq(lines(&bench), 1);
	cr_expect(strstr(bench.text, "\"time\":\"2026-11-23T12:00:00.000000000Z\""), "%s",
		  bench.text);
	cr_expect(strstr(bench.text, "\"cause\":\"fin_close\""));
	cr_expect_eq(bench.pipeline.totals.emitted, 1);
	cr_expect_eq(bench.pipeline.totals.wire_fin, 1);
	bench_free(&bench);
}

Test(pipeline, what_is_no_record_is_counted)
{
	struct record record;
	struct bench bench;

	bench_init(&bench);
	fixture_plain(&record);
	cr_expect_eq(pipeline_take(&bench.pipeline, &record, 10), 0);
	record.version++;
	cr_expect_eq(pipeline_take(&bench.pipeline, &record, sizeof(record)), 0);
	record.version--;
	record.kind = RECORD_KINDS;
	cr_expect_eq(pipeline_take(&bench.pipeline, &record, sizeof(record)), 0);
	take(&bench, 1);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(bench.pipeline.totals.undecodable, 3);
	cr_expect_eq(bench.pipeline.totals.emitted, 1);
	cr_expect_eq(totals_lost(&bench.pipeline.totals), 3);
	cr_expect(!totals_complete(&bench.pipeline.totals));
	bench_free(&bench);
}

/* -c: the rest is filtered, not lost. */
Test(pipeline, count_is_a_limit)
{
	struct bench bench;

	bench_init(&bench);
	bench.options.count = 2;
	for (uint64_t i = 0; i < 5; i++)
		take(&bench, i);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect(bench.pipeline.full);
	cr_expect_eq(lines(&bench), 2);
	cr_expect_eq(bench.pipeline.totals.emitted, 2);
	cr_expect_eq(bench.pipeline.totals.filtered, 3);
	cr_expect(totals_complete(&bench.pipeline.totals));
	bench_free(&bench);
}

Test(pipeline, filtered_ones_do_not_count)
{
	struct bench bench;

	bench_init(&bench);
	bench.options.show = SHOW_SILENT;
	bench.options.count = 1;
	take(&bench, 1);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect(!bench.pipeline.full);
	cr_expect_eq(lines(&bench), 0);
	cr_expect_eq(bench.pipeline.totals.filtered, 1);
	bench_free(&bench);
}

/* --fail-on is about what the filters let through, and leaves it as it is. */
Test(pipeline, fail_on_what_is_shown)
{
	static const struct {
		const char *fail_on;
		unsigned int show;
		bool found;
	} rows[] = {
		{ "fin_close", 0, true },	     { "orderly", SHOW_FIN, true },
		{ "orderly", SHOW_SILENT, false },   { "local_reset", 0, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench bench;

		bench_init(&bench);
		bench.options.show = rows[i].show;
		cr_assert_eq(choice_add(&bench.options.fail_on, rows[i].fail_on, false), 0);
		take(&bench, 1);
		cr_expect(!bench.pipeline.found);
		pipeline_drain(&bench.pipeline, UINT64_MAX);
		cr_expect_eq(bench.pipeline.found, rows[i].found, "%s", rows[i].fail_on);
		cr_expect_eq(lines(&bench), !(rows[i].show & SHOW_SILENT));
		bench_free(&bench);
	}
}

/* Two halves are one act: one line, and amended. */
Test(pipeline, halves_are_one_line)
{
	struct record first, reply;
	struct bench bench;

	bench_init(&bench);
	fixture_plain(&first);
	first.facts = FACT(closed) | FACT(tcp_reset) | FACT(provisional);
	first.state = TCP_FIN_WAIT2;
	first.err = ECONNRESET;
	fixture_plain(&reply);
	reply.facts = FACT(rst_reply) | FACT(closed) | FACT(amends);
	reply.time_ns = first.time_ns + 1000;
	cr_assert_eq(pipeline_take(&bench.pipeline, &first, sizeof(first)), 0);
	cr_assert_eq(pipeline_take(&bench.pipeline, &reply, sizeof(reply)), 0);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(lines(&bench), 1);
	cr_expect(strstr(bench.text, "\"cause\":\"data_after_close\""), "%s", bench.text);
	cr_expect(strstr(bench.text, "\"amended\":true"));
	cr_expect_eq(bench.pipeline.totals.amended, 1);
	cr_expect_eq(bench.pipeline.totals.emitted, 1);
	bench_free(&bench);
}

Test(pipeline, late_ones_are_marked)
{
	struct bench bench;

	bench_init(&bench);
	take(&bench, 2000);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	take(&bench, 1000);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(lines(&bench), 2);
	cr_expect_eq(bench.pipeline.totals.late, 1);
	cr_expect(strstr(bench.text, "\"late\":true"));
	bench_free(&bench);
}

/* A full disk is seen at the flush at the latest, and nothing is written after it. */
Test(pipeline, full_disk_is_an_error)
{
	struct bench bench;

	bench_init(&bench);
	fclose(bench.pipeline.sink_options.out);
	bench.pipeline.sink_options.out = fopen("/dev/full", "we");
	cr_assert(bench.pipeline.sink_options.out);
	take(&bench, 1);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(bench.pipeline.error, -ENOSPC);
	take(&bench, 2);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(bench.pipeline.error, -ENOSPC, "the first error stays");
	cr_expect_eq(bench.pipeline.totals.emitted, 1);
	bench_free(&bench);
}
