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

static struct totals counted;

static void count_run(const struct recording *recording, struct totals *totals)
{
	(void)recording;
	*totals = counted;
}

/* As logrotate does, with a file that is looked at later. */
static void rotate(struct recording *recording, char *old)
{
	strcat(strcpy(old, recording->path), ".old");
	cr_assert_eq(rename(recording->path, old), 0);
	cr_assert_eq(recording->recorder->reopen(recording), 0);
}

static void tells(const char *path, int wanted, const char *part)
{
	int status;
	char *told = raw_bench_report(path, &status, "-j", NULL);

	cr_expect(strstr(told, part), "no %s in %s", part, told);
	cr_expect_eq(status, wanted, "status %d", status);
	free(told);
	unlink(path);
}

/* Each file tells its own losses, and the next one those that it could not write. */
Test(raw, turns_with_its_totals, .init = cr_redirect_stderr)
{
	struct run run;
	struct recording recording = { .options = &options, .recorder = recorder_by_name("raw"),
				       .count = count_run };
	struct pipeline pipeline = { .options = &options, .run = &run };
	char old[RECORDING_PATH + 4];

	open_record(&recording, &pipeline, &run);
	counted.lost_ring = 3;
	rotate(&recording, old);
	tells(old, STATUS_INCOMPLETE, "\"lost_ring\":3,");
	rotate(&recording, old);
	tells(old, STATUS_DONE, "\"lost_ring\":0,");
	counted.lost_ring = 5;
	fill(recording.path, true);
	feed(&pipeline, 0);
	rotate(&recording, old);
	tells(old, STATUS_IO, "\"lost_ring\":0,");
	fill(recording.path, false);
	feed(&pipeline, 2000000000);
	counted.lost_ring = 9;
	cr_assert_eq(pipeline.sink->end(&pipeline.sink_options, &run, &counted), 0);
	recording.recorder->close(&recording);
	tells(recording.path, STATUS_INCOMPLETE, "\"lost_ring\":6,");
	pipeline_free(&pipeline);
}

/* Cut to nothing, or in a frame: it is a record again, and what it tells begins there. */
Test(raw, is_cut_by_others, .init = cr_redirect_stderr)
{
	struct run run;
	struct recording recording = { .options = &options, .recorder = recorder_by_name("raw"),
				       .count = count_run };
	struct pipeline pipeline = { .options = &options, .run = &run };

	open_record(&recording, &pipeline, &run);
	feed(&pipeline, 0);
	cr_expect(!recording.recorder->is_gone(&recording));
	for (off_t left = 0; left < 2000; left += 1000) {
		cr_assert_eq(truncate(recording.path, left), 0);
		feed(&pipeline, 0);
		cr_expect(recording.recorder->is_gone(&recording), "cut to %d", (int)left);
		cr_assert_eq(recording.recorder->reopen(&recording), 0);
		cr_expect(!recording.recorder->is_gone(&recording));
	}
	feed(&pipeline, 0);
	cr_assert_eq(pipeline.sink->end(&pipeline.sink_options, &run, &counted), 0);
	recording.recorder->close(&recording);
	tells(recording.path, STATUS_DONE, "\"type\":\"act\"");
	pipeline_free(&pipeline);
}
