/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* file.h - files that we write: only such as are new or ours */
#ifndef CLOSETRACE_FILE_H
#define CLOSETRACE_FILE_H

/*
 * Opens, with 0640 makes when it is not there, O_WRONLY or O_RDWR; a link, or a file of somebody
 * else, may have been put there to have us write elsewhere.  The descriptor; or a negative errno
 * with *reason saying why not, and how to mend it.
 */
int file_open_ours(const char *path, int flags, const char **reason);

/* The number that "-", "/dev/stdout" or "/dev/fd/N" name, as shells name pipes; -1: a file. */
int file_descriptor(const char *path);

#endif
