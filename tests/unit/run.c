// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* run.c - where a run runs, and the arithmetic of its account */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "kernel.h"
#include "run.h"

#define SECOND 1000000000LL

static int64_t now(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

Test(run, knows_where_it_is)
{
	struct utsname host;
	struct run run;

	memset(&run, 0xff, sizeof(run));
	cr_assert_eq(run_init(&run), 0);
	cr_assert_eq(uname(&host), 0);
	cr_expect_str_eq(run.host.release, host.release);
	cr_expect_str_eq(run.host.nodename, host.nodename);
	/* 8-4-4-4-12 */
	cr_expect_eq(strlen(run.boot_id), 36, "boot id '%s'", run.boot_id);
	cr_expect_eq(strspn(run.boot_id, "0123456789abcdef-"), 36);
	cr_expect_neq(run.id, 0);
	cr_expect_lt((int64_t)run.start_wall_ns - now(CLOCK_REALTIME), SECOND);
	cr_expect_gt((int64_t)run.start_wall_ns - now(CLOCK_REALTIME), -10 * SECOND);
}

Test(run, two_runs_differ)
{
	struct run first, second;

	cr_assert_eq(run_init(&first), 0);
	cr_assert_eq(run_init(&second), 0);
	cr_expect_neq(first.id, second.id);
	cr_expect_str_eq(first.boot_id, second.boot_id);
}

/* What grows is told of the time since; the rest is as it is now. */
Test(run, totals_since_earlier_ones)
{
	struct totals earlier = { .seen = 5, .lost_ring = 2, .note[1] = 3, .ring_peak = 9 };
	struct totals totals = earlier;

	totals.seen += 7;
	totals.note[1] += 1;
	totals.ring_peak = 10;
	totals.end_wall_ns = 11;
	totals_since(&totals, &earlier);
	cr_expect(totals.seen == 7 && !totals.lost_ring && totals.note[1] == 1);
	cr_expect(totals.ring_peak == 10 && totals.end_wall_ns == 11);
	cr_expect(totals_complete(&totals) && !totals_complete(&earlier));
}

/* The time of an act is what CLOCK_REALTIME said when CLOCK_MONOTONIC said so. */
Test(run, clocks_agree)
{
	struct run run;
	int64_t difference;

	cr_assert_eq(run_init(&run), 0);
	difference = (int64_t)wall_at(&run.wall, run_now()) - now(CLOCK_REALTIME);
	cr_expect(difference < SECOND && difference > -SECOND, "%lld ns", (long long)difference);
	difference = (int64_t)run_now() - now(CLOCK_MONOTONIC);
	cr_expect(difference <= 0 && difference > -SECOND, "%lld ns", (long long)difference);
}

Test(run, each_loss_makes_the_account_incomplete)
{
	cr_expect(totals_complete(&(struct totals){ .seen = 5, .emitted = 5 }));
	/* What was not asked for, and what is late, is not lost. */
	cr_expect(totals_complete(&(struct totals){ .filtered = 1, .unowned = 2, .late = 3 }));
	cr_expect(!totals_complete(&(struct totals){ .lost_ring = 1 }));
	cr_expect(!totals_complete(&(struct totals){ .lost_pending = 1 }));
	cr_expect(!totals_complete(&(struct totals){ .lost_amend = 1 }));
	cr_expect(!totals_complete(&(struct totals){ .undecodable = 1 }));
	cr_expect(!totals_complete(&(struct totals){ .missed = 1 }));
	cr_expect_eq(totals_lost(&(struct totals){ .lost_ring = 1, .lost_pending = 20,
						   .undecodable = 300, .lost_amend = 4000 }), 321);
}

/* Some rate is always told, and never an absurd one. */
Test(run, jiffies_a_second)
{
	struct utsname host;
	uint32_t hz;

	cr_assert_eq(uname(&host), 0);
	hz = kernel_hz(host.release);
	cr_expect(hz >= 24 && hz <= 10000, "%u", hz);
}
