// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "types.h"

/* FNV-1a; the kind, as a structure and a function may have one name. */
static uint32_t hash_of(const char *name, uint32_t kind)
{
	uint32_t hash = 2166136261U ^ kind;

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 16777619U;
	return hash;
}

static const char *name_of(const struct types *types, uint32_t id)
{
	return btf__name_by_offset(types->btf, btf__type_by_id(types->btf, id)->name_off);
}

/* In the order of the ids, so that the first of a name is found first. */
static void put(struct types *types, uint32_t id)
{
	uint32_t kind = btf_kind(btf__type_by_id(types->btf, id));
	const char *name = name_of(types, id);
	uint32_t at;

	if (!*name)
		return;
	at = hash_of(name, kind) & types->mask;
	while (types->slot[at])
		at = (at + 1) & types->mask;
	types->slot[at] = id;
}

/* Half of the slots stay free, so that each search ends soon. */
static int fill(struct types *types)
{
	uint32_t count = btf__type_cnt(types->btf), slots = 1;

	while (slots < 2 * count)
		slots <<= 1;
	types->slot = calloc(slots, sizeof(*types->slot));
	if (!types->slot)
		return -ENOMEM;
	types->mask = slots - 1;
	for (uint32_t id = 1; id < count; id++)
		put(types, id);
	return 0;
}

int types_take(struct types *types, struct btf *btf)
{
	int rc;

	*types = (struct types){ .btf = btf };
	rc = fill(types);
	if (rc)
		types_close(types);
	return rc;
}

int types_open(struct types *types, const char *path)
{
	struct btf *btf = btf__parse(path, NULL);

	*types = (struct types){ 0 };
	return btf ? types_take(types, btf) : -errno;
}

void types_close(struct types *types)
{
	btf__free(types->btf);
	free(types->slot);
	*types = (struct types){ 0 };
}

uint32_t types_find(const struct types *types, const char *name, uint32_t kind)
{
	uint32_t at = hash_of(name, kind) & types->mask, id;

	for (; types->slot && (id = types->slot[at]); at = (at + 1) & types->mask) {
		if (btf_kind(btf__type_by_id(types->btf, id)) == kind &&
		    !strcmp(name_of(types, id), name))
			return id;
	}
	return 0;
}
