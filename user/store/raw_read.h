/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* raw_read.h - frames of the raw form, one after the other, none of which is trusted */
#ifndef CLOSETRACE_RAW_READ_H
#define CLOSETRACE_RAW_READ_H

#include <stdio.h>

#include "raw_form.h"

struct raw_reader {
	FILE *in;
	uint64_t offset;		/* bytes up to the end of the last whole frame */
	uint16_t type;			/* of the last frame */
	uint32_t size;			/* of its payload */
	unsigned char payload[RAW_PAYLOAD] __attribute__((aligned(8)));
};

/*
 * The header, of which the caller may have read size bytes into head.  0; -EPROTO: none of ours,
 * damaged, of a newer closetrace, or of a machine with the other byte order; see raw_refusal().
 */
int raw_read_header(struct raw_reader *reader, const void *head, size_t size);

/* Why such a header is refused, and how to mend it; NULL: it is not. */
const char *raw_refusal(const struct raw_header *header);

/*
 * The next frame.  1; 0: the input ends here; -ENODATA: it ends in the middle of a frame; -EBADMSG:
 * it is damaged; -EPROTO: a header that is refused follows; another negative errno of reading.
 */
int raw_read_frame(struct raw_reader *reader);

/*
 * Of a file open for reading and writing: cuts off half a frame at its end, and stands there.  0,
 * or what raw_read_header() and raw_read_frame() return.
 */
int raw_resume(int fd);

#endif
