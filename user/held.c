// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "held.h"

#define LOG_ROOM 1024	/* closes that are remembered; the oldest goes */

struct held_log {
	struct record records[LOG_ROOM];
	size_t next;
};

static bool has_link(pid_t pid, const char *link)
{
	char path[64], target[64];
	bool found = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (length <= 0)
			continue;
		target[length] = '\0';
		found = !strcmp(target, link);
	}
	if (dir)
		closedir(dir);
	return found;
}

void held_find(struct held *held, const struct act *act)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char link[64];

	memset(held, 0, sizeof(*held));
	held->act = act;
	held->references = act->record.references;
	snprintf(link, sizeof(link), "socket:[%" PRIu64 "]", (uint64_t)act->record.inode);
	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0 || !has_link(pid, link))
			continue;
		held->more = held->count == HELD_PIDS;
		if (held->more)
			break;
		held->pids[held->count++] = pid;
	}
	if (dir)
		closedir(dir);
}

struct held_log *held_log_new(void)
{
	return calloc(1, sizeof(struct held_log));
}

void held_log_free(struct held_log *log)
{
	free(log);
}

void held_log_add(struct held_log *log, const struct act *act)
{
	log->records[log->next] = act->record;
	log->next = (log->next + 1) % LOG_ROOM;
}

void held_log_tie(const struct held_log *log, struct act *act)
{
	for (size_t i = 1; i <= LOG_ROOM; i++) {
		const struct record *r = &log->records[(log->next + LOG_ROOM - i) % LOG_ROOM];

		if (r->socket == act->record.socket && r->netns == act->record.netns && r->size) {
			act->held = r;
			return;
		}
	}
}
