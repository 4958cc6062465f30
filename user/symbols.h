/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * symbols.h - names of code that is in no file: the kernel's, and what a runtime makes
 *
 * The kernel lists its functions in /proc/kallsyms.  A runtime (JIT) writes /tmp/perf-PID.map:
 * lines "START SIZE NAME", hexadecimal without a prefix.  That file grows while the program runs,
 * and code may take the place of older code: the last line that has an address names it.
 */
#ifndef CLOSETRACE_SYMBOLS_H
#define CLOSETRACE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* At most; what follows has no names.  A runtime's file is as long as its owner likes. */
#define SYMBOLS_ROOM	(1 << 19)
#define SYMBOLS_NAMES	(32 << 20)	/* bytes */
#define SYMBOLS_HITS	128

struct symbol {
	uint64_t start, end;
	size_t name;			/* in names */
};

struct symbols_hit {
	uint64_t address;
	size_t count;			/* of symbols when it was looked up; 0: free */
	size_t index;
};

struct symbols {
	struct symbol *list;
	size_t count, room;
	char *names;
	size_t names_used, names_room;
	long read;			/* bytes of a runtime's file that are in here */
	struct symbols_hit hits[SYMBOLS_HITS];	/* of such addresses; the same ones come again */
};

/*
 * /proc/kallsyms, functions only, which are then sorted.  0 or -ENOMEM; -EPERM: it shows no
 * addresses (kernel.kptr_restrict, or no CAP_SYSLOG).
 */
int symbols_read_kernel(struct symbols *symbols, FILE *file);

/* Whether /proc/kallsyms shows addresses; the first line tells. */
bool symbols_kernel_shown(FILE *file);

/*
 * The function at an address of the kernel and the offset in it, as the kernel wrote it: a tab and
 * "[module]" follow the name of one in a module.  NULL: none.
 */
const char *symbols_find_kernel(const struct symbols *symbols, uint64_t address, uint64_t *offset);

/* A runtime's file, from where it ended before, whole lines only.  0 or -ENOMEM. */
int symbols_read_runtime(struct symbols *symbols, FILE *file);

/* The name of what a runtime made at an address, as it wrote it, and the offset in it; or NULL. */
const char *symbols_find_runtime(struct symbols *symbols, uint64_t address, uint64_t *offset);

void symbols_free(struct symbols *symbols);

#endif
