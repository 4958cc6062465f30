/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * identity.h - as whom a command runs: the user of --run-as, or who called sudo
 *
 * Names come from /etc/passwd and /etc/group, without NSS.
 */
#ifndef CLOSETRACE_IDENTITY_H
#define CLOSETRACE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "message.h"

struct identity {
	bool change;		/* false: as whom we run, and nothing below is set */
	uid_t uid;
	gid_t gid;
	gid_t *groups;		/* the supplementary ones */
	size_t group_count;
	char *name, *home, *shell;	/* NULL: not known */
};

/*
 * @run_as: of --run-as, or NULL.  0, or a negative errno with *message saying what is wrong.  What
 * was found is freed by identity_free() in any case.
 */
int identity_find(struct identity *identity, const char *run_as, char message[MESSAGE]);

/* Becomes it, environment included; meant for a forked child.  0 or a negative errno. */
int identity_take(const struct identity *identity);

void identity_free(struct identity *identity);

#endif
