/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* maps.h - what a process has mapped: /proc/PID/maps */
#ifndef CLOSETRACE_MAPS_H
#define CLOSETRACE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct range {
	uint64_t start, end;
	bool executable;
	bool file;		/* of a module; else anonymous memory */
};

/* A file that is mapped, and executable in part: a program or a library. */
struct module {
	uint64_t start, end;
	uint64_t first_end;	/* of its first range: its name in /proc/PID/map_files */
	uint64_t inode;
	unsigned int major, minor;
	bool executable;
	char *path;		/* in the mount namespace of the process; "(deleted)" included */
};

struct maps {
	struct range *ranges;	/* in the order of addresses */
	size_t count, room;
	struct module *modules;
	size_t module_count, module_room;
};

/* Reads all of a maps file into *maps, which must be empty.  0 or -ENOMEM. */
int maps_read(struct maps *maps, FILE *file);

/* The range that has this address; NULL: nothing is mapped there. */
const struct range *maps_find(const struct maps *maps, uint64_t address);
bool maps_executable(const struct maps *maps, uint64_t address);

/* Whether code at this address comes from a module. */
bool maps_in_module(const struct maps *maps, uint64_t address);

/* Whether the same files are mapped at the same addresses. */
bool maps_same_modules(const struct maps *a, const struct maps *b);

void maps_free(struct maps *maps);

#endif
