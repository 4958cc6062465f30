// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../words.h"
#include "db_frames.h"

/* Names in frames are inert: there is no tab or newline in them. */
static void write_frame(const struct frame *frame, FILE *text, FILE *raw)
{
	char line[FRAME_TEXT];

	frame_text(frame, line);
	fprintf(text, "%s%s", ftell(text) ? "\n" : "", line);
	fprintf(raw, "%s\t%s\t%s\t%" PRIx64 "\t%d\n", frame->symbol, frame->module, frame->source,
		frame->offset, frame->mark);
}

static int close_both(FILE *text, FILE *raw)
{
	bool failed = !text || !raw;

	if (text && fclose(text))
		failed = true;
	if (raw && fclose(raw))
		failed = true;
	return failed ? -ENOMEM : 0;
}

int db_frames_write(const struct frames *frames, struct db_frames *form)
{
	size_t text_size;
	FILE *text, *raw;

	*form = (struct db_frames){ 0 };
	text = open_memstream(&form->text, &text_size);
	raw = open_memstream(&form->raw, &form->raw_size);
	for (size_t i = 0; text && raw && i < frames->count; i++)
		write_frame(&frames->frame[i], text, raw);
	if (!close_both(text, raw))
		return 0;
	db_frames_free(form);
	return -ENOMEM;
}

void db_frames_free(struct db_frames *form)
{
	free(form->text);
	free(form->raw);
}

/* What is inert stays as it is, escapes too; what is not was made by no recorder. */
static void copy_inert(const char *text, size_t length, char *out, size_t room)
{
	size_t used = 0, part;

	for (; length && used + 1 < room; text += part, length -= part) {
		const char *escape = memchr(text, '\\', length);

		part = *text == '\\' ? 1 : escape ? (size_t)(escape - text) : length;
		if (*text == '\\')
			strcpy(out + used, "\\");
		else
			words_inert(text, part, out + used, room - used);
		used += strlen(out + used);
	}
	out[used] = '\0';
}

/* The part up to the next tab, or newline, cut to the room; false: there is none. */
static bool take(const char **at, const char *end, char *out, size_t room)
{
	size_t length = 0;

	while (*at + length < end && (*at)[length] != '\t' && (*at)[length] != '\n')
		length++;
	if (*at + length >= end)
		return false;
	copy_inert(*at, length, out, room);
	*at += length + 1;
	return true;
}

void db_frames_read(const char *raw, size_t size, struct frames *frames)
{
	const char *at = raw, *end = raw + size;
	char offset[24], mark[8];

	frames_start(frames);
	while (frames->count < FRAMES_ROOM) {
		struct frame *frame = &frames->frame[frames->count];

		memset(frame, 0, sizeof(*frame));
		if (!take(&at, end, frame->symbol, sizeof(frame->symbol)) ||
		    !take(&at, end, frame->module, sizeof(frame->module)) ||
		    !take(&at, end, frame->source, sizeof(frame->source)) ||
		    !take(&at, end, offset, sizeof(offset)) || !take(&at, end, mark, sizeof(mark)))
			break;
		frame->offset = strtoull(offset, NULL, 16);
		frame->mark = mark[0] == '1';
		frames->count++;
	}
}
