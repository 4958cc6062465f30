/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tally.h - --count-only: judges what the programs have counted, by the same rules as acts
 *
 * The programs count in memory that is mapped here, by number; what a number stands for comes over
 * the ring.  Nothing is read before something is to be written.
 */
#ifndef CLOSETRACE_TALLY_USER_H
#define CLOSETRACE_TALLY_USER_H

#include "abi/tally.h"
#include "options.h"
#include "summary.h"

struct tally;

/* @counts: of TALLY_SLOTS + TALLY_OTHER_SLOTS numbers.  NULL without memory. */
struct tally *tally_new(const volatile uint64_t *counts);
void tally_free(struct tally *tally);

/* What came over the ring: false when it is no key. */
bool tally_learn(struct tally *tally, const void *data, size_t size);

/* The act that a key stands for; judged by tally_judge(). */
void tally_act(const struct tally_key *key, struct act *act);

/* Derives and judges; @settled: no reply that would have changed a verdict was lost. */
void tally_judge(struct act *act, bool settled);

/* Adds what the filters of user space take, and what they do not, to the totals. */
void tally_account(const struct tally *tally, const struct options *options, bool settled,
		   struct totals *totals);

/*
 * Adds what was counted since the last call to the summary.  @over: nothing is counted any more;
 * before that a count that has gone down, as a verdict was changed, is told later.  0 or -ENOMEM.
 */
int tally_summarize(struct tally *tally, const struct options *options, bool settled, bool over,
		    struct summary *summary);

/* Whether one of --fail-on was counted. */
bool tally_found(const struct tally *tally, const struct options *options, bool settled);

/* Hands each count since the start to the sink, the largest first; 0 or a negative errno. */
int tally_write(const struct tally *tally, const struct options *options, bool settled,
		const struct sink *sink, const struct sink_options *out, const struct run *run);

#endif
