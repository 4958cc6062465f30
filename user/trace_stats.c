// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace_stats.c - gathers what --stats tells */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "trace_private.h"

#define LEAST_NS 100000000ULL

static uint64_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t processor_us(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return 0;
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void tell(struct trace *trace, const struct stats_line *line)
{
	struct pipeline *pipeline = &trace->pipeline;
	const struct sink_options *options = &pipeline->sink_options;
	int rc;

	if (!pipeline->sink->stats) {
		stats_print(options->messages ?: stderr, line);
		return;
	}
	rc = pipeline->sink->stats(options, &trace->run, line);
	if (rc && !pipeline->error)
		pipeline->error = rc;
}

static void take(struct trace *trace, struct totals *totals, struct usage *usage,
		 struct stats_line *line)
{
	*usage = (struct usage){ .cpu_us = processor_us(), .memory = resident() };
	probe_usage(trace->probe, usage);
	trace_totals(trace, totals);
	trace->pipeline.sink_options.now_ns = run_now();
	stats_take(&trace->stats, trace->pipeline.sink_options.now_ns, totals, usage, line);
}

/* What it took to begin is no part of the first interval. */
void trace_stats_begin(struct trace *trace)
{
	struct stats_line line;
	struct totals totals;
	struct usage usage;

	trace->stats.every_ns = trace->options->stats_ns;
	if (trace->stats.every_ns)
		take(trace, &totals, &usage, &line);
}

void trace_stats(struct trace *trace)
{
	struct stats_line line;
	struct totals totals;
	struct usage usage;

	take(trace, &totals, &usage, &line);
	tell(trace, &line);
}

/* What is left of an interval; right after a line hardly anything is. */
void trace_stats_end(struct trace *trace)
{
	uint64_t left = run_now() - trace->stats.last_ns;

	if (trace->stats.every_ns && (left > LEAST_NS || left > trace->stats.every_ns / 10))
		trace_stats(trace);
}
