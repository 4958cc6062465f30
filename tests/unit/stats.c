// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* stats.c - what --stats tells of an interval */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stats.h"

#define SECOND	1000000000ULL

static void expect_line(const struct stats_line *line, const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert(out);
	stats_print(out, line);
	fclose(out);
	cr_expect_str_eq(text, expected);
	free(text);
}

/* Rates are those since the last line; what was lost before is told again. */
Test(stats, tells_of_the_interval)
{
	struct totals totals = { .seen = 1000, .emitted = 600, .filtered = 300, .unowned = 90,
				 .lost_ring = 10, .ring_peak = 512 << 10 };
	struct usage usage = { .bpf_known = true, .bpf_ns = 700000, .bpf_runs = 5000,
			       .ring_size = 1 << 20, .cpu_us = 20000, .memory = 10 << 20 };
	struct stats stats = { .every_ns = 2 * SECOND, .last_ns = 5 * SECOND };
	struct stats_line line;

	cr_expect_eq(stats_next(&stats), 7 * SECOND);
	stats_take(&stats, 7 * SECOND, &totals, &usage, &line);
	cr_expect_eq(stats_rate(&line, line.seen), 500);
	expect_line(&line, "stats 2.0 s: 500/s seen, 300/s shown, 195/s filtered, 10 lost (10 in "
			   "all: 10 ring, 0 suppressed, 0 samples, 0 not understood); ring at "
			   "most 50.0% of 1024 KiB; BPF 0.04% of a CPU, 700 ns an act; closetrace "
			   "1.0% of a CPU, 10.0 MiB\n");
	totals.seen += 7;
	totals.emitted += 4;
	totals.suppressed = 3;
	totals.missed = 2;
	usage.bpf_known = false;
	stats_take(&stats, 8 * SECOND, &totals, &usage, &line);
	cr_expect_eq(stats_next(&stats), 10 * SECOND);
	expect_line(&line, "stats 1.0 s: 7/s seen, 4/s shown, 0/s filtered, 3 lost (13 in all: 10 "
			   "ring, 3 suppressed, 0 samples, 0 not understood), 2 program runs "
			   "skipped; ring at most 50.0% of 1024 KiB; closetrace 0.0% of a CPU, "
			   "10.0 MiB\n");
}

Test(stats, without_the_option_none_is_due)
{
	struct stats stats = { 0 };

	cr_expect_eq(stats_next(&stats), UINT64_MAX);
}
