// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "storm.h"

#define EVERY_NS	1000000000ULL

static const char *const names[SHARES] = {
#define SHARE(number, name, text) [number] = #name,
#include "abi/shares.def"
#undef SHARE
};

const char *storm_name(enum record_share share)
{
	return names[share];
}

bool storm_due(const struct storm *storm, uint64_t now_ns)
{
	return now_ns - storm->told_ns >= EVERY_NS;
}

/* What has no place in the format is for people. */
static int tell(enum record_share share, uint64_t count, const struct sink *sink,
		const struct sink_options *options, const struct run *run)
{
	if (sink->suppressed && !options->silent)
		return sink->suppressed(options, run, names[share], count);
	if (options->messages)
		fprintf(options->messages, "closetrace: %" PRIu64 " %s suppressed, a storm of "
			"them fills the ring\n", count, names[share]);
	return 0;
}

int storm_tell(struct storm *storm, const uint64_t suppressed[SHARES], const struct sink *sink,
	       const struct sink_options *options, const struct run *run)
{
	int rc = 0;

	storm->going = false;
	for (enum record_share share = SHARE_COMMON + 1; share < SHARES && !rc; share++) {
		uint64_t count = suppressed[share] - storm->told[share];

		if (!count)
			continue;
		rc = tell(share, count, sink, options, run);
		storm->told[share] = suppressed[share];
		storm->told_ns = options->now_ns;
		storm->going = true;
	}
	return rc;
}

uint64_t storm_next(const struct storm *storm)
{
	return storm->going ? storm->told_ns + EVERY_NS : UINT64_MAX;
}
