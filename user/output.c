// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "message.h"
#include "output.h"
#include "run.h"
#include "services.h"

#define LINE_ROOM (1 << 18)	/* the longest line, two stacks of 128 frames, written at once */
#define BATCH_ROOM (1 << 16)

/* It was opened for us: a command that kept it open too would keep its reader waiting. */
static int take_descriptor(int number)
{
	int fd = fcntl(number, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0 && number > STDERR_FILENO)
		fcntl(number, F_SETFD, FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Anew: what it held is gone. */
static int open_file(const char *path, const char **reason)
{
	int fd = file_open_ours(path, O_WRONLY, reason);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) || !S_ISREG(info.st_mode) || !ftruncate(fd, 0))
		return fd;
	*reason = strerror(errno);
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
	number = file_descriptor(path);
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

int output_sink(struct sink_options *sink, const struct options *options,
		char message[MESSAGE])
{
	static char batch[BATCH_ROOM];
	const struct sink *format = sink_by_name(options->format);
	FILE *out = output_open(options, message);

	if (!out || (format->ready && format->ready(message)))
		return -EIO;
	/* Whoever wrote lines flushes them: so a batch of them is one write. */
	if (!options->command)
		setvbuf(out, batch, _IOFBF, sizeof(batch));
	*sink = (struct sink_options){
		.out = out,
		.messages = options->quiet ? NULL : stderr,
		.columns = output_columns(out),
		.verbose = options->verbose,
		.color = output_colors(out, options->color),
		.services = options->services,
		.silent = options->summary && (!options->format_given || options->count_only),
		.counts = options->count_only,
		.stamp = options->stamp,
		.now_ns = run_now(),
	};
	if (options->services)
		services_learn();
	return 0;
}
