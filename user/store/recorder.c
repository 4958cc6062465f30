// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../options.h"
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
