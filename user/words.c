// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "words.h"

#define NAME_LENGTH	48

static char state_names[WORDS_NAMES][NAME_LENGTH] = {
	/* RFC 9293 names as the kernel writes them, until BTF says otherwise */
	[1] = "ESTABLISHED", [2] = "SYN_SENT",	  [3] = "SYN_RECV",    [4] = "FIN_WAIT1",
	[5] = "FIN_WAIT2",   [6] = "TIME_WAIT",	  [7] = "CLOSE",       [8] = "CLOSE_WAIT",
	[9] = "LAST_ACK",    [10] = "LISTEN",	  [11] = "CLOSING",    [12] = "NEW_SYN_RECV",
};
static char reason_names[WORDS_NAMES][NAME_LENGTH];

/* Copies the members of one enum that carry the prefix. */
static void learn_enum(const struct btf *btf, const struct btf_type *type, const char *prefix,
		       char names[WORDS_NAMES][NAME_LENGTH])
{
	const struct btf_enum *member = btf_enum(type);

	for (int i = 0; i < btf_vlen(type); i++, member++) {
		const char *name = btf__name_by_offset(btf, member->name_off);

		if (member->val < 0 || member->val >= WORDS_NAMES)
			continue;
		if (strncmp(name, prefix, strlen(prefix)))
			continue;
		snprintf(names[member->val], NAME_LENGTH, "%s", name + strlen(prefix));
	}
}

/* The states' enum has no name of its own: it is known by its first member. */
static bool is_state_enum(const struct btf *btf, const struct btf_type *type)
{
	return btf_vlen(type) &&
	       !strcmp(btf__name_by_offset(btf, btf_enum(type)->name_off), "TCP_ESTABLISHED");
}

int words_learn(const struct btf *btf)
{
	bool states = false;
	__u32 count;

	if (!btf)
		return -EINVAL;
	count = btf__type_cnt(btf);
	for (__u32 id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (!btf_is_enum(type))
			continue;
		if (!strcmp(btf__name_by_offset(btf, type->name_off), "sk_rst_reason")) {
			learn_enum(btf, type, "SK_RST_REASON_", reason_names);
		} else if (!states && is_state_enum(btf, type)) {
			learn_enum(btf, type, "TCP_", state_names);
			states = true;
		}
	}
	return states ? 0 : -ENOENT;
}

void words_forget(void)
{
	memset(state_names, 0, sizeof(state_names));
	memset(reason_names, 0, sizeof(reason_names));
}

/* Asked for each act of a record: most often it is so already. */
static void name(char names[WORDS_NAMES][NAME_LENGTH], unsigned int number, const char *text)
{
	if (number < WORDS_NAMES && strcmp(names[number], text))
		words_inert(text, strlen(text), names[number], NAME_LENGTH);
}

void words_name_state(unsigned int state, const char *text)
{
	name(state_names, state, text);
}

void words_name_reason(unsigned int reason, const char *text)
{
	name(reason_names, reason, text);
}

const char *words_state(unsigned int state)
{
	return state < WORDS_NAMES && state_names[state][0] ? state_names[state] : NULL;
}

const char *words_reason_name(unsigned int reason)
{
	return reason < WORDS_NAMES && reason_names[reason][0] ? reason_names[reason] : NULL;
}

const char *words_reason(unsigned int reason)
{
	static char number[16];

	if (words_reason_name(reason))
		return words_reason_name(reason);
	snprintf(number, sizeof(number), "%u", reason);
	return number;
}

/* Length of the well-formed UTF-8 sequence at text (Unicode 15, table 3-7); 0: there is none. */
static size_t utf8_length(const unsigned char *text, size_t size)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (text[0] >= 0xc2 && text[0] <= 0xdf)
		length = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		length = 3;
	else if (text[0] >= 0xf0 && text[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (text[0] == 0xe0)
		low = 0xa0;
	else if (text[0] == 0xed)
		high = 0x9f;
	else if (text[0] == 0xf0)
		low = 0x90;
	else if (text[0] == 0xf4)
		high = 0x8f;
	if (length > size || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

/* The code point of a well-formed sequence. */
static uint32_t utf8_point(const unsigned char *text, size_t length)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t point = text[0] & first[length];

	for (size_t i = 1; i < length; i++)
		point = point << 6 | (text[i] & 0x3f);
	return point;
}

struct range {
	uint32_t first, last;
};

static bool among(const struct range *ranges, size_t count, uint32_t point)
{
	for (size_t i = 0; i < count; i++) {
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	}
	return false;
}

#define AMONG(ranges, point) among(ranges, sizeof(ranges) / sizeof((ranges)[0]), point)

/*
 * Unicode's control and format characters, separators of lines, and what shows nothing: terminals
 * obey C1 controls, the others turn or hide the letters beside them.
 */
static bool is_tricky(uint32_t point)
{
	static const struct range ranges[] = {
		{ 0x80, 0x9f },	    { 0xad, 0xad },	{ 0x34f, 0x34f },   { 0x61c, 0x61c },
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	return AMONG(ranges, point);
}

/* East Asian wide characters and emoji take two columns, marks that combine none. */
static size_t point_columns(uint32_t point)
{
	static const struct range marks[] = { { 0x300, 0x36f }, { 0x1ab0, 0x1aff },
					      { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
					      { 0xfe20, 0xfe2f } };
	static const struct range wide[] = { { 0x1100, 0x115e }, { 0x2e80, 0xa4cf },
					     { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
					     { 0xfe30, 0xfe6f }, { 0xff01, 0xff60 },
					     { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
					     { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
					     { 0x20000, 0x3fffd } };

	if (AMONG(marks, point))
		return 0;
	return AMONG(wide, point) ? 2 : 1;
}

size_t words_columns(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t left = strlen(text), columns = 0;

	while (left) {
		size_t length = isascii(*bytes) ? 1 : utf8_length(bytes, left);

		columns += length ? point_columns(utf8_point(bytes, length)) : 1;
		length += !length;
		bytes += length;
		left -= length;
	}
	return columns;
}

/* Length of the harmless character at text; 0: there is none. */
static size_t plain_length(const unsigned char *text, size_t size)
{
	size_t length;

	if (isascii(*text))
		return isprint(*text) && *text != '\\';
	length = utf8_length(text, size);
	return length && is_tricky(utf8_point(text, length)) ? 0 : length;
}

void words_inert(const char *text, size_t size, char *out, size_t room)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < size && bytes[i];) {
		size_t length = plain_length(bytes + i, size - i);

		if (used + 5 > room)
			break;
		if (length) {
			memcpy(out + used, bytes + i, length);
			used += length;
			i += length;
		} else {
			used += (size_t)sprintf(out + used, "\\x%02x", bytes[i++]);
		}
	}
	out[used] = '\0';
}

void words_comm(const char *comm, size_t size, char out[WORDS_COMM])
{
	words_inert(comm, size, out, WORDS_COMM);
}

/* Two in each line: the library's way, by printf(), takes ten times as long. */
static void put_ipv4(const uint8_t address[4], char *out)
{
	for (int i = 0; i < 4; i++) {
		unsigned int byte = address[i];

		if (byte >= 100)
			*out++ = (char)('0' + byte / 100);
		if (byte >= 10)
			*out++ = (char)('0' + byte / 10 % 10);
		*out++ = (char)('0' + byte % 10);
		*out++ = i < 3 ? '.' : '\0';
	}
}

void words_address(const uint8_t address[16], int family, char out[WORDS_ADDRESS])
{
	if (family == AF_INET)
		put_ipv4(address + 12, out);
	else
		inet_ntop(AF_INET6, address, out, WORDS_ADDRESS);
}

void words_time(uint64_t wall_ns, char out[WORDS_TIME])
{
	/* Most times are of the same second as the one before. */
	static char text[WORDS_TIME];
	static time_t last = -1;
	static size_t used;
	time_t seconds = (time_t)(wall_ns / 1000000000);
	unsigned int rest = (unsigned int)(wall_ns % 1000000000);
	struct tm tm;

	if (seconds != last) {
		gmtime_r(&seconds, &tm);
		used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &tm);
		last = seconds;
	}
	memcpy(out, text, used);
	for (size_t i = used + 9; i > used; i--, rest /= 10)
		out[i - 1] = (char)('0' + rest % 10);
	memcpy(out + used + 9, "Z", 2);
}

void words_clock(uint64_t wall_ns, char out[WORDS_TIME])
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm tm;
	size_t used;

	localtime_r(&seconds, &tm);
	used = strftime(out, WORDS_TIME, "%H:%M:%S", &tm);
	snprintf(out + used, WORDS_TIME - used, ".%03u",
		 (unsigned int)(wall_ns % 1000000000 / 1000000));
}
