// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "value.h"

int file_descriptor(const char *path)
{
	uint64_t number;

	if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	if (strncmp(path, "/dev/fd/", 8) || value_number(path + 8, 0, 1 << 20, &number))
		return -1;
	return (int)number;
}

static const char *distrust(const struct stat *info)
{
	if (info->st_uid != geteuid())
		return "it belongs to somebody else; remove it or name another";
	if (S_ISREG(info->st_mode) && info->st_nlink != 1)
		return "it has another name too; remove it or name another";
	return NULL;
}

int file_open_ours(const char *path, int flags, const char **reason)
{
	int fd = open(path, flags | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0640);
	struct stat info;

	if (fd < 0) {
		*reason = errno == ELOOP ? "it is a symbolic link; name the file itself" :
					   strerror(errno);
		return -errno;
	}
	*reason = fstat(fd, &info) ? strerror(errno) : distrust(&info);
	if (!*reason)
		return fd;
	close(fd);
	return -EPERM;
}
