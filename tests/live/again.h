/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef LIVE_AGAIN_H
#define LIVE_AGAIN_H

#include "fleet.h"

/*
 * When the wire or the counters are not those of the scenario, the kernel took another course: a
 * segment came twice, two processors met, the machine was too slow. closetrace cannot be judged by
 * it, and the case is run again, alone, and it is told. What only closetrace says otherwise counts
 * at once, and so does all when it happens often. 0 or a negative errno.
 */
int again_run(struct fleet_case *cases, size_t count, unsigned int slow);

#endif
