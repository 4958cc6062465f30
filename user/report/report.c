// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "output.h"
#include "report.h"
#include "source.h"

bool report_done(const struct report *report)
{
	return report->pipeline.full || report->pipeline.error;
}

/* A run's cgroups are its own: numbers begin anew with each boot. */
static int renew(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;

	order_free(&pipeline->order);
	cgroups_free(pipeline->cgroups);
	pipeline->cgroups = cgroups_new();
	return pipeline->cgroups ? 0 : -ENOMEM;
}

static int begin_output(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;
	const struct options *options = report->options;

	if (options->summary && !pipeline->summary)
		pipeline->summary = summary_new(report->run.wall.last.ktime_ns,
						options->summary_ns);
	if (options->summary && !pipeline->summary)
		return -ENOMEM;
	if (pipeline->sink->runs) {
		memset(&pipeline->totals, 0, sizeof(pipeline->totals));
		memset(&report->recorded, 0, sizeof(report->recorded));
	} else if (report->runs > 1) {
		return 0;
	}
	pipeline->error = pipeline->sink->start(&pipeline->sink_options, &report->run);
	return 0;
}

int report_begin(struct report *report)
{
	int rc;

	report_end(report, NULL);
	report->runs++;
	report->open = true;
	rc = renew(report);
	return rc ?: begin_output(report);
}

static void add(struct totals *sum, const struct totals *totals)
{
	sum->filtered += totals->filtered;
	sum->unowned += totals->unowned;
	sum->lost_ring += totals->lost_ring;
	sum->lost_pending += totals->lost_pending;
	sum->suppressed += totals->suppressed;
	sum->lost_store += totals->lost_store;
	sum->lost_amend += totals->lost_amend;
	sum->owner_full += totals->owner_full;
	sum->note_full += totals->note_full;
	sum->children_full += totals->children_full;
	sum->missed += totals->missed;
	sum->undecodable += totals->undecodable;
	sum->unfinished += totals->unfinished;
	sum->held += totals->held;
	sum->held_lost += totals->held_lost;
	sum->all |= totals->all;
	sum->notes += totals->notes;
	sum->notes_filtered += totals->notes_filtered;
	sum->notes_lost += totals->notes_lost;
	for (size_t i = 0; i < NOTES; i++)
		sum->note[i] += totals->note[i];
	sum->end_wall_ns = totals->end_wall_ns;
}

/* What was counted then, and what became of it now; each act is counted in exactly one. */
static void sum_up(const struct report *report, struct totals *totals)
{
	*totals = report->pipeline.totals;
	add(totals, &report->recorded);
	totals->seen = totals->emitted + totals->filtered + totals->unowned + totals_lost(totals);
	if (!totals->end_wall_ns)
		totals->end_wall_ns = wall_at(&report->run.wall,
					      report->pipeline.sink_options.now_ns);
}

static int status_of(const struct report *report, const struct totals *totals)
{
	if (report->pipeline.error)
		return report->pipeline.error == -EPIPE ? STATUS_DONE : STATUS_IO;
	if (report->pipeline.found)
		return STATUS_FOUND;
	return totals_complete(totals) ? STATUS_DONE : STATUS_INCOMPLETE;
}

static void end_output(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;
	struct totals totals;

	sum_up(report, &totals);
	totals.status = status_of(report, &totals);
	if (!pipeline->error)
		pipeline->error = pipeline->sink->end(&pipeline->sink_options, &report->run,
						      &totals);
}

void report_end(struct report *report, const struct totals *totals)
{
	struct pipeline *pipeline = &report->pipeline;

	if (!report->open)
		return;
	report->open = false;
	pipeline_drain(pipeline, UINT64_MAX);
	if (totals)
		add(&report->recorded, totals);
	report->lost |= !totals_complete(&report->recorded) ||
			!totals_complete(&pipeline->totals);
	if (pipeline->sink->runs)
		end_output(report);
}

/* The lines of all runs are out: what is told once, and whether it could be written. */
static int finish(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;

	report_end(report, NULL);
	if (report->runs && !pipeline->error)
		pipeline_summarize(pipeline);
	if (report->runs && !pipeline->sink->runs)
		end_output(report);
	if (fflush(pipeline->sink_options.out) && !pipeline->error)
		pipeline->error = -errno;
	if (!pipeline->error || pipeline->error == -EPIPE)
		return pipeline->error ? STATUS_DONE :
		       pipeline->found ? STATUS_FOUND :
		       report->lost ? STATUS_INCOMPLETE : STATUS_DONE;
	message_tell("cannot write: %s; acts after that are missing", strerror(-pipeline->error));
	return STATUS_IO;
}

int report_run(const struct options *options)
{
	struct report report = { .options = options };
	struct pipeline *pipeline = &report.pipeline;
	const struct source *source;
	struct source_file file;
	char message[MESSAGE];
	int status = STATUS_IO, rc;

	pipeline->options = options;
	pipeline->run = &report.run;
	pipeline->recorded = true;
	pipeline->sink = sink_by_name(options->format);
	source = source_open(&file, options->topic);
	if (source && output_sink(&pipeline->sink_options, options, message)) {
		message_tell("%s", message);
	} else if (source) {
		pipeline->sink_options.recorded = true;
		rc = source->read(&file, &report);
		status = finish(&report);
		if (rc && status != STATUS_IO && !report_done(&report))
			status = STATUS_IO;
	}
	pipeline_free(pipeline);
	source_close(&file);
	return status;
}
