// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "anonym.h"
#include "siphash.h"

#define IPV4_AT	12	/* in an address of 16 bytes */

int anonym_key(struct anonym *anonym)
{
	return getrandom(anonym->key, sizeof(anonym->key), 0) == sizeof(anonym->key) ? 0 : -EIO;
}

static bool is_ipv4(const uint8_t address[16])
{
	static const uint8_t mapped[IPV4_AT] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(address, mapped, sizeof(mapped));
}

/* 28 bits of it: among 1000 addresses two share a name in 1 of 540 records. */
static void name_ipv4(const struct anonym *anonym, uint8_t address[16])
{
	uint32_t hash = (uint32_t)siphash(anonym->key, address, 16);

	hash = htobe32(hash | 0xf0000000);
	/* The one that means everybody. */
	if (hash == UINT32_MAX)
		hash = htobe32(0xfffffffe);
	memcpy(address + IPV4_AT, &hash, sizeof(hash));
}

static void name_ipv6(const struct anonym *anonym, uint8_t address[16])
{
	static const uint8_t documentation[] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint64_t high = htobe64(siphash(anonym->key, address, 16)), low;
	uint8_t longer[17] = { [16] = 1 };

	/* 96 bits are wanted, and one hash has 64. */
	memcpy(longer, address, 16);
	low = htobe64(siphash(anonym->key, longer, sizeof(longer)));
	memcpy(address, documentation, sizeof(documentation));
	memcpy(address + 4, &high, 4);
	memcpy(address + 8, &low, sizeof(low));
}

void anonym_address(const struct anonym *anonym, uint8_t address[16])
{
	if (is_ipv4(address))
		name_ipv4(anonym, address);
	else
		name_ipv6(anonym, address);
}

void anonym_act(const struct anonym *anonym, struct act *act)
{
	anonym_address(anonym, act->record.laddr);
	anonym_address(anonym, act->record.raddr);
}

void anonym_host(const struct anonym *anonym, char *name, size_t size)
{
	uint64_t hash = siphash(anonym->key, name, strlen(name));

	snprintf(name, size, "host-%08" PRIx32, (uint32_t)hash);
}

/* In the form of a UUID, and by its version none that a kernel makes: RFC 9562, 5.8. */
void anonym_boot(const struct anonym *anonym, char id[ANONYM_BOOT])
{
	char longer[ANONYM_BOOT + 1] = "+";
	uint64_t high, low;

	if (!*id)
		return;
	strcpy(longer + 1, id);
	high = siphash(anonym->key, id, strlen(id));
	low = siphash(anonym->key, longer, strlen(longer));
	snprintf(id, ANONYM_BOOT, "%08x-%04x-8%03x-8%03x-%012" PRIx64, (uint32_t)(high >> 32),
		 (uint16_t)(high >> 16), (unsigned int)high & 0xfff,
		 (unsigned int)(low >> 48) & 0xfff, low & 0xffffffffffff);
}
