// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "wall.h"

#define READINGS	5
#define NEVER		(1LL << 33)	/* s: in the year 2242 */

static uint64_t now(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The others lie between two readings of CLOCK_MONOTONIC: half their distance is the error. */
static void read_once(struct wall_reading *reading)
{
	uint64_t before = now(CLOCK_MONOTONIC);
	uint64_t wall = now(CLOCK_REALTIME);
	uint64_t boot = now(CLOCK_BOOTTIME);
	uint64_t after = now(CLOCK_MONOTONIC);

	reading->error_ns = (after - before) / 2 + 1;
	reading->ktime_ns = before + (after - before) / 2;
	reading->wall_ns = (int64_t)(wall - reading->ktime_ns);
	reading->boot_ns = (int64_t)(boot - reading->ktime_ns);
}

void wall_read(struct wall_reading *reading)
{
	struct wall_reading one;

	read_once(reading);
	for (int i = 1; i < READINGS; i++) {
		read_once(&one);
		if (one.error_ns < reading->error_ns)
			*reading = one;
	}
}

static void add_span(struct wall *wall, uint64_t since_ns, int64_t offset_ns)
{
	if (wall->spans == WALL_SPANS) {
		wall->spans--;
		memmove(wall->span, wall->span + 1, wall->spans * sizeof(wall->span[0]));
	}
	wall->span[wall->spans++] = (struct wall_span){ since_ns, offset_ns };
}

void wall_start(struct wall *wall, const struct wall_reading *reading)
{
	memset(wall, 0, sizeof(*wall));
	wall->last = *reading;
	add_span(wall, reading->ktime_ns, reading->wall_ns);
}

uint64_t wall_at(const struct wall *wall, uint64_t ktime_ns)
{
	size_t i = wall->spans - 1;

	while (i && wall->span[i].since_ns > ktime_ns)
		i--;
	return ktime_ns + (uint64_t)wall->span[i].offset_ns;
}

/* Zero, when it is no more than what two readings may be wrong. */
static int64_t beyond(int64_t difference, uint64_t error_ns)
{
	uint64_t size = (uint64_t)(difference < 0 ? -difference : difference);

	return size > error_ns ? difference : 0;
}

bool wall_take(struct wall *wall, const struct wall_reading *reading, struct wall_step *step)
{
	uint64_t error_ns = wall->last.error_ns + reading->error_ns;
	int64_t moved = reading->wall_ns - wall->last.wall_ns;
	int64_t slept = reading->boot_ns - wall->last.boot_ns;

	/* A sleep moves the wall clock, which goes on, against CLOCK_MONOTONIC, which does not. */
	step->slept_ns = beyond(slept, error_ns);
	step->step_ns = beyond(moved - step->slept_ns, error_ns);
	if (!step->slept_ns && !step->step_ns)
		return false;
	wall->last = *reading;
	add_span(wall, reading->ktime_ns, reading->wall_ns);
	step->ktime_ns = reading->ktime_ns;
	step->wall_ns = wall_at(wall, reading->ktime_ns);
	return true;
}

void wall_step(struct wall *wall, const struct wall_step *step)
{
	add_span(wall, step->ktime_ns, (int64_t)(step->wall_ns - step->ktime_ns));
}

int wall_watch(void)
{
	const struct itimerspec never = { .it_value.tv_sec = NEVER };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), rc;

	if (fd < 0)
		return -errno;
	if (!timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

bool wall_was_set(int fd)
{
	uint64_t ticks;

	return read(fd, &ticks, sizeof(ticks)) < 0 && errno == ECANCELED;
}
