/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* evidence.h - what people read beside the cause: how it was done and what the numbers were */
#ifndef CLOSETRACE_EVIDENCE_H
#define CLOSETRACE_EVIDENCE_H

#include <stddef.h>

#include "act.h"
#include "field.h"

#define EVIDENCE_ROOM	(FIELD_ROOM + 256)	/* holds the longest, an unknown act's */

/* "close(): 11 B unread; 16452 B unsent thrown away"; truncated to size. */
void evidence_text(const struct act *act, char *buffer, size_t size);

#endif
