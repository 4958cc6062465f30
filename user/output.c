// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "output.h"
#include "value.h"

#define LINE_ROOM (1 << 18)	/* the longest line, two stacks of 128 frames, written at once */

/* The number of "-", "/dev/stdout" or "/dev/fd/N", as shells name pipes; -1: a file. */
static int descriptor_of(const char *path)
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

/* It was opened for us: a command that kept it open too would keep its reader waiting. */
static int take_descriptor(int number)
{
	int fd = fcntl(number, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0 && number > STDERR_FILENO)
		fcntl(number, F_SETFD, FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A link, or a file of somebody else, may have been put there to have us write elsewhere. */
static const char *distrust(const struct stat *info)
{
	if (info->st_uid != geteuid())
		return "it belongs to somebody else; remove it or name another";
	if (S_ISREG(info->st_mode) && info->st_nlink != 1)
		return "it has another name too; remove it or name another";
	return NULL;
}

static int open_file(const char *path, const char **reason)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0640);
	struct stat info;

	if (fd < 0) {
		*reason = errno == ELOOP ? "it is a symbolic link; name the file itself" :
					   strerror(errno);
		return -errno;
	}
	*reason = fstat(fd, &info) ? strerror(errno) : distrust(&info);
	if (!*reason && S_ISREG(info.st_mode) && ftruncate(fd, 0))
		*reason = strerror(errno);
	if (!*reason)
		return fd;
	close(fd);
	return -EPERM;
}

FILE *output_open(const struct options *options, char message[MESSAGE])
{
	const char *path = options->output, *reason = NULL;
	int number, fd;
	FILE *file;

	static char line[LINE_ROOM];

	if (!path)
		return options->command ? stderr : stdout;
	number = descriptor_of(path);
	fd = number < 0 ? open_file(path, &reason) : take_descriptor(number);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file && number >= 0 && options->command)
		setvbuf(file, line, _IOLBF, sizeof(line));
	if (!file)
		message_form(message, "cannot write '%s': %s", path,
			     reason ?: strerror(fd < 0 ? -fd : errno));
	return file;
}

void output_beside_command(void)
{
	static char line[LINE_ROOM];
	struct stat info;
	int fd;

	setvbuf(stderr, line, _IOLBF, sizeof(line));
	/* Not of a regular file: its position is shared. */
	if (fstat(STDERR_FILENO, &info) || !(S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode)))
		return;
	/* Without waiting: for a reader, or a serial line's carrier. */
	fd = open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!fcntl(fd, F_SETFL, 0))
		dup2(fd, STDERR_FILENO);
	close(fd);
}

unsigned int output_columns(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)))
		return 0;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

bool output_colors(FILE *out, enum option_color color)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	/* no-color.org: set and not empty. */
	if ((no && *no) || !term || !strcmp(term, "dumb"))
		return false;
	return isatty(fileno(out));
}
