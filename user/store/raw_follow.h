/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* raw_follow.h - -F of a raw record: what its recorder writes next, there or in the next file */
#ifndef CLOSETRACE_RAW_FOLLOW_H
#define CLOSETRACE_RAW_FOLLOW_H

#include "../report/follow.h"
#include "../source.h"
#include "raw_read.h"

/*
 * Waits at the end of the file, or in half a frame that is still being written.  1: go on reading;
 * 0: stop; -EBADMSG: the path is another form now, as a line on stderr has said; another negative
 * errno of reading.
 */
int raw_follow(struct raw_reader *reader, struct source_file *file, struct follow *follow);

#endif
