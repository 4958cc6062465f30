/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs trials side by side, each in a process and on a path of its own.
 */
#ifndef LIVE_FLEET_H
#define LIVE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "trial.h"

struct fleet_case {
	const struct scenario *scenario;
	int family;		/* AF_INET, AF_INET6 */
	bool veth;		/* across a veth pair, not on loopback */
	bool skipped;		/* not to be run */
	struct trial trial;	/* the result */
	/* The fleet's own. */
	pid_t pid;
	int result_fd;
	struct path path;	/* keeps the namespaces and their inode numbers until the end */
};

/*
 * jobs at a time, beside those that wait for a timer of the kernel, and at the end, one at a time,
 * those that change what all namespaces share and those of MPTCP. slow multiplies all waits. What
 * went wrong stands in each trial; 0, or a negative errno when the fleet as a whole could not run.
 */
int fleet_run(struct fleet_case *cases, size_t count, unsigned int jobs, unsigned int slow);
/* Lets go of the namespaces. */
void fleet_release(struct fleet_case *cases, size_t count);

#endif
