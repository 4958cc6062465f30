/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * types.h - the kernel's types by name
 *
 * libbpf looks through all of them, more than a hundred thousand, for each name: a millisecond.
 * With an index that is the price of a hundred names.
 */
#ifndef CLOSETRACE_TYPES_H
#define CLOSETRACE_TYPES_H

#include <stdint.h>

struct btf;

struct types {
	struct btf *btf;
	uint32_t *slot;		/* ids by the hash of the name; 0: free */
	uint32_t mask;
};

/* Of the BTF in that file.  0 or a negative errno. */
int types_open(struct types *types, const char *path);
/* The same of one that was read; it is freed with the rest. */
int types_take(struct types *types, struct btf *btf);
void types_close(struct types *types);

/* The first type of that name and kind; 0: there is none. */
uint32_t types_find(const struct types *types, const char *name, uint32_t kind);

#endif
