// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "words.h"

#define GAP	" ... "
#define HEAD	140	/* bytes kept of the beginning; the rest of the room is for the end */

/* Whether a character of UTF-8 goes on here. */
static bool goes_on(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

static void fit(const char *text, char message[MESSAGE])
{
	size_t length = strlen(text), head = HEAD, tail = MESSAGE - 1 - HEAD - strlen(GAP);
	const char *end = text + length - tail;

	if (length < MESSAGE) {
		memcpy(message, text, length + 1);
		return;
	}
	while (goes_on(text[head]))
		head--;
	while (goes_on(*end))
		end++;
	sprintf(message, "%.*s%s%s", (int)head, text, GAP, end);
}

void message_vform(char message[MESSAGE], const char *format, va_list args)
{
	char *text = NULL, *inert;
	int length = vasprintf(&text, format, args);
	size_t room = 4 * (size_t)(length < 0 ? 0 : length) + 8;	/* each byte as \xNN */

	inert = length < 0 ? NULL : malloc(room);
	if (inert) {
		words_inert(text, (size_t)length, inert, room);
		fit(inert, message);
	} else {
		strcpy(message, "out of memory");
	}
	free(inert);
	free(length < 0 ? NULL : text);
}

void message_form(char message[MESSAGE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_vform(message, format, args);
	va_end(args);
}

void message_tell(const char *format, ...)
{
	char message[MESSAGE];
	va_list args;

	va_start(args, format);
	message_vform(message, format, args);
	va_end(args);
	fprintf(stderr, "closetrace: %s\n", message);
}
