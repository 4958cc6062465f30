/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dict.h - numbers for what repeats: 0 for the first key, 1 for the next that differs, ... */
#ifndef CLOSETRACE_DICT_H
#define CLOSETRACE_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dict_slot;

/* All zero: empty. */
struct dict {
	uint32_t *place;		/* of entries in bytes, by number */
	struct dict_slot *slot;		/* by hash */
	char *bytes;			/* of the entries */
	size_t count, room, slots, used, size;
	uint64_t seed;			/* keys are chosen by strangers: collisions must not be */
};

/* The number of a key, which may be new.  -ENOMEM: no memory. */
int64_t dict_number(struct dict *dict, const void *key, size_t size, bool *added);

/*
 * The same in steps, for very many keys in a row: what a look-up reads is fetched while others are
 * worked on.  dict_hash(), dict_fetch() of it, dict_fetch_key(), dict_number_of(), each step for
 * the next key before the next step for this one.
 */
uint64_t dict_hash(struct dict *dict, const void *key, size_t size);
void dict_fetch(const struct dict *dict, uint64_t hash);
void dict_fetch_key(const struct dict *dict, uint64_t hash);
int64_t dict_number_of(struct dict *dict, uint64_t hash, const void *key, size_t size,
		       bool *added);

/* The same of a key that is there; -ENOENT: it is not. */
int64_t dict_find(const struct dict *dict, const void *key, size_t size);

/* The key of a number; valid until the next call of dict_number(). */
const void *dict_key(const struct dict *dict, size_t number);

/* Forgets the keys and keeps the memory, for the next ones. */
void dict_clear(struct dict *dict);

void dict_free(struct dict *dict);

#endif
