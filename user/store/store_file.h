/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store_file.h - the file of a record: ours, and written by one at a time */
#ifndef CLOSETRACE_STORE_FILE_H
#define CLOSETRACE_STORE_FILE_H

#include <stdbool.h>

#include "../message.h"

/*
 * Opens it for reading and writing, and locks it until it is closed; "-": standard output.  A
 * negative errno with *message when it is not ours, or another writes it.
 */
int store_file_open(const char *path, char message[MESSAGE]);

/* Nothing is in it, or it is a stream. */
bool store_file_is_new(int fd, const char *path);

/* The path names another file than this one, or none. */
bool store_file_was_renamed(int fd, const char *path);

/* No path names it any more: what is in it, and what comes, goes when it is closed. */
bool store_file_was_removed(int fd, const char *path);

#endif
