// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../message.h"
#include "raw_follow.h"

/* The path has another file now. */
static int turn(struct raw_reader *reader, struct source_file *file, struct follow *follow)
{
	const struct source *source;

	source_close(file);
	source = source_open(file, follow->path);
	if (!source || strcmp(source->name, "raw") ||
	    raw_read_header(reader, file->head, file->head_size)) {
		message_tell("'%s' is no raw record any more", follow->path);
		return -EBADMSG;
	}
	reader->in = file->in;
	follow_file(follow, fileno(file->in));
	return 1;
}

/* It is shorter than what was read of it: its recorder will begin it anew. */
static bool was_cut(const struct raw_reader *reader, struct source_file *file)
{
	struct stat info;

	return !fstat(fileno(file->in), &info) && info.st_size < (off_t)reader->offset;
}

static bool is_empty(const char *path)
{
	struct stat info;

	return !stat(path, &info) && !info.st_size;
}

int raw_follow(struct raw_reader *reader, struct source_file *file, struct follow *follow)
{
	enum follow_next next;

	do
		next = follow_wait(follow);
	while (next == FOLLOW_TURNED && is_empty(follow->path));
	switch (next) {
	case FOLLOW_MORE:
		follow->turned |= was_cut(reader, file);
		clearerr(file->in);
		return fseeko(file->in, (off_t)reader->offset, SEEK_SET) ? -errno : 1;
	case FOLLOW_TURNED:
		return turn(reader, file, follow);
	default:
		return 0;
	}
}
