// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "stats.h"

#define SECOND	1000000000ULL
#define MIB	(1024.0 * 1024.0)

void stats_take(struct stats *stats, uint64_t now_ns, const struct totals *totals,
		const struct usage *usage, struct stats_line *line)
{
	*line = (struct stats_line){
		.interval_ns = now_ns - stats->last_ns,
		.totals = totals,
		.usage = usage,
		.seen = totals->seen - stats->totals.seen,
		.emitted = totals->emitted - stats->totals.emitted,
		.filtered = totals->filtered + totals->unowned - stats->totals.filtered -
			    stats->totals.unowned,
		.lost = totals_lost(totals) - totals_lost(&stats->totals),
		.bpf_ns = usage->bpf_ns - stats->usage.bpf_ns,
		.cpu_us = usage->cpu_us - stats->usage.cpu_us,
	};
	stats->last_ns = now_ns;
	stats->totals = *totals;
	stats->usage = *usage;
}

uint64_t stats_next(const struct stats *stats)
{
	return stats->every_ns ? stats->last_ns + stats->every_ns : UINT64_MAX;
}

uint64_t stats_rate(const struct stats_line *line, uint64_t events)
{
	uint64_t ms = line->interval_ns / 1000000;

	return ms ? events * 1000 / ms : 0;
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static void print_bpf(FILE *out, const struct stats_line *line)
{
	if (!line->usage->bpf_known)
		return;
	fprintf(out, "; BPF %.2f%% of a CPU", percent((double)line->bpf_ns,
						     (double)line->interval_ns));
	if (line->seen)
		fprintf(out, ", %" PRIu64 " ns an act", line->bpf_ns / line->seen);
}

void stats_print(FILE *out, const struct stats_line *line)
{
	const struct totals *totals = line->totals;

	fprintf(out, "stats %.1f s: %" PRIu64 "/s seen, %" PRIu64 "/s shown, %" PRIu64
		"/s filtered, %" PRIu64 " lost", (double)line->interval_ns / (double)SECOND,
		stats_rate(line, line->seen), stats_rate(line, line->emitted),
		stats_rate(line, line->filtered), line->lost);
	if (totals_lost(totals))
		fprintf(out, " (%" PRIu64 " in all: %" PRIu64 " ring, %" PRIu64 " suppressed, %"
			PRIu64 " samples, %" PRIu64 " not understood)", totals_lost(totals),
			totals->lost_ring, totals->suppressed, totals->lost_pending,
			totals->undecodable);
	if (totals->missed)
		fprintf(out, ", %" PRIu64 " program runs skipped", totals->missed);
	fprintf(out, "; ring at most %.1f%% of %" PRIu64 " KiB",
		percent((double)totals->ring_peak, (double)line->usage->ring_size),
		line->usage->ring_size / 1024);
	print_bpf(out, line);
	fprintf(out, "; closetrace %.1f%% of a CPU, %.1f MiB\n",
		percent((double)line->cpu_us * 1000, (double)line->interval_ns),
		(double)line->usage->memory / MIB);
}
