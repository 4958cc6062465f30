// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dict.h"

#define ROOM	64	/* keys at first; a power of two */
#define ALIGN	8	/* of keys: some are arrays of numbers */

/* The tag tells nearly all other keys without a look at them: each look is a miss in the cache. */
struct dict_slot {
	uint32_t tag;		/* upper half of the hash */
	uint32_t place;		/* of the entry, in units of ALIGN, + 1; 0: free */
};

struct dict_entry {
	uint64_t hash;
	uint32_t number;
	uint32_t size;		/* bytes */
	char key[];
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

static struct dict_entry *entry_at(const struct dict *dict, uint32_t place)
{
	return (struct dict_entry *)(dict->bytes + (size_t)(place - 1) * ALIGN);
}

static void fill_slot(struct dict *dict, uint64_t hash, uint32_t place)
{
	size_t i = hash & (dict->slots - 1);

	while (dict->slot[i].place)
		i = (i + 1) & (dict->slots - 1);
	dict->slot[i] = (struct dict_slot){ (uint32_t)(hash >> 32), place };
}

/* Half of the slots stay free. */
static int grow(struct dict *dict)
{
	size_t room = dict->room ? dict->room * 2 : ROOM;
	uint32_t *place = reallocarray(dict->place, room, sizeof(*place));
	struct dict_slot *slot;

	if (!place)
		return -ENOMEM;
	dict->place = place;
	slot = calloc(room * 2, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(dict->slot);
	dict->slot = slot;
	dict->slots = room * 2;
	dict->room = room;
	for (size_t i = 0; i < dict->count; i++)
		fill_slot(dict, entry_at(dict, place[i])->hash, place[i]);
	return 0;
}

/* Room for an entry behind the others; *place is where. */
static int extend(struct dict *dict, size_t size, uint32_t *place)
{
	size_t end = dict->used + size, room = dict->size ?: 4096;
	char *bytes;

	if (dict->used / ALIGN >= UINT32_MAX)
		return -ENOMEM;
	while (room < end)
		room *= 2;
	if (room != dict->size) {
		bytes = realloc(dict->bytes, room);
		if (!bytes)
			return -ENOMEM;
		dict->bytes = bytes;
		dict->size = room;
	}
	*place = (uint32_t)(dict->used / ALIGN) + 1;
	dict->used = (end + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	return 0;
}

static int64_t add(struct dict *dict, uint64_t hash, const void *key, size_t size)
{
	struct dict_entry *entry;
	uint32_t place;

	if ((dict->count == dict->room && grow(dict)) ||
	    extend(dict, sizeof(*entry) + size, &place))
		return -ENOMEM;
	entry = entry_at(dict, place);
	entry->hash = hash;
	entry->number = (uint32_t)dict->count;
	entry->size = (uint32_t)size;
	memcpy(entry->key, key, size);
	dict->place[dict->count] = place;
	fill_slot(dict, hash, place);
	return (int64_t)dict->count++;
}

static int64_t find(const struct dict *dict, uint64_t hash, const void *key, size_t size)
{
	for (size_t i = hash & (dict->slots - 1); dict->slots && dict->slot[i].place;
	     i = (i + 1) & (dict->slots - 1)) {
		const struct dict_entry *entry;

		if (dict->slot[i].tag != (uint32_t)(hash >> 32))
			continue;
		entry = entry_at(dict, dict->slot[i].place);
		if (entry->size == size && !memcmp(entry->key, key, size))
			return entry->number;
	}
	return -ENOENT;
}

int64_t dict_find(const struct dict *dict, const void *key, size_t size)
{
	return find(dict, hash_of(dict, key, size), key, size);
}

uint64_t dict_hash(struct dict *dict, const void *key, size_t size)
{
	if (!dict->seed && getrandom(&dict->seed, sizeof(dict->seed), GRND_NONBLOCK) < 0)
		dict->seed = (uintptr_t)dict;
	return hash_of(dict, key, size);
}

void dict_fetch(const struct dict *dict, uint64_t hash)
{
	if (dict->slots)
		__builtin_prefetch(&dict->slot[hash & (dict->slots - 1)]);
}

void dict_fetch_key(const struct dict *dict, uint64_t hash)
{
	uint32_t place = dict->slots ? dict->slot[hash & (dict->slots - 1)].place : 0;

	if (place)
		__builtin_prefetch(entry_at(dict, place));
}

int64_t dict_number_of(struct dict *dict, uint64_t hash, const void *key, size_t size, bool *added)
{
	int64_t number = find(dict, hash, key, size);

	*added = number < 0;
	return *added ? add(dict, hash, key, size) : number;
}

int64_t dict_number(struct dict *dict, const void *key, size_t size, bool *added)
{
	return dict_number_of(dict, dict_hash(dict, key, size), key, size, added);
}

const void *dict_key(const struct dict *dict, size_t number)
{
	return entry_at(dict, dict->place[number])->key;
}

void dict_clear(struct dict *dict)
{
	if (dict->slot)
		memset(dict->slot, 0, dict->slots * sizeof(*dict->slot));
	dict->count = dict->used = 0;
}

void dict_free(struct dict *dict)
{
	free(dict->place);
	free(dict->slot);
	free(dict->bytes);
	*dict = (struct dict){ 0 };
}
