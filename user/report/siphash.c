// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* siphash.c - as Aumasson and Bernstein describe it (2012); words are little-endian */
#include <endian.h>
#include <string.h>

#include "siphash.h"

static uint64_t rotate(uint64_t word, unsigned int bits)
{
	return word << bits | word >> (64 - bits);
}

static uint64_t load(const uint8_t *bytes, size_t size)
{
	uint64_t word = 0;

	memcpy(&word, bytes, size);
	return le64toh(word);
}

static void rounds(uint64_t v[4], unsigned int count)
{
	while (count--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash(const uint8_t key[16], const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint64_t k0 = load(key, 8), k1 = load(key + 8, 8), last = (uint64_t)size << 56;
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
			  k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };

	for (; size >= 8; size -= 8, bytes += 8)
		absorb(v, load(bytes, 8));
	absorb(v, last | load(bytes, size));
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
