// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dict.h"

#define ROOM	64	/* entries at first; a power of two */
#define ALIGN	8	/* of keys: some are arrays of numbers */

struct dict_entry {
	uint64_t hash;
	size_t at;	/* in bytes */
	size_t size;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15ULL) *
				    (b ^ 0xd1b54a32d192ed03ULL);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const struct dict *dict, const void *key, size_t size)
{
	const char *bytes = key;
	uint64_t hash = dict->seed ^ size, word;

	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, bytes, size);
	return mix(hash, word);
}

static void fill_slot(struct dict *dict, size_t number)
{
	size_t i = dict->entry[number].hash & (dict->slots - 1);

	while (dict->slot[i])
		i = (i + 1) & (dict->slots - 1);
	dict->slot[i] = (uint32_t)number + 1;
}

/* Half of the slots stay free. */
static int grow(struct dict *dict)
{
	size_t room = dict->room ? dict->room * 2 : ROOM;
	struct dict_entry *entry = reallocarray(dict->entry, room, sizeof(*entry));
	uint32_t *slot;

	if (!entry)
		return -ENOMEM;
	dict->entry = entry;
	slot = calloc(room * 2, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(dict->slot);
	dict->slot = slot;
	dict->slots = room * 2;
	dict->room = room;
	for (size_t i = 0; i < dict->count; i++)
		fill_slot(dict, i);
	return 0;
}

static int keep_key(struct dict *dict, const void *key, size_t size)
{
	size_t end = dict->used + size, room = dict->size ?: 4096;
	char *bytes;

	while (room < end)
		room *= 2;
	if (room != dict->size) {
		bytes = realloc(dict->bytes, room);
		if (!bytes)
			return -ENOMEM;
		dict->bytes = bytes;
		dict->size = room;
	}
	memcpy(dict->bytes + dict->used, key, size);
	return 0;
}

static int64_t add(struct dict *dict, uint64_t hash, const void *key, size_t size)
{
	if (dict->count == dict->room && grow(dict))
		return -ENOMEM;
	if (keep_key(dict, key, size))
		return -ENOMEM;
	dict->entry[dict->count] = (struct dict_entry){ hash, dict->used, size };
	dict->used = (dict->used + size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	fill_slot(dict, dict->count);
	return (int64_t)dict->count++;
}

static int64_t find(const struct dict *dict, uint64_t hash, const void *key, size_t size)
{
	for (size_t i = hash & (dict->slots - 1); dict->slots && dict->slot[i];
	     i = (i + 1) & (dict->slots - 1)) {
		const struct dict_entry *entry = &dict->entry[dict->slot[i] - 1];

		if (entry->hash == hash && entry->size == size &&
		    !memcmp(dict->bytes + entry->at, key, size))
			return dict->slot[i] - 1;
	}
	return -ENOENT;
}

int64_t dict_find(const struct dict *dict, const void *key, size_t size)
{
	return find(dict, hash_of(dict, key, size), key, size);
}

int64_t dict_number(struct dict *dict, const void *key, size_t size, bool *added)
{
	uint64_t hash;
	int64_t number;

	if (!dict->seed && getrandom(&dict->seed, sizeof(dict->seed), GRND_NONBLOCK) < 0)
		dict->seed = (uintptr_t)dict;
	hash = hash_of(dict, key, size);
	number = find(dict, hash, key, size);
	*added = number < 0;
	return *added ? add(dict, hash, key, size) : number;
}

const void *dict_key(const struct dict *dict, size_t number)
{
	return dict->bytes + dict->entry[number].at;
}

void dict_clear(struct dict *dict)
{
	if (dict->slot)
		memset(dict->slot, 0, dict->slots * sizeof(*dict->slot));
	dict->count = dict->used = 0;
}

void dict_free(struct dict *dict)
{
	free(dict->entry);
	free(dict->slot);
	free(dict->bytes);
	*dict = (struct dict){ 0 };
}
