// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "held.h"

#define LOG_ROOM 1024	/* closes that are remembered; the oldest goes */

struct held_log {
	struct held entries[LOG_ROOM];
	size_t next;
	size_t unseen;		/* of the youngest ones: nobody has looked for their holders */
};

static struct held *youngest(struct held_log *log, size_t i)
{
	return &log->entries[(log->next + LOG_ROOM - i) % LOG_ROOM];
}

static void add_holder(struct held *held, pid_t pid)
{
	if (held->count && held->pids[held->count - 1] == pid)
		return;
	held->more = held->count == HELD_PIDS;
	if (!held->more)
		held->pids[held->count++] = pid;
}

static void look_at_descriptor(struct held_log *log, pid_t pid, int dir_fd, const char *name)
{
	char target[64];
	ssize_t length = readlinkat(dir_fd, name, target, sizeof(target) - 1);
	unsigned long inode;

	if (length <= 0)
		return;
	target[length] = '\0';
	if (sscanf(target, "socket:[%lu]", &inode) != 1)
		return;
	for (size_t i = 1; i <= log->unseen; i++) {
		if (youngest(log, i)->record.inode == inode)
			add_holder(youngest(log, i), pid);
	}
}

static void look_at_process(struct held_log *log, pid_t pid)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		look_at_descriptor(log, pid, dirfd(dir), entry->d_name);
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

void held_log_add(struct held_log *log, const struct record *record)
{
	log->entries[log->next] = (struct held){ .record = *record };
	log->next = (log->next + 1) % LOG_ROOM;
	if (log->unseen < LOG_ROOM)
		log->unseen++;
}

void held_log_look(struct held_log *log)
{
	DIR *dir = log->unseen ? opendir("/proc") : NULL;
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0)
			look_at_process(log, pid);
	}
	closedir(dir);
	log->unseen = 0;
}

const struct held *held_log_find(struct held_log *log, const struct record *record)
{
	for (size_t i = 1; i <= LOG_ROOM; i++) {
		const struct held *held = youngest(log, i);

		if (held->record.socket == record->socket &&
		    held->record.time_ns == record->time_ns && held->record.size)
			return held;
	}
	return NULL;
}

void held_log_tie(struct held_log *log, struct act *act)
{
	for (size_t i = 1; i <= LOG_ROOM; i++) {
		const struct record *r = &youngest(log, i)->record;

		if (r->size && r->socket == act->record.socket &&
		    r->netns == act->record.netns && r->time_ns <= act->record.time_ns) {
			act->held = r;
			return;
		}
	}
}
