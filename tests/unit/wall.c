// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* wall.c - the time of day when the clock is set or the host sleeps: readings are injected */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "gallery.h"
#include "pipeline.h"
#include "wall.h"

#define SECOND	1000000000LL
#define HOUR	(3600 * SECOND)
#define NOON	(1795435200 * SECOND)	/* 2026-11-23T12:00:00Z */

/* At this time, with the clock that far from noon at 0 and the host asleep for so long by then. */
static struct wall_reading reading(uint64_t ktime_ns, int64_t off, int64_t slept)
{
	return (struct wall_reading){ .ktime_ns = ktime_ns, .wall_ns = NOON + off + slept,
				      .boot_ns = slept, .error_ns = 100 };
}

static struct wall started(void)
{
	struct wall_reading first = reading(10 * SECOND, 0, 0);
	struct wall wall;

	wall_start(&wall, &first);
	return wall;
}

static bool take(struct wall *wall, uint64_t ktime_ns, int64_t off, int64_t slept,
		 struct wall_step *step)
{
	struct wall_reading next = reading(ktime_ns, off, slept);

	return wall_take(wall, &next, step);
}

Test(wall, tells_the_time_of_day)
{
	struct wall wall = started();

	cr_expect_eq(wall_at(&wall, 10 * SECOND), NOON + 10 * SECOND);
	cr_expect_eq(wall_at(&wall, 11 * SECOND + 7), NOON + 11 * SECOND + 7);
	/* What happened before the first reading. */
	cr_expect_eq(wall_at(&wall, 3 * SECOND), NOON + 3 * SECOND);
}

/* An hour either way: what was before keeps its time, what comes after has the new one. */
Test(wall, steps_by_an_hour)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		struct wall wall = started();
		struct wall_step step;

		cr_assert(take(&wall, 20 * SECOND, sign * HOUR, 0, &step));
		cr_expect_eq(step.step_ns, sign * HOUR);
		cr_expect_eq(step.slept_ns, 0);
		cr_expect_eq(step.ktime_ns, 20 * SECOND);
		cr_expect_eq(step.wall_ns, NOON + 20 * SECOND + sign * HOUR);
		cr_expect_eq(wall_at(&wall, 20 * SECOND - 1), NOON + 20 * SECOND - 1);
		cr_expect_eq(wall_at(&wall, 20 * SECOND), NOON + 20 * SECOND + sign * HOUR);
		cr_expect_eq(wall_at(&wall, 30 * SECOND), NOON + 30 * SECOND + sign * HOUR);
		/* And back again. */
		cr_assert(take(&wall, 40 * SECOND, 0, 0, &step));
		cr_expect_eq(step.step_ns, -sign * HOUR);
		cr_expect_eq(wall_at(&wall, 19 * SECOND), NOON + 19 * SECOND);
		cr_expect_eq(wall_at(&wall, 39 * SECOND), NOON + 39 * SECOND + sign * HOUR);
		cr_expect_eq(wall_at(&wall, 41 * SECOND), NOON + 41 * SECOND);
	}
}

/* What two readings may be wrong is no step, and moves nothing. */
Test(wall, keeps_its_distance)
{
	struct wall wall = started();
	struct wall_step step;

	cr_expect(!take(&wall, 20 * SECOND, 200, 0, &step));
	cr_expect(!take(&wall, 21 * SECOND, -200, 0, &step));
	cr_expect_eq(wall_at(&wall, 30 * SECOND), NOON + 30 * SECOND);
	cr_expect(take(&wall, 22 * SECOND, 201, 0, &step));
	cr_expect_eq(step.step_ns, 201);
}

/* The kernel's time stands still in a sleep, the time of day does not. */
Test(wall, knows_sleep_from_a_step)
{
	struct wall wall = started();
	struct wall_step step;

	cr_assert(take(&wall, 20 * SECOND, 0, HOUR, &step));
	cr_expect_eq(step.slept_ns, HOUR);
	cr_expect_eq(step.step_ns, 0);
	cr_expect_eq(wall_at(&wall, 19 * SECOND), NOON + 19 * SECOND);
	cr_expect_eq(wall_at(&wall, 20 * SECOND), NOON + 20 * SECOND + HOUR);
	cr_assert(take(&wall, 30 * SECOND, -SECOND, HOUR + 5 * SECOND, &step));
	cr_expect_eq(step.slept_ns, 5 * SECOND);
	cr_expect_eq(step.step_ns, -SECOND);
}

Test(wall, forgets_the_oldest)
{
	struct wall wall = started();
	struct wall_step step;

	for (unsigned int i = 1; i <= 2 * WALL_SPANS; i++)
		cr_assert(take(&wall, (10 + i) * SECOND, i * HOUR, 0, &step));
	cr_expect_eq(wall.spans, WALL_SPANS);
	for (unsigned int i = WALL_SPANS + 1; i <= 2 * WALL_SPANS; i++)
		cr_expect_eq(wall_at(&wall, (10 + i) * SECOND),
			     NOON + (10 + i) * SECOND + i * HOUR);
}

Test(wall, reads_the_clocks)
{
	struct wall_reading now;
	struct timespec time;
	int64_t difference;
	int fd = wall_watch();

	cr_assert_geq(fd, 0);
	wall_read(&now);
	clock_gettime(CLOCK_REALTIME, &time);
	difference = time.tv_sec * SECOND + time.tv_nsec - (int64_t)now.ktime_ns - now.wall_ns;
	cr_expect(difference > -SECOND && difference < SECOND);
	cr_expect_geq(now.boot_ns, -(int64_t)now.error_ns);
	/* Nobody has set it. */
	cr_expect(!wall_was_set(fd));
	close(fd);
}

/* Three acts around two steps, through a sink: each has its own time, and order is kept. */
static char *around_steps(const char *sink)
{
	struct options options = { 0 };
	struct pipeline pipeline = { .options = &options, .sink = sink_by_name(sink) };
	struct wall_reading first = reading(0, 0, 0);
	struct wall_step step;
	struct run run;
	char *text;
	size_t size;

	setenv("TZ", "UTC", 1);
	tzset();
	gallery_run(&run);
	wall_start(&run.wall, &first);
	pipeline.run = &run;
	pipeline.sink_options.out = open_memstream(&text, &size);
	cr_assert(pipeline.sink && pipeline.sink_options.out);
	for (unsigned int i = 1; i <= 3; i++) {
		struct record record;

		fixture_plain(&record);
		record.time_ns = i * 10 * SECOND;
		cr_assert_eq(pipeline_take(&pipeline, &record, sizeof(record)), 0);
		/* The first act waits until the second has come. */
		if (i > 1)
			pipeline_drain(&pipeline, UINT64_MAX);
		if (i == 1 && take(&run.wall, 15 * SECOND, HOUR, 0, &step))
			pipeline_step(&pipeline, &step);
		if (i == 2 && take(&run.wall, 25 * SECOND, -HOUR, 30 * SECOND, &step))
			pipeline_step(&pipeline, &step);
	}
	fclose(pipeline.sink_options.out);
	pipeline_free(&pipeline);
	return text;
}

/* The time of the line that begins at text, "12:00:10": JSON and text have it somewhere. */
static void expect_times(char *text, const char *const *times, const char *of_step)
{
	char *line;

	for (size_t i = 0; (line = strsep(&text, "\n")) && *line; i++) {
		cr_assert(times[i], "a line too many: %s", line);
		cr_expect(strstr(line, times[i]), "no %s: %s", times[i], line);
		cr_expect_eq(!strstr(line, of_step), i != 1 && i != 3, "%s", line);
	}
}

Test(wall, is_told_in_its_place)
{
	static const char *const times[] = { "12:00:10", "13:00:15", "13:00:20", "11:00:55",
					     "11:01:00", NULL };
	char *json = around_steps("json"), *text = around_steps("text");

	cr_expect(strstr(json, "\"ktime_ns\":15000000000,\"run\":\"18c0ffee\","
			       "\"step_us\":3600000000,\"slept_us\":0}"), "%s", json);
	cr_expect(strstr(json, "\"step_us\":-7200000000,\"slept_us\":30000000}"), "%s", json);
	cr_expect(strstr(text, "13:00:15.000  the clock was set forward by 3600.000000 s\n"), "%s",
		  text);
	cr_expect(strstr(text, "11:00:55.000  the host slept for 30.000 s; the clock was set back "
			       "by 7200.000000 s\n"), "%s", text);
	expect_times(json, times, "\"type\":\"clock\"");
	expect_times(text, times, "the clock was set");
	free(json);
	free(text);
}
