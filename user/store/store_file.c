// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../file.h"
#include "store_file.h"

/* A pipe or a terminal is written by whoever has it; a file by one. */
static int lock(int fd)
{
	struct stat info;

	if (fstat(fd, &info))
		return -errno;
	return S_ISREG(info.st_mode) && flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

int store_file_open(const char *path, char message[MESSAGE])
{
	int number = file_descriptor(path), fd, rc;
	const char *reason = NULL;

	fd = number < 0 ? file_open_ours(path, O_RDWR, &reason) :
			  fcntl(number, F_DUPFD_CLOEXEC, 0);
	rc = fd < 0 ? fd : lock(fd);
	if (!rc)
		return fd;
	if (rc == -EWOULDBLOCK)
		reason = "another closetrace writes it; name another with -w";
	message_form(message, "cannot write '%s': %s", path,
		     reason ?: strerror(fd < 0 && number >= 0 ? errno : -rc));
	if (fd >= 0)
		close(fd);
	return rc;
}

bool store_file_is_new(int fd, const char *path)
{
	struct stat info;

	return file_descriptor(path) >= 0 || fstat(fd, &info) || !S_ISREG(info.st_mode) ||
	       !info.st_size;
}

bool store_file_was_renamed(int fd, const char *path)
{
	struct stat here, there;

	if (file_descriptor(path) >= 0 || fstat(fd, &here))
		return false;
	return lstat(path, &there) || here.st_dev != there.st_dev || here.st_ino != there.st_ino;
}

bool store_file_was_removed(int fd, const char *path)
{
	struct stat info;

	return file_descriptor(path) < 0 && !fstat(fd, &info) && S_ISREG(info.st_mode) &&
	       !info.st_nlink;
}
