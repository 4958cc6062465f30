/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Deferrable timers of the kernel do not wake an idle processor: where one of them has to run
 * first, each processor is kept busy in turn.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "lab.h"

void lab_wait_busy(struct lab *lab, unsigned int ms)
{
	cpu_set_t own, one;

	if (!lab_step(lab, "each processor busy for %u ms", ms))
		return;
	sched_getaffinity(0, sizeof(own), &own);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		uint64_t end = lab_now_us() + ms * 1000ULL;

		if (!CPU_ISSET(cpu, lab->pinned ? &lab->cpus : &own))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		while (lab_now_us() < end)
			;
	}
	sched_setaffinity(0, sizeof(own), &own);
}
