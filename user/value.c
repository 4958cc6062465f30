// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "value.h"

/* The digits that a text begins with, and no sign or blank before them; 0 or -EINVAL. */
static int leading(const char *text, char **end, uint64_t *number)
{
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, end, 10);
	return errno ? -EINVAL : 0;
}

int value_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
	uint64_t number;
	char *end;

	if (leading(text, &end, &number) || *end || number < low || number > high)
		return -EINVAL;
	*value = number;
	return 0;
}

/* Number and unit: the rest of the text is one of the table's suffixes. */
static int scaled(const char *text, const char *const *suffixes, const uint64_t *factors,
		  uint64_t *value)
{
	uint64_t number;
	char *end;

	if (leading(text, &end, &number))
		return -EINVAL;
	for (size_t i = 0; suffixes[i]; i++) {
		if (!strcmp(end, suffixes[i]))
			return __builtin_mul_overflow(number, factors[i], value) ? -EINVAL : 0;
	}
	return -EINVAL;
}

int value_duration(const char *text, uint64_t *ns)
{
	static const char *const suffixes[] = { "", "s", "ms", "m", "min", "h", "d", NULL };
	static const uint64_t factors[] = { 1000000000ULL,	   1000000000ULL,
					    1000000ULL,		   60 * 1000000000ULL,
					    60 * 1000000000ULL,	   3600 * 1000000000ULL,
					    86400 * 1000000000ULL };

	return scaled(text, suffixes, factors, ns) || !*ns ? -EINVAL : 0;
}

int value_size(const char *text, uint64_t *bytes)
{
	static const char *const suffixes[] = { "", "k", "K", "m", "M", "g", "G", NULL };
	static const uint64_t factors[] = { 1,	     1 << 10, 1 << 10, 1 << 20,
					    1 << 20, 1 << 30, 1 << 30 };

	return scaled(text, suffixes, factors, bytes);
}

/* Bytes and prefix length of one address; IPv4 as ::ffff:a.b.c.d, 96 bits further. */
static int split_address(const char *text, uint8_t bytes[16], unsigned int *bits)
{
	char address[INET6_ADDRSTRLEN] = "";
	const char *slash = strchrnul(text, '/');
	uint64_t length;
	bool v4;

	if ((size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	v4 = !strchr(address, ':');
	memset(bytes, 0, 16);
	memset(bytes + 10, 0xff, v4 ? 2 : 0);
	if (inet_pton(v4 ? AF_INET : AF_INET6, address, bytes + (v4 ? 12 : 0)) != 1)
		return -EINVAL;
	length = v4 ? 32 : 128;
	if (*slash && value_number(slash + 1, 0, length, &length))
		return -EINVAL;
	*bits = (unsigned int)length + (v4 ? 96 : 0);
	return 0;
}

int value_address(const char *text, struct settings_address *value)
{
	uint8_t address[16], mask[16] = { 0 };
	unsigned int bits;

	if (split_address(text, address, &bits))
		return -EINVAL;
	for (unsigned int i = 0; i < bits; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	for (unsigned int i = 0; i < 16; i++)
		address[i] &= mask[i];
	memcpy(value->address, address, sizeof(address));
	memcpy(value->mask, mask, sizeof(mask));
	return 0;
}

int value_uid(const char *text, uint32_t *uid)
{
	const struct passwd *entry;
	uint64_t number;
	int rc = -EINVAL;
	FILE *file;

	if (!value_number(text, 0, UINT32_MAX - 1, &number)) {
		*uid = (uint32_t)number;
		return 0;
	}
	file = fopen("/etc/passwd", "re");
	if (!file)
		return -EINVAL;
	while (rc && (entry = fgetpwent(file))) {
		if (strcmp(entry->pw_name, text))
			continue;
		*uid = entry->pw_uid;
		rc = 0;
	}
	fclose(file);
	return rc;
}

int value_netns(const char *text, uint32_t *inode)
{
	struct stat info;
	uint64_t number;
	char path[256];

	if (!value_number(text, 1, UINT32_MAX, &number)) {
		*inode = (uint32_t)number;
		return 0;
	}
	snprintf(path, sizeof(path), "%s%s", strchr(text, '/') ? "" : "/run/netns/", text);
	if (stat(path, &info))
		return -ENOENT;
	*inode = (uint32_t)info.st_ino;
	return 0;
}
