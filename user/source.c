// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "source.h"

/* The linker marks the bounds of a section whose name is a C identifier. */
extern const struct source *const __start_closetrace_sources[];
extern const struct source *const __stop_closetrace_sources[];

const struct source *source_of(struct source_file *file)
{
	file->head_size = fread(file->head, 1, sizeof(file->head), file->in);
	for (const struct source *const *entry = __start_closetrace_sources;
	     entry < __stop_closetrace_sources; entry++) {
		if ((*entry)->is(file->head, file->head_size))
			return *entry;
	}
	return NULL;
}

static FILE *open_path(const char *path)
{
	struct stat info;
	FILE *in;

	if (!strcmp(path, "-"))
		return stdin;
	in = fopen(path, "re");
	if (in && !fstat(fileno(in), &info) && S_ISDIR(info.st_mode)) {
		fclose(in);
		errno = EISDIR;
		return NULL;
	}
	return in;
}

/* Recorders lock their file. */
bool source_is_written(int fd)
{
	bool taken = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;

	if (!taken)
		flock(fd, LOCK_UN);
	return taken;
}

const struct source *source_open(struct source_file *file, const char *path)
{
	const struct source *source;

	*file = (struct source_file){ .path = path, .in = open_path(path) };
	if (!file->in) {
		message_tell("cannot read '%s': %s", path, strerror(errno));
		return NULL;
	}
	file->written = source_is_written(fileno(file->in));
	source = source_of(file);
	if (!source)
		message_tell("cannot read '%s': %s", path, ferror(file->in) ? strerror(errno) :
			     "it is no record of closetrace");
	return source;
}

void source_close(struct source_file *file)
{
	if (file->in && file->in != stdin)
		fclose(file->in);
}
