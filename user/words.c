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

#define NAMES		64	/* of one enum; today 13 states, 26 reasons */
#define NAME_LENGTH	48

static char state_names[NAMES][NAME_LENGTH] = {
	/* RFC 9293 names as the kernel writes them, until BTF says otherwise */
	[1] = "ESTABLISHED", [2] = "SYN_SENT",	  [3] = "SYN_RECV",    [4] = "FIN_WAIT1",
	[5] = "FIN_WAIT2",   [6] = "TIME_WAIT",	  [7] = "CLOSE",       [8] = "CLOSE_WAIT",
	[9] = "LAST_ACK",    [10] = "LISTEN",	  [11] = "CLOSING",    [12] = "NEW_SYN_RECV",
};
static char reason_names[NAMES][NAME_LENGTH];

/* Copies the members of one enum that carry the prefix. */
static void learn_enum(const struct btf *btf, const struct btf_type *type, const char *prefix,
		       char names[NAMES][NAME_LENGTH])
{
	const struct btf_enum *member = btf_enum(type);

	for (int i = 0; i < btf_vlen(type); i++, member++) {
		const char *name = btf__name_by_offset(btf, member->name_off);

		if (member->val < 0 || member->val >= NAMES)
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

const char *words_state(unsigned int state)
{
	return state < NAMES && state_names[state][0] ? state_names[state] : NULL;
}

const char *words_reason(unsigned int reason)
{
	static char number[16];

	if (reason < NAMES && reason_names[reason][0])
		return reason_names[reason];
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
	/* U+0080..U+009F are control characters, which terminals obey. */
	return text[0] == 0xc2 && text[1] < 0xa0 ? 0 : length;
}

void words_inert(const char *text, size_t size, char *out, size_t room)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < size && bytes[i];) {
		size_t length = isascii(bytes[i]) && isprint(bytes[i]) && bytes[i] != '\\' ?
					1 : utf8_length(bytes + i, size - i);

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

void words_address(const uint8_t address[16], int family, char out[WORDS_ADDRESS])
{
	if (family == AF_INET)
		inet_ntop(AF_INET, address + 12, out, WORDS_ADDRESS);
	else
		inet_ntop(AF_INET6, address, out, WORDS_ADDRESS);
}

void words_time(uint64_t wall_ns, char out[WORDS_TIME])
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm tm;
	size_t used;

	gmtime_r(&seconds, &tm);
	used = strftime(out, WORDS_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + used, WORDS_TIME - used, ".%09uZ", (unsigned int)(wall_ns % 1000000000));
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
