/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * frame.h - the stack of an act as sinks show it, innermost frame first
 *
 * What processes choose (names of symbols and modules) is inert here already.
 */
#ifndef CLOSETRACE_FRAME_H
#define CLOSETRACE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMES_ROOM	129	/* the last one for the mark of a partial stack */
#define FRAME_SYMBOL	256
#define FRAME_MODULE	64
#define FRAME_SOURCE	96
#define FRAME_TEXT	(FRAME_SYMBOL + FRAME_MODULE + FRAME_SOURCE + 32)

struct frame {
	char symbol[FRAME_SYMBOL];	/* empty: not known */
	char module[FRAME_MODULE];	/* file without its folder, "kernel", "jit"; may be empty */
	char source[FRAME_SOURCE];	/* "file.c:12"; empty: not known */
	uint64_t offset;		/* in the symbol; else in the module; else an address */
	bool mark;			/* no frame: symbol says why there are no more */
};

struct frames {
	bool known;			/* false: there is no such stack */
	size_t count;
	struct frame frame[FRAMES_ROOM];
};

struct act_frames {
	struct frames user;
	struct frames kernel;
};

/* Empty and known. */
void frames_start(struct frames *frames);

/* Room for one more frame, zeroed; NULL when only the mark fits. */
struct frame *frames_next(struct frames *frames);

/* Ends a stack that has no more frames although it is not complete: "[partial: reason]". */
void frames_cut(struct frames *frames, const char *reason);

/* For field.c: absent without -k (NULL), null when there is no such stack. */
struct value;
void frames_value(const struct frames *frames, struct value *value);

/*
 * "symbol+0x12 (module) file.c:34", "0x1a2b (module)" without a symbol, "0x7f0011223344" without a
 * module, "? (kernel)" for an address that is not shown; or the mark.
 */
void frame_text(const struct frame *frame, char text[FRAME_TEXT]);

/* The same for all calls in a function, for counting: "symbol", "[module]", "[unknown]". */
void frame_name(const struct frame *frame, char text[FRAME_TEXT]);

#endif
