/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* raw_out.h - frames on their way into a file of the raw form, which is whole after each flush */
#ifndef CLOSETRACE_RAW_OUT_H
#define CLOSETRACE_RAW_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../message.h"
#include "raw_form.h"

#define RAW_OUT_ROOM	(1 << 18)	/* bytes that wait for the end of a batch */

struct raw_out {
	int fd;
	bool regular;			/* a file, which can be cut back */
	off_t kept;			/* its length after the last flush */
	size_t used;
	char data[RAW_OUT_ROOM];
};

/*
 * Opens a path; a file that holds a record goes on behind its last whole frame, any other gets a
 * header.  0 or a negative errno with *message.
 */
int raw_out_open(struct raw_out *out, const char *path, char message[MESSAGE]);
void raw_out_close(struct raw_out *out);

/* Somebody has cut it, as copytruncate of logrotate does: what is written goes with the rest. */
bool raw_out_was_cut(const struct raw_out *out);
/* Then: as raw_out_open(), in the file that is open.  0 or a negative errno. */
int raw_out_renew(struct raw_out *out);

/* A frame of two parts, each of which may be empty.  0, or what raw_out_flush() returns. */
int raw_out_put(struct raw_out *out, enum raw_type type, const void *head, size_t head_size,
		const void *tail, size_t tail_size);

/*
 * Writes what waits.  0, or a negative errno: then all that waited is lost, and a regular file is
 * as it was after the flush before.
 */
int raw_out_flush(struct raw_out *out);

#endif
