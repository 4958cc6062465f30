/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef VERIFY_AGAIN_H
#define VERIFY_AGAIN_H

#include <stdio.h>

#include "fleet.h"

/*
 * When the wire or the counters are not those of the scenario, the kernel took another course: a
 * segment came twice, two processors met, the machine was too slow. closetrace cannot be judged by
 * it, and the case is run again, and out is told (NULL: nobody). What only closetrace says
 * otherwise counts at once, and so does all beyond so many. 0 or a negative errno.
 */
int again_run(struct fleet_case *cases, size_t count, const struct fleet_way *way,
	      unsigned int most, FILE *out);

#endif
