// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* storm.c - the shares of the ring: how large they are, and what is told of them */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "kernel.h"
#include "settings.h"
#include "storm.h"

#define SECOND	1000000000ULL

/* What is told, and how, of these counts at that time; to be freed. */
static char *told(struct storm *storm, const char *format, uint64_t now_ns,
		  const uint64_t suppressed[SHARES])
{
	struct sink_options options = { .now_ns = now_ns };
	struct run run = { .id = 1 };
	char *text;
	size_t size;

	options.out = options.messages = open_memstream(&text, &size);
	cr_assert(options.out);
	cr_expect_eq(storm_tell(storm, suppressed, sink_by_name(format), &options, &run), 0);
	fclose(options.out);
	return text;
}

static void expect_told(struct storm *storm, uint64_t now_ns, uint64_t replies, uint64_t fins,
			const char *expected)
{
	const uint64_t suppressed[SHARES] = { [SHARE_fin] = fins, [SHARE_reply_port] = replies };
	char *text = told(storm, "text", now_ns, suppressed);

	cr_expect_str_eq(text, expected);
	free(text);
}

Test(storm, is_told_by_share_and_second)
{
	struct storm storm = { 0 };

	cr_expect(storm_due(&storm, SECOND));
	expect_told(&storm, SECOND, 0, 0, "");
	cr_expect_eq(storm_next(&storm), UINT64_MAX);
	expect_told(&storm, SECOND, 7, 2,
		    "+ 2 fin suppressed, a storm of them fills the ring\n"
		    "+ 7 reply_port suppressed, a storm of them fills the ring\n");
	cr_expect_not(storm_due(&storm, 2 * SECOND - 1));
	cr_expect_eq(storm_next(&storm), 2 * SECOND);
	cr_expect(storm_due(&storm, 2 * SECOND));
	expect_told(&storm, 2 * SECOND, 8, 2,
		    "+ 1 reply_port suppressed, a storm of them fills the ring\n");
	expect_told(&storm, 3 * SECOND, 8, 2, "");
	cr_expect_eq(storm_next(&storm), UINT64_MAX, "it is over");
}

/* A format that has no place for it does not keep it to itself. */
Test(storm, is_told_beside_csv)
{
	const uint64_t suppressed[SHARES] = { [SHARE_note] = 3 };
	struct storm storm = { 0 };
	char *text = told(&storm, "csv", SECOND, suppressed);

	cr_expect_str_eq(text, "closetrace: 3 note suppressed, a storm of them fills the ring\n");
	free(text);
}

Test(storm, each_share_has_a_name)
{
	for (enum record_share share = SHARE_COMMON + 1; share < SHARES; share++)
		cr_expect(storm_name(share), "share %u", share);
}

Test(storm, is_counted_by_share_and_fate)
{
	static struct record_counters slots[RECORD_SLOTS];
	uint64_t suppressed[SHARES] = { 0 };
	struct totals totals = { 0 };

	slots[0].seen[RECORD_FIN] = 5;
	slots[0].fate[RECORD_FIN][FATE_SUPPRESSED] = 2;
	slots[9].fate[RECORD_FIN][FATE_SUPPRESSED] = 1;
	slots[9].fate[RECORD_FIN][FATE_RING_FULL] = 1;
	slots[9].fate[RECORD_HELD][FATE_SUPPRESSED] = 4;
	slots[0].suppressed[SHARE_fin] = 2;
	slots[9].suppressed[SHARE_fin] = 1;
	slots[0].ring_peak = 10;
	slots[9].ring_peak = 9;
	counters_add(slots, &totals);
	counters_suppressed(slots, suppressed);
	cr_expect_eq(totals.suppressed, 3);
	cr_expect_eq(totals_lost(&totals), 4);
	cr_expect_eq(totals.held_lost, 4);
	cr_expect_eq(totals.ring_peak, 10);
	cr_expect_eq(suppressed[SHARE_fin], 3);
	cr_expect_not(totals_complete(&totals));
}

static struct settings settings_of(uint64_t buffer)
{
	struct options options = { .buffer = buffer };
	struct settings settings = { 0 };
	struct run run = { .id = 1 };

	strcpy(run.host.release, "none");
	settings_fill(&settings, &options, &run);
	return settings;
}

/* All shares together are no more than what is not common. */
Test(storm, shares_fit_the_ring)
{
	struct settings large = settings_of(16 << 20), small = settings_of(16 << 10);

	cr_expect_eq(large.common, 12 << 20);
	cr_expect_eq(large.share, (4 << 20) / 16);
	cr_expect_leq(large.common + large.share * SHARES, 16 << 20);
	cr_expect_eq(small.share, 0, "a share that holds no record");
}

/* A power of two of whole pages, whatever is asked for; by default no more than 16 MiB. */
Test(storm, ring_size)
{
	struct options options = { .buffer = 5000 };
	uint32_t size;

	cr_expect_eq(kernel_ring_size(&options), 8192);
	options.buffer = 0;
	size = kernel_ring_size(&options);
	cr_expect_leq(size, 16 << 20);
	cr_expect_eq(size & (size - 1), 0);
	options.stacks = true;
	cr_expect_geq(kernel_ring_size(&options), size);
}
