/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* naming.h - from an address to a function, its module, and a line where that is known here */
#ifndef CLOSETRACE_NAMING_H
#define CLOSETRACE_NAMING_H

#include "image.h"
#include "symbols.h"
#include "unwind.h"

#define NAMING_KEPT	4096	/* frames whose names are remembered */

struct named;

struct naming {
	struct symbols kernel;
	struct named *kept[NAMING_KEPT];	/* the same in every process of a program */
};

/* Of a process. */
void naming_user(struct naming *naming, struct image *image, const struct unwind_frame *from,
		 struct frame *frame);

/* Of the kernel; address is that behind a call. */
void naming_kernel(const struct naming *naming, uint64_t address, struct frame *frame);

void naming_free(struct naming *naming);

/* A symbol for people: C++ names readable, and inert. */
void naming_symbol(const char *symbol, char out[FRAME_SYMBOL]);

/* The name of code that a runtime made: a source in it loses its folders. */
void naming_made_symbol(const char *symbol, char out[FRAME_SYMBOL]);

#endif
