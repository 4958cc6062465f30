// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "field.h"
#include "frame.h"

void frames_start(struct frames *frames)
{
	frames->known = true;
	frames->count = 0;
}

struct frame *frames_next(struct frames *frames)
{
	struct frame *frame;

	if (frames->count >= FRAMES_ROOM - 1)
		return NULL;
	frame = &frames->frame[frames->count++];
	memset(frame, 0, sizeof(*frame));
	return frame;
}

void frames_cut(struct frames *frames, const char *reason)
{
	struct frame *frame = &frames->frame[frames->count++];

	memset(frame, 0, sizeof(*frame));
	frame->mark = true;
	snprintf(frame->symbol, sizeof(frame->symbol), "[partial: %s]", reason);
}

void frames_value(const struct frames *frames, struct value *value)
{
	if (!frames)
		return;
	value->kind = frames->known ? VALUE_FRAMES : VALUE_NULL;
	value->frames = frames;
}

void frame_text(const struct frame *frame, char text[FRAME_TEXT])
{
	int length;

	if (frame->mark) {
		snprintf(text, FRAME_TEXT, "%s", frame->symbol);
		return;
	}
	if (!frame->symbol[0] && !frame->offset)
		length = snprintf(text, FRAME_TEXT, "?");
	else
		length = snprintf(text, FRAME_TEXT, "%s%s0x%" PRIx64, frame->symbol,
				  frame->symbol[0] ? "+" : "", frame->offset);
	if (frame->module[0])
		length += snprintf(text + length, FRAME_TEXT - (size_t)length, " (%s)",
				   frame->module);
	if (frame->source[0])
		snprintf(text + length, FRAME_TEXT - (size_t)length, " %s", frame->source);
}

void frame_name(const struct frame *frame, char text[FRAME_TEXT])
{
	if (frame->mark)
		snprintf(text, FRAME_TEXT, "[partial]");
	else if (frame->symbol[0])
		snprintf(text, FRAME_TEXT, "%s", frame->symbol);
	else
		snprintf(text, FRAME_TEXT, "[%s]", frame->module[0] ? frame->module : "unknown");
}
