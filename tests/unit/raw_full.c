// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* raw_full.c - the raw form while its file takes nothing: told once a minute, not once a second */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "gallery.h"
#include "pipeline.h"
#include "raw_bench.h"
#include "store/recorder.h"

#define FLIPS	5

static const struct options options = { .store = { .form = "raw" } };

/* As a full disk: the file takes no byte more. */
static void fill(const char *path, bool full)
{
	struct rlimit limit;
	struct stat info;

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(stat(path, &info), 0);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = full ? (rlim_t)info.st_size : limit.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* One act, and a look at the clock that is later than any trouble. */
static void feed(struct pipeline *pipeline, uint64_t later_ns)
{
	struct record record;

	fixture_plain(&record);
	pipeline->totals.emitted++;
	pipeline->sink_options.now_ns = run_now() + later_ns;
	cr_assert_eq(pipeline->sink->record(&pipeline->sink_options, &record, sizeof(record)), 0);
	pipeline->sink->tick(&pipeline->sink_options);
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		found++;
	}
	return found;
}

static void open_record(struct recording *recording, struct pipeline *pipeline, struct run *run)
{
	char message[MESSAGE] = "";
	int fd;

	strcpy(recording->path, "/tmp/closetrace-unit-XXXXXX");
	fd = mkstemp(recording->path);
	cr_assert(fd >= 0);
	close(fd);
	gallery_run(run);
	recording->pipeline = pipeline;
	pipeline->sink = &recording->recorder->sink;
	pipeline->sink_options = (struct sink_options){ .out = stdout, .recording = recording };
	pipeline->cgroups = cgroups_new();
	cr_assert_eq(recording->recorder->open(recording, message), 0, "%s", message);
	cr_assert_eq(pipeline->sink->start(&pipeline->sink_options, run), 0);
}

Test(raw, flips_between_full_and_not, .init = cr_redirect_stderr)
{
	struct run run;
	struct recording recording = { .options = &options, .recorder = recorder_by_name("raw") };
	struct pipeline pipeline = { .options = &options, .run = &run };
	char said[4096] = "", *told;
	int status;

	open_record(&recording, &pipeline, &run);
	for (int i = 0; i < FLIPS; i++) {
		fill(recording.path, true);
		feed(&pipeline, 0);
		fill(recording.path, false);
		feed(&pipeline, 2000000000);
	}
	recording.recorder->close(&recording);
	fflush(stderr);
	said[fread(said, 1, sizeof(said) - 1, cr_get_redirected_stderr())] = '\0';
	cr_expect_eq(count(said, "cannot write"), 1, "%s", said);
	cr_expect_eq(count(said, "written again"), 1, "%s", said);
	/* It is not tried again before the tick: what came until then is lost, too. */
	cr_expect_eq(recording.lost.acts, 2 * FLIPS, "%lu", (unsigned long)recording.lost.acts);
	told = raw_bench_report(recording.path, &status, "-j", NULL);
	cr_expect_eq(count(told, "\"kind\":\"full\""), FLIPS, "%s", told);
	free(told);
	unlink(recording.path);
	pipeline_free(&pipeline);
}
