/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record.h - decodes what crosses from the kernel, or out of a file, without trusting it */
#ifndef CLOSETRACE_USER_RECORD_H
#define CLOSETRACE_USER_RECORD_H

#include <stddef.h>

#include "act.h"

/*
 * Fills *act from size bytes at data, which need not be aligned.
 *
 * A stack behind the record is not copied: act->stack points at it, or is NULL.
 *
 * 0; -EMSGSIZE: too short, or of a size other than its version has; -EPROTO: a version that this
 * program does not know; -EBADMSG: a value out of its range.  *act is untouched on error.
 */
int record_decode(const void *data, size_t size, struct act *act);

/* Whether each value is in the range in which names are looked up by it. */
bool record_valid(const struct record *record);

/* The name of a cgroup, which is no act: its path within data, and *id.  NULL: it is no name. */
const char *record_cgroup_path(const void *data, size_t size, uint64_t *id);

#endif
