// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "run.h"
#include "version.h"

static uint64_t clock_now(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t run_now(void)
{
	return clock_now(CLOCK_MONOTONIC);
}

static void read_boot_id(char boot_id[37])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file)
		return;
	if (fscanf(file, "%36s", boot_id) != 1)
		boot_id[0] = '\0';
	fclose(file);
}

int run_init(struct run *run)
{
	struct wall_reading reading;

	memset(run, 0, sizeof(*run));
	run->version = CLOSETRACE_VERSION;
	if (uname(&run->host))
		return -errno;
	read_boot_id(run->boot_id);
	wall_read(&reading);
	wall_start(&run->wall, &reading);
	run->start_wall_ns = wall_at(&run->wall, run_now());
	run->id = run->start_wall_ns;
	return 0;
}

void totals_add(struct totals *totals, const struct act *act, uint64_t acts)
{
	totals->emitted += acts;
	totals->amended += act->amended ? acts : 0;
	totals->late += act->late ? acts : 0;
	switch (act_wire(act)) {
	case WIRE_FIN:
		totals->wire_fin += acts;
		break;
	case WIRE_RST:
		if (act_direction(act) == DIRECTION_IN)
			totals->wire_rst_in += acts;
		else
			totals->wire_rst_out += acts;
		break;
	case WIRE_NONE:
		totals->wire_none += acts;
		break;
	}
}

/* No member is forgotten: beside those that grow there are four, and the notes. */
#define ONE(member) + 1
_Static_assert(sizeof(struct totals) ==
	       sizeof(uint64_t) * (4 + NOTES TOTALS_GROWN(ONE)), "see TOTALS_GROWN");
#undef ONE

void totals_since(struct totals *totals, const struct totals *earlier)
{
#define LEAVE(member) totals->member -= earlier->member;
	TOTALS_GROWN(LEAVE)
#undef LEAVE
	for (size_t i = 0; i < NOTES; i++)
		totals->note[i] -= earlier->note[i];
}
