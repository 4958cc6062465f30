// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "stamp.h"

#define SECOND	1000000000ULL

int stamp_columns(enum stamp stamp)
{
	static const int columns[STAMPS] = {
		[STAMP_CLOCK] = 12, [STAMP_EPOCH] = 17, [STAMP_DELTA] = 15,
		[STAMP_DATE] = 26,  [STAMP_ELAPSED] = 15,
	};

	return columns[stamp];
}

/* "00:00:01.234567"; a line that comes late has a sign. */
static void interval(int64_t ns, char out[WORDS_TIME])
{
	uint64_t us = (ns < 0 ? -(uint64_t)ns : (uint64_t)ns) / 1000, seconds = us / 1000000;

	snprintf(out, WORDS_TIME, "%s%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%06" PRIu64,
		 ns < 0 ? "-" : "", seconds / 3600, seconds / 60 % 60, seconds % 60, us % 1000000);
}

static void date(uint64_t wall_ns, char out[WORDS_TIME])
{
	time_t seconds = (time_t)(wall_ns / SECOND);
	struct tm tm;
	size_t used;

	localtime_r(&seconds, &tm);
	used = strftime(out, WORDS_TIME, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(out + used, WORDS_TIME - used, ".%06u", (unsigned int)(wall_ns % SECOND / 1000));
}

void stamp_text(enum stamp stamp, uint64_t wall_ns, int64_t since_ns, char out[WORDS_TIME])
{
	switch (stamp) {
	case STAMP_EPOCH:
		snprintf(out, WORDS_TIME, "%" PRIu64 ".%06u", wall_ns / (uint64_t)SECOND,
			 (unsigned int)(wall_ns % SECOND / 1000));
		break;
	case STAMP_DELTA:
	case STAMP_ELAPSED:
		interval(since_ns, out);
		break;
	case STAMP_DATE:
		date(wall_ns, out);
		break;
	case STAMP_CLOCK:
		words_clock(wall_ns, out);
		break;
	default:
		out[0] = '\0';
	}
}
