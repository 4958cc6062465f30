/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* db_frames.h - a stack as a name of a record: lines for people, and what they are made of */
#ifndef CLOSETRACE_DB_FRAMES_H
#define CLOSETRACE_DB_FRAMES_H

#include <stddef.h>

#include "../frame.h"

struct db_frames {
	char *text;		/* frame_text(), one a line */
	char *raw;		/* symbol, module, source, offset, mark; a line a frame, by tabs */
	size_t raw_size;
};

/* 0 or -ENOMEM. */
int db_frames_write(const struct frames *frames, struct db_frames *form);
void db_frames_free(struct db_frames *form);

/* Bytes of raw as frames that are known; what is not of that form ends them. */
void db_frames_read(const char *raw, size_t size, struct frames *frames);

#endif
