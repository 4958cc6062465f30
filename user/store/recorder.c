// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../options.h"
#include "../pipeline.h"
#include "recorder.h"

#define DIRECTORY "/var/lib/closetrace"

/* The linker marks the bounds of a section whose name is a C identifier. */
extern const struct recorder *const __start_closetrace_recorders[];
extern const struct recorder *const __stop_closetrace_recorders[];

const struct recorder *recorder_by_name(const char *name)
{
	for (const struct recorder *const *entry = __start_closetrace_recorders;
	     entry < __stop_closetrace_recorders; entry++) {
		if (!strcmp((*entry)->sink.name, name))
			return *entry;
	}
	return NULL;
}

void recorder_names(char *buffer, size_t size)
{
	size_t used = 0;

	for (const struct recorder *const *entry = __start_closetrace_recorders;
	     entry < __stop_closetrace_recorders && used < size; entry++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "",
					 (*entry)->sink.name);
}

/* A new name a second, where a restart must not touch what was recorded before. */
static int choose_path(struct recording *recording)
{
	struct tm tm;
	time_t now = time(NULL);
	size_t used = sizeof(DIRECTORY);

	if (mkdir(DIRECTORY, 0750) && errno != EEXIST)
		return -errno;
	memcpy(recording->path, DIRECTORY "/", used);
	used += strftime(recording->path + used, sizeof(recording->path) - used,
			 recording->recorder->continues ? "closetrace" : "%Y%m%dT%H%M%SZ",
			 gmtime_r(&now, &tm));
	snprintf(recording->path + used, sizeof(recording->path) - used, "%s",
		 recording->recorder->suffix);
	return 0;
}

int recording_open(struct recording *recording, char message[MESSAGE])
{
	const char *path = recording->options->store.write;
	int rc = 0;

	if (path && strlen(path) >= sizeof(recording->path))
		rc = -ENAMETOOLONG;
	else if (path)
		strcpy(recording->path, path);
	else
		rc = choose_path(recording);
	if (!rc)
		return recording->recorder->open(recording, message);
	message_form(message, "cannot write '%s': %s", path ?: DIRECTORY, strerror(-rc));
	return rc;
}

uint64_t recording_since(const struct recording *recording)
{
	return recording->since_ns ?: recording->pipeline->run->start_wall_ns;
}

void recording_own(const struct recording *recording, struct totals *totals)
{
	totals_since(totals, &recording->before);
	if (totals->status == STATUS_DONE || totals->status == STATUS_INCOMPLETE)
		totals->status = totals_complete(totals) ? STATUS_DONE : STATUS_INCOMPLETE;
}

void recording_turn(struct recording *recording, const struct totals *totals)
{
	recording->before = *totals;
	recording->since_ns = wall_at(&recording->pipeline->run->wall, run_now());
}

static bool is_record(const char *name)
{
	size_t length = strlen(name);

	for (const struct recorder *const *entry = __start_closetrace_recorders;
	     entry < __stop_closetrace_recorders; entry++) {
		size_t suffix = strlen((*entry)->suffix);

		if (length > suffix && !strcmp(name + length - suffix, (*entry)->suffix))
			return true;
	}
	return false;
}

static bool is_younger(const struct timespec *one, const struct timespec *other)
{
	if (one->tv_sec != other->tv_sec)
		return one->tv_sec > other->tv_sec;
	return one->tv_nsec > other->tv_nsec;
}

/* When it was written last: what SQLite has not moved to its place yet is beside it. */
static bool written(DIR *directory, const char *name, struct timespec *when)
{
	char beside[NAME_MAX + sizeof("-wal")];
	struct stat info;

	if (fstatat(dirfd(directory), name, &info, AT_SYMLINK_NOFOLLOW) || !S_ISREG(info.st_mode))
		return false;
	*when = info.st_mtim;
	snprintf(beside, sizeof(beside), "%s-wal", name);
	if (!fstatat(dirfd(directory), beside, &info, AT_SYMLINK_NOFOLLOW) &&
	    is_younger(&info.st_mtim, when))
		*when = info.st_mtim;
	return true;
}

static int find_newest(DIR *directory, char path[RECORDING_PATH])
{
	struct timespec when, newest = { 0 };
	const struct dirent *entry;
	int rc = -ENOENT;

	while ((entry = readdir(directory))) {
		if (!is_record(entry->d_name) || !written(directory, entry->d_name, &when) ||
		    !is_younger(&when, &newest))
			continue;
		snprintf(path, RECORDING_PATH, "%s/%s", DIRECTORY, entry->d_name);
		newest = when;
		rc = 0;
	}
	return rc;
}

int recording_newest(char path[RECORDING_PATH], char message[MESSAGE])
{
	DIR *directory = opendir(DIRECTORY);
	int rc = directory ? find_newest(directory, path) : -errno;

	if (directory)
		closedir(directory);
	if (rc == -ENOENT)
		message_form(message, "no record in %s; closetrace record makes one, or name a "
			     "file: closetrace report FILE", DIRECTORY);
	else if (rc)
		message_form(message, "cannot read %s: %s; name a file: closetrace report FILE",
			     DIRECTORY, strerror(-rc));
	return rc;
}
