/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * order.h - puts acts in the order of their first fact and joins the two halves of an act
 *
 * On loopback the victim of a reset reports before its culprit, and "data after close" is told in
 * two records: a provisional "reset received" and the reply that shows there was none.  So acts
 * wait here for a moment, provisional ones a little longer.
 */
#ifndef CLOSETRACE_ORDER_H
#define CLOSETRACE_ORDER_H

#include <stddef.h>

#include "act.h"

#define ORDER_SETTLE_NS		300000ULL	/* how long any act waits for an older one */
#define ORDER_PROVISIONAL_NS	20000000ULL	/* how long a provisional one waits for its reply */
#define ORDER_MPTCP_NS		80000000ULL	/* how long one reset by MPTCP waits */

struct order {
	struct act *acts;		/* sorted by record.time_ns once order_release() ran */
	size_t count;
	size_t room;
	uint64_t newest_ns;		/* of the last act released */
	uint64_t joined;		/* amending records that found their first half */
	uint64_t late;			/* acts released after a younger one */
	bool amends_lost;		/* the kernel lost an amending record: nothing is settled */
};

/* Takes an act in, with a copy of its stack.  0 or -ENOMEM. */
int order_add(struct order *order, const struct act *act);

/*
 * Calls @release for each act whose time has come at @now_ns (CLOCK_MONOTONIC), oldest first;
 * UINT64_MAX releases all.  Returns the time at which to call again, UINT64_MAX when none waits.
 */
uint64_t order_release(struct order *order, uint64_t now_ns,
		       void (*release)(void *context, struct act *act), void *context);

void order_free(struct order *order);

#endif
