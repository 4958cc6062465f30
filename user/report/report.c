// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "output.h"
#include "report.h"
#include "store/recorder.h"
#include "sums.h"

#define GAPS	10	/* told to people one by one */

bool report_done(const struct report *report)
{
	return report->pipeline.full || report->pipeline.error || report->follow.stop;
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

/* A file without a key gets one for this output. */
static int choose_names(struct report *report)
{
	if (!report->options->report.anonymize || report->pipeline.anonym)
		return 0;
	report->pipeline.anonym = &report->anonym;
	if (report->keyed)
		return 0;
	if (report->pipeline.sink_options.messages)
		fprintf(report->pipeline.sink_options.messages, "closetrace: the file has no key: "
			"these names of addresses are of this output alone\n");
	return anonym_key(&report->anonym);
}

/* Each boot has a clock of its own: between two of them that of the day counts. */
static void resume_summary(struct report *report)
{
	const struct report_ended *ended = &report->ended;
	uint64_t ktime_ns = report->run.wall.last.ktime_ns;
	uint64_t wall_ns = wall_at(&report->run.wall, ktime_ns);
	uint64_t off_ns = wall_ns > ended->wall_ns ? wall_ns - ended->wall_ns : 0;

	if (report->runs > 1 && !report_done(report) &&
	    strcmp(ended->boot_id, report->run.boot_id) != 0)
		summary_go_on(report->pipeline.summary, ended->ktime_ns + off_ns, ktime_ns);
}

static int begin_output(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;
	const struct options *options = report->options;
	struct run run = report->run;

	if (options->summary && !pipeline->summary)
		pipeline->summary = summary_new(report->run.wall.last.ktime_ns,
						options->summary_ns);
	if (options->summary && !pipeline->summary)
		return -ENOMEM;
	if (options->summary)
		resume_summary(report);
	if (pipeline->sink->runs) {
		memset(&pipeline->totals, 0, sizeof(pipeline->totals));
		memset(&report->recorded, 0, sizeof(report->recorded));
	} else if (report->runs > 1) {
		return 0;
	}
	if (pipeline->anonym) {
		anonym_host(pipeline->anonym, run.host.nodename, sizeof(run.host.nodename));
		anonym_boot(pipeline->anonym, run.boot_id);
	}
	pipeline->error = pipeline->sink->start(&pipeline->sink_options, &run);
	return 0;
}

int report_begin(struct report *report)
{
	int rc;

	report_end(report, NULL);
	report->runs++;
	report->open = true;
	if (!report_done(report))
		report->pipeline.sink_options.now_ns = report->run.wall.last.ktime_ns;
	rc = renew(report) ?: choose_names(report);
	return rc ?: begin_output(report);
}

static int status_of(const struct report *report, const struct totals *totals)
{
	if (report->pipeline.error)
		return report->pipeline.error == -EPIPE ? STATUS_DONE : STATUS_IO;
	if (report->pipeline.found)
		return STATUS_FOUND;
	return totals_complete(totals) ? STATUS_DONE : STATUS_INCOMPLETE;
}

/* Whether there are lines of notes to give an account of: asked for then, and now. */
static bool tells_notes(const struct report *report, const struct totals *totals)
{
	const struct pipeline *pipeline = &report->pipeline;

	return report->options->all && pipeline->sink->note && !pipeline->sink_options.silent &&
	       (totals->all || pipeline->totals.notes || pipeline->totals.notes_filtered);
}

static void end_output(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;
	struct totals totals = pipeline->totals;

	sums_add(&totals, &report->recorded);
	sums_close(&totals, &report->run, pipeline->sink_options.now_ns);
	totals.all = tells_notes(report, &totals);
	totals.status = status_of(report, &totals);
	if (!pipeline->error)
		pipeline->error = pipeline->sink->end(&pipeline->sink_options, &report->run,
						      &totals);
}

/* Until when it was on: what is told of the last acts may be long before. */
static void take_end(struct report *report, const struct totals *totals)
{
	const struct wall *wall = &report->run.wall;
	uint64_t *now_ns = &report->pipeline.sink_options.now_ns, end_ns = 0;

	if (totals && !report_done(report))
		end_ns = totals->end_wall_ns - (uint64_t)wall->span[wall->spans - 1].offset_ns;
	if ((int64_t)(end_ns - *now_ns) > 0)
		*now_ns = end_ns;
	memcpy(report->ended.boot_id, report->run.boot_id, sizeof(report->ended.boot_id));
	report->ended.ktime_ns = *now_ns;
	report->ended.wall_ns = wall_at(wall, *now_ns);
}

void report_end(struct report *report, const struct totals *totals)
{
	struct pipeline *pipeline = &report->pipeline;

	if (!report->open)
		return;
	report->open = false;
	pipeline_drain(pipeline, UINT64_MAX);
	take_end(report, totals);
	if (totals)
		sums_add(&report->recorded, totals);
	report->lost |= !totals_complete(&report->recorded) ||
			!totals_complete(&pipeline->totals);
	if (pipeline->sink->runs)
		end_output(report);
}

void report_turn(struct report *report, const struct totals *totals)
{
	if (report->open)
		sums_add(&report->recorded, totals);
}

void report_gap(struct report *report, const struct gap *gap)
{
	const struct option_report *asked = &report->options->report;
	struct pipeline *pipeline = &report->pipeline;
	char message[MESSAGE];

	if (gap->until_ns < asked->since_ns || report_done(report) ||
	    (asked->until_ns && gap->since_ns > asked->until_ns))
		return;
	gap_text(gap, message);
	if (pipeline->sink_options.messages && report->gaps++ < GAPS)
		fprintf(pipeline->sink_options.messages, "closetrace: %s\n", message);
	if (pipeline->sink->gap)
		pipeline->error = pipeline->sink->gap(&pipeline->sink_options, gap);
}

void report_key(struct report *report, const uint8_t key[ANONYM_KEY])
{
	memcpy(report->anonym.key, key, ANONYM_KEY);
	report->keyed = true;
}

/* The lines of all runs are out: what is told once, and whether it could be written. */
static int finish(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;

	report_end(report, NULL);
	if (report->gaps > GAPS && pipeline->sink_options.messages)
		fprintf(pipeline->sink_options.messages, "closetrace: and %zu more gaps\n",
			report->gaps - GAPS);
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

static int read_file(struct report *report, const char *path)
{
	const struct source *source = source_open(&report->file, path);
	int rc;

	if (!source)
		return -EIO;
	if (report->options->report.follow)
		follow_file(&report->follow, fileno(report->file.in));
	rc = source->read(&report->file, report);
	source_close(&report->file);
	return rc;
}

static void open_pipeline(struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;

	pipeline->options = report->options;
	pipeline->run = &report->run;
	pipeline->recorded = true;
	pipeline->everything = report->ask.sink && options_tell(report->options);
	pipeline->sink = report->ask.sink ?: sink_by_name(report->options->format);
	pipeline->which = report->options->report.one ? &report->which : NULL;
	pipeline->sink_options.recorded = true;
	pipeline->sink_options.ask = &report->ask;
}

/* Reads all of it for something else than to tell of it; which is all that is asked for. */
static int look(struct report *finder, const struct report *report, const char *path)
{
	finder->looks = true;
	open_pipeline(finder);
	finder->pipeline.sink_options.out = report->pipeline.sink_options.out;
	return read_file(finder, path);
}

static void look_no_more(struct report *finder)
{
	pipeline_free(&finder->pipeline);
	ask_close(&finder->ask);
}

/* All that lines may be of. */
static struct options options_of(const struct which *which)
{
	return (struct options){ .verb = VERB_REPORT, .format = "json", .all = true, .held = true,
				 .report = { .one = true, .which = *which } };
}

/* What a socket's id is of, so that the other end is told as well.  1; 0: nowhere; or an errno. */
static int find_ends(struct report *report, const char *path)
{
	const struct options options = options_of(&report->options->report.which);
	struct report finder = { .options = &options, .which = options.report.which };
	int rc;

	ask_find(&finder.ask, &options);
	rc = look(&finder, report, path);
	if (finder.ask.story.count) {
		report->which = finder.ask.story.ends;
		rc = 1;
	}
	look_no_more(&finder);
	return rc;
}

/* A story finds its connection among those of its ends; a filter must be told. */
static int find_lives(struct report *report, const char *path)
{
	const struct options options = options_of(&report->which);
	struct report finder = { .options = &options, .which = report->which };
	struct story *story = &finder.ask.story;
	int rc;

	ask_collect(&finder.ask, &options);
	rc = look(&finder, report, path);
	story->which = report->options->report.which;
	rc = story_sort(story) ?: story_lives(story, &report->which) ?: rc;
	look_no_more(&finder);
	return rc < 0 ? rc : 1;
}

static int check_path(const struct options *options, const char *path)
{
	const struct option_report *report = &options->report;

	if (strcmp(path, "-") != 0)
		return 0;
	if (report->follow)
		message_tell("-F follows a file; what comes through a pipe is followed without it");
	else if (report->one && !report->which.ends)
		message_tell("a pipe is read once: name the ends of the connection, or a file");
	else
		return 0;
	return -EINVAL;
}

static int run(struct report *report, const char *path)
{
	const struct option_report *asked = &report->options->report;
	struct pipeline *pipeline = &report->pipeline;
	char message[MESSAGE];
	int rc = 1, status;

	if (output_sink(&pipeline->sink_options, report->options, message)) {
		message_tell("%s", message);
		return STATUS_IO;
	}
	if (asked->follow && follow_open(&report->follow, path, pipeline->sink_options.out))
		return STATUS_IO;
	report->which = asked->which;
	ask_open(&report->ask, report->options);
	open_pipeline(report);
	if (asked->one && !asked->which.ends)
		rc = find_ends(report, path);
	/* What is followed may go on. */
	if (rc > 0 && asked->one && !asked->which.ends && !asked->follow &&
	    !options_tell(report->options))
		rc = find_lives(report, path);
	report->which.nowhere = !rc && !asked->follow;
	if (rc >= 0)
		rc = read_file(report, path);
	status = finish(report);
	return rc && status != STATUS_IO && !report_done(report) ? STATUS_IO : status;
}

static bool is_file(const char *path, const char *suffix, const struct stat *other)
{
	char name[PATH_MAX];
	struct stat info;

	return snprintf(name, sizeof(name), "%s%s", path, suffix) < (int)sizeof(name) &&
	       !stat(name, &info) && info.st_dev == other->st_dev && info.st_ino == other->st_ino;
}

/* To open it would empty what is to be read. */
static int check_output(const struct options *options, const char *path)
{
	struct stat output;

	if (!options->output || stat(options->output, &output) ||
	    !(is_file(path, "", &output) || is_file(path, "-wal", &output) ||
	      is_file(path, "-shm", &output)))
		return 0;
	message_tell("--output '%s' is of the record itself; name another file", options->output);
	return -EINVAL;
}

int report_run(const struct options *options)
{
	struct report report = { .options = options };
	char newest[RECORDING_PATH], message[MESSAGE];
	const char *path = options->topic ?: newest;
	int status;

	if (!options->topic && recording_newest(newest, message)) {
		message_tell("%s", message);
		return STATUS_IO;
	}
	if (check_path(options, path) || check_output(options, path))
		return STATUS_USAGE;
	status = run(&report, path);
	pipeline_free(&report.pipeline);
	ask_close(&report.ask);
	free(report.which.life);
	return status;
}
