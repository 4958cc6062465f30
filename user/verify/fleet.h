/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs trials side by side, each in a process and on a path of its own.
 */
#ifndef VERIFY_FLEET_H
#define VERIFY_FLEET_H

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

struct fleet_way {
	unsigned int jobs;	/* at a time, beside those that wait for a timer of the kernel */
	unsigned int slow;	/* multiplies all waits */
	void (*ended)(void *context);	/* called after each case; NULL: nobody is told */
	void *context;
};

/*
 * At the end, one at a time, run those that change what all namespaces share and those of MPTCP.
 * What went wrong stands in each trial; 0, or a negative errno when the fleet as a whole could not
 * run.
 */
int fleet_run(struct fleet_case *cases, size_t count, const struct fleet_way *way);
/* Lets go of the namespaces. */
void fleet_release(struct fleet_case *cases, size_t count);

#endif
