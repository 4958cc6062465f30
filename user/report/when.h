/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* when.h - points in time as people write them, and as closetrace prints them */
#ifndef REPORT_WHEN_H
#define REPORT_WHEN_H

#include <stdint.h>

/* From the first to the last nanosecond that was named, ns since 1970; none is above INT64_MAX. */
struct when {
	uint64_t first_ns, last_ns;
};

/*
 * "-15min", "now", "12:00", "yesterday 12:00:01", "2026-11-21", "2026-11-21 12:00:01.5",
 * "2026-11-21T12:00:01Z", "2026-11-21T12:00:01+01:00", "1795435201.118".  Local time where none is
 * told.  What has no seconds is a moment, the others last as long as their last digit says, so that
 * a time pasted from a line finds that line.  An hour that comes twice, when clocks are put back,
 * lasts from the earlier reading to the later.
 *
 * 0, or -EINVAL and *when is left alone.
 */
int when_parse(const char *text, uint64_t now_ns, struct when *when);

#endif
