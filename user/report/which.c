// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"
#include "which.h"

#define WORD	80	/* the longest end: an IPv6 address with a zone, in brackets, and a port */

static int parse_hex(const char *text, size_t length, uint64_t *id)
{
	if (!length || length > 16 || strspn(text, "0123456789abcdefABCDEF") < length)
		return -EINVAL;
	*id = strtoull(text, NULL, 16);
	return *id ? 0 : -EINVAL;
}

static int parse_id(const char *text, struct which *which)
{
	const char *slash = strchr(text, '/');

	*which = (struct which){ 0 };
	if (slash && parse_hex(text, (size_t)(slash - text), &which->run))
		return -EINVAL;
	text = slash ? slash + 1 : text;
	return parse_hex(text, strlen(text), &which->socket);
}

/* The zone of a link-local address says nothing that the record knows. */
static void drop_zone(char *address)
{
	address[strcspn(address, "%")] = '\0';
}

static bool parse_address(char *text, uint8_t address[16])
{
	drop_zone(text);
	if (strchr(text, ':'))
		return inet_pton(AF_INET6, text, address) == 1;
	memset(address, 0, 16);
	memset(address + 10, 0xff, 2);
	return inet_pton(AF_INET, text, address + 12) == 1;
}

/*
 * Where the port begins: behind the bracket, else behind the last colon.  tcpdump has a dot, which
 * is the fourth of an IPv4 address, also of one in IPv6, and the only one behind a colon.
 */
static char *find_port(char *word)
{
	char *colon = strrchr(word, ':'), *dot = strrchr(word, '.'), *bracket = strchr(word, ']');
	unsigned int dots = 0;

	if (bracket)
		return bracket[1] ? strchr(bracket + 1, ':') : NULL;
	for (const char *c = word; *c; c++)
		dots += *c == '.';
	if (dot && dot > colon && dots != 3)
		return dot;
	return colon;
}

static bool parse_end(char *word, struct which_end *end)
{
	char *port = find_port(word), *address = word;
	uint64_t number;

	if (!port)
		return false;
	*port = '\0';
	if (value_number(port + 1, 1, 65535, &number))
		return false;
	if (*address == '[') {
		char *bracket = strchr(++address, ']');

		if (!bracket)
			return false;
		*bracket = '\0';
	}
	end->port = (uint16_t)number;
	return parse_address(address, end->address);
}

/* Blanks, quotes and all that arrows are made of, also those that are no ASCII. */
static bool is_between(char c)
{
	return c && (!isascii((unsigned char)c) || isspace((unsigned char)c) ||
		     strchr("-<>=,;\"'()", c));
}

/* The next word that may be an end; false when there is none. */
static bool next_word(const char **text, char word[WORD])
{
	size_t length = 0;

	while (is_between(**text))
		++*text;
	while ((*text)[length] && !is_between((*text)[length]))
		length++;
	snprintf(word, WORD, "%.*s", (int)length, *text);
	*text += length;
	/* tcpdump's colon behind the second end. */
	if (length && length < WORD && word[length - 1] == ':')
		word[length - 1] = '\0';
	return length;
}

static int parse_ends(const char *text, struct which *which)
{
	size_t found = 0;
	char word[WORD];

	*which = (struct which){ .ends = true };
	while (next_word(&text, word)) {
		struct which_end end;

		if (!parse_end(word, &end))
			continue;
		if (found == 2)
			return -EINVAL;
		which->end[found++] = end;
	}
	return found == 2 ? 0 : -EINVAL;
}

int which_parse(const char *text, struct which *which)
{
	struct which parsed;

	if (parse_id(text, &parsed) && parse_ends(text, &parsed))
		return -EINVAL;
	*which = parsed;
	return 0;
}

void which_of(const struct record *record, struct which *which)
{
	*which = (struct which){ .ends = true };
	memcpy(which->end[0].address, record->laddr, sizeof(record->laddr));
	memcpy(which->end[1].address, record->raddr, sizeof(record->raddr));
	which->end[0].port = record->lport;
	which->end[1].port = record->rport;
}

static bool is_at(const struct which_end *end, const uint8_t address[16], uint16_t port)
{
	return end->port == port && !memcmp(end->address, address, sizeof(end->address));
}

static bool joins(const struct record *r, const struct which_end *local,
		  const struct which_end *remote)
{
	return is_at(local, r->laddr, r->lport) && is_at(remote, r->raddr, r->rport);
}

/* What has no socket is of the connection in whose time it came. */
static bool is_of(const struct which_life *life, const struct record *r)
{
	bool known = r->known & KNOWN_SOCKET && r->socket;

	return r->run == life->run && r->time_ns >= life->first_ns && r->time_ns <= life->last_ns &&
	       (!known || r->socket == life->socket[0] || r->socket == life->socket[1]);
}

static bool lived(const struct which *which, const struct record *record)
{
	bool any = !which->lives;

	for (size_t i = 0; !any && i < which->lives; i++)
		any = is_of(&which->life[i], record);
	return any;
}

bool which_takes(const struct which *which, const struct record *record)
{
	if (which->nowhere)
		return false;
	if (which->ends)
		return (joins(record, &which->end[0], &which->end[1]) ||
			joins(record, &which->end[1], &which->end[0])) && lived(which, record);
	return record->known & KNOWN_SOCKET && record->socket == which->socket &&
	       (!which->run || record->run == which->run);
}
