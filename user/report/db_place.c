// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_place.h"

static int name_of(int fd, char name[PATH_MAX])
{
	char link[32];
	struct stat info;
	ssize_t length;

	if (fstat(fd, &info))
		return -errno;
	if (!info.st_nlink)
		return -ENOENT;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, name, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	name[length] = '\0';
	return 0;
}

bool db_place_holds(const struct source_file *file)
{
	struct stat here, there;

	return !fstat(fileno(file->in), &here) && !stat(file->path, &there) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

int db_place_find(struct source_file *file, const char *path, char name[PATH_MAX])
{
	int rc;

	file->path = path;
	if (db_place_holds(file))
		return 0;
	rc = name_of(fileno(file->in), name);
	if (rc)
		return rc;
	file->path = name;
	return source_is_written(fileno(file->in)) || !db_place_holds(file) ? -EAGAIN : 0;
}
