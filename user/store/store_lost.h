/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store_lost.h - what was handed to a recorder and could not be written */
#ifndef CLOSETRACE_STORE_LOST_H
#define CLOSETRACE_STORE_LOST_H

#include <stdint.h>

#include "abi/record.h"

struct store_lost {
	uint64_t acts;
	uint64_t notes, held;	/* no acts */
};

/* One more of this kind. */
static inline void store_lost_count(struct store_lost *lost, enum record_kind kind)
{
	if (kind == RECORD_NOTE)
		lost->notes++;
	else if (kind == RECORD_HELD)
		lost->held++;
	else
		lost->acts++;
}

static inline void store_lost_add(struct store_lost *sum, const struct store_lost *more)
{
	sum->acts += more->acts;
	sum->notes += more->notes;
	sum->held += more->held;
}

#endif
