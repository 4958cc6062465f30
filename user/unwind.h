/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* unwind.h - follows a copied stack from call to call, by the tables of .eh_frame */
#ifndef CLOSETRACE_UNWIND_H
#define CLOSETRACE_UNWIND_H

#include "image.h"

struct unwind_frame {
	uint64_t pc;
	bool exact;		/* the next instruction; else the one behind a call */
};

enum unwind_end {
	UNWIND_COMPLETE,	/* to the start of the thread */
	UNWIND_BEYOND,		/* the next frame is behind the piece that was copied */
	UNWIND_NO_TABLE,	/* nothing tells where the next frame is */
	UNWIND_NO_CODE,		/* what was found as the next caller is no code */
	UNWIND_FULL,		/* no room for more */
};

/* Once for each image->dwfl. */
void unwind_attach(struct image *image);

/* Fills at most @room frames, innermost first, and their number. */
enum unwind_end unwind_stack(struct image *image, const struct record_stack *stack,
			     struct unwind_frame *frames, size_t room, size_t *count);

#endif
