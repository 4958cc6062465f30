/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* process.h - what /proc tells of the processes that -p names */
#ifndef CLOSETRACE_PROCESS_H
#define CLOSETRACE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"

/*
 * 0: a process; -ESRCH: there is none of that number; -ENOTSUP: a thread of the process *leader.
 */
int process_check(pid_t pid, pid_t *leader);

/* The same for all of -p, with a message for the first that fails. */
struct options;
int process_check_all(const struct options *options, char message[MESSAGE]);

/* Start, in 1/100 s since boot (field 22 of stat); 0 when the process is gone. */
uint64_t process_start_ticks(pid_t pid);

/* What /proc/PID/stat tells of the running process; false when there is none any more. */
struct process_stat {
	pid_t parent;
	uint64_t start_ticks;		/* 1/100 s since boot */
};

bool process_stat(pid_t pid, struct process_stat *stat);

/* A descriptor that polls readable when the process has ended, or a negative errno. */
int process_watch(pid_t pid);

#endif
