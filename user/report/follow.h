/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* follow.h - -F: waits for what a recorder writes next, and for the file after this one */
#ifndef REPORT_FOLLOW_H
#define REPORT_FOLLOW_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct follow {
	const char *path;
	FILE *out;
	int signals;		/* signalfd; -1: nothing is followed */
	dev_t device;		/* of the file that is read */
	ino_t inode;
	bool turned;		/* another has its name: once more to its end, then that one */
	bool stop;
};

enum follow_next {
	FOLLOW_STOP,		/* Ctrl-C, or nobody reads what is printed */
	FOLLOW_MORE,		/* there may be more of the same file */
	FOLLOW_TURNED,		/* it was renamed or cut: the path is another file now */
};

/* 0 or a negative errno. */
int follow_open(struct follow *follow, const char *path, FILE *out);

/* The file that is read from now on has this descriptor. */
void follow_file(struct follow *follow, int fd);

/* At the end of the file: waits for a moment. */
enum follow_next follow_wait(struct follow *follow);

#endif
