// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "options.h"
#include "message.h"
#include "process.h"

int process_check(pid_t pid, pid_t *leader)
{
	char path[64], line[256];
	int tgid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return -ESRCH;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	}
	fclose(file);
	*leader = tgid;
	return tgid == pid ? 0 : -ENOTSUP;
}

int process_check_all(const struct options *options, char message[MESSAGE])
{
	for (size_t i = 0; i < options->pids; i++) {
		pid_t leader, pid = options->pid[i].pid;
		int rc = process_check(pid, &leader);

		if (rc == -ESRCH)
			message_form(message, "no process %d; ps -e lists those there are", pid);
		else if (rc)
			message_form(message, "%d is a thread of process %d; use -p %d", pid,
				     leader, leader);
		if (rc)
			return rc;
	}
	return 0;
}

bool process_stat(pid_t pid, struct process_stat *stat)
{
	char path[64], text[1024], state;
	const char *rest;
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	/* comm may hold anything, so count from the last parenthesis: field 3 follows it. */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
				      "%*d %*d %*d %*d %" SCNu64,
			    &state, &stat->parent, &stat->start_ticks) != 3)
		return false;
	return state != 'Z' && state != 'X';
}

uint64_t process_start_ticks(pid_t pid)
{
	struct process_stat stat;

	return process_stat(pid, &stat) ? stat.start_ticks : 0;
}

int process_watch(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}
