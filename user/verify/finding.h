/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * finding.h - what the witnesses said of one case, as the JSON line that all else is made from
 *
 * What may differ from run to run on one kernel (ports, sequence numbers, order between the ends)
 * stands in the keys did and packets only: all others can be compared with an earlier run.
 */
#ifndef VERIFY_FINDING_H
#define VERIFY_FINDING_H

#include "fleet.h"
#include "skips.h"
#include "tracer.h"

/* A case that ran; a new object. */
struct json_object *finding_new(const struct fleet_case *one, const struct tracer *tracer,
				struct skips *skips);
/* One that was left out, and why. */
struct json_object *finding_skipped(const struct fleet_case *one, const char *tier,
				    const char *reason);

#endif
