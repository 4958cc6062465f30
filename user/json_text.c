// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "json_text.h"

#define DIGITS	20	/* of the longest integer, with its sign */
#define PIECE	256	/* bytes of a string that are put at a time */

static void flush(struct json_text *line)
{
	if (fwrite(line->room, 1, line->used, line->out) != line->used)
		line->failed = true;
	line->used = 0;
}

/* Room for so many bytes, which are less than the whole. */
static inline char *room_for(struct json_text *line, size_t size)
{
	if (sizeof(line->room) - line->used < size)
		flush(line);
	return line->room + line->used;
}

/* What is put is short: a constant, a key, a number. */
static inline void put(struct json_text *line, const char *text, size_t size)
{
	memcpy(room_for(line, size), text, size);
	line->used += size;
}

static inline void put_char(struct json_text *line, char c)
{
	*room_for(line, 1) = c;
	line->used++;
}

/* What a string cannot hold as it is, and its end; all else is UTF-8 already. */
static inline bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
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

static void put_quoted(struct json_text *line, const char *text)
{
	put_char(line, '"');
	while (*text) {
		char *at = room_for(line, PIECE), *end = at + PIECE;

		while (at < end && is_plain(*text))
			*at++ = *text++;
		line->used = (size_t)(at - line->room);
		if (at < end && *text)
			put_escape(line, *text++);
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

void json_text_name(struct json_text *line, const char *name, size_t size)
{
	put(line, name, size);
}

void json_text_key(struct json_text *line, const char *key)
{
	put(line, ",\"", 2);
	put(line, key, strlen(key));
	put(line, "\":", 2);
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
