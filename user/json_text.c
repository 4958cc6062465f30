// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "json_text.h"

#define DIGITS	20	/* of the longest integer, with its sign */

static void flush(struct json_text *line)
{
	if (fwrite(line->room, 1, line->used, line->out) != line->used)
		line->failed = true;
	line->used = 0;
}

static void put(struct json_text *line, const char *text, size_t size)
{
	if (sizeof(line->room) - line->used < size)
		flush(line);
	if (size > sizeof(line->room)) {
		line->failed |= fwrite(text, 1, size, line->out) != size;
		return;
	}
	memcpy(line->room + line->used, text, size);
	line->used += size;
}

static inline void put_char(struct json_text *line, char c)
{
	if (line->used == sizeof(line->room))
		flush(line);
	line->room[line->used++] = c;
}

/* What a string cannot hold as it is; all else is UTF-8 already. */
static bool needs_escape(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

static void put_escape(struct json_text *line, char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *at = c ? strchr(plain, c) : NULL;
	char text[8];

	if (at)
		snprintf(text, sizeof(text), "\\%c", letter[at - plain]);
	else
		snprintf(text, sizeof(text), "\\u%04x", (unsigned char)c);
	put(line, text, strlen(text));
}

/* Byte by byte: texts are so short that to look for their ends takes longer. */
static void put_quoted(struct json_text *line, const char *text)
{
	put_char(line, '"');
	for (; *text; text++) {
		if (needs_escape(*text))
			put_escape(line, *text);
		else
			put_char(line, *text);
	}
	put_char(line, '"');
}

void json_text_begin(struct json_text *line, FILE *out, const char *type)
{
	line->out = out;
	line->failed = false;
	line->used = 0;
	put(line, "{\"type\":", 8);
	put_quoted(line, type);
}

void json_text_key(struct json_text *line, const char *key)
{
	put_char(line, ',');
	put_char(line, '"');
	for (; *key; key++)
		put_char(line, *key);
	put_char(line, '"');
	put_char(line, ':');
}

void json_text_string(struct json_text *line, const char *text)
{
	if (text)
		put_quoted(line, text);
	else
		put(line, "null", 4);
}

void json_text_integer(struct json_text *line, int64_t integer)
{
	uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
	char text[DIGITS], *at = text + sizeof(text);

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (integer < 0)
		*--at = '-';
	put(line, at, (size_t)(text + sizeof(text) - at));
}

void json_text_boolean(struct json_text *line, bool boolean)
{
	put(line, boolean ? "true" : "false", boolean ? 4 : 5);
}

void json_text_list_begin(struct json_text *line)
{
	put_char(line, '[');
}

void json_text_list_next(struct json_text *line)
{
	put_char(line, ',');
}

void json_text_list_end(struct json_text *line)
{
	put_char(line, ']');
}

int json_text_end(struct json_text *line)
{
	errno = 0;
	put(line, "}\n", 2);
	flush(line);
	return line->failed ? -(errno ?: EIO) : 0;
}
