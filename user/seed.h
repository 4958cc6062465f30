/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* seed.h - what the programs must know beforehand: processes of -p, owners of older sockets */
#ifndef CLOSETRACE_SEED_H
#define CLOSETRACE_SEED_H

#include "abi/record.h"
#include "options.h"

struct bpf_link;
struct bpf_map;

/* The processes of -p, each with its start.  0 or a negative errno. */
int seed_subjects(const struct bpf_map *map, const struct options *options);

/*
 * -f: the descendants that the processes of -p have now, while hook_fork is attached.  They are
 * counted in *counters as if it had seen them.  0 or a negative errno.
 */
int seed_tree(const struct bpf_map *map, const struct options *options,
	      struct record_counters *counters);

/* Runs an attached iterator to its end; what it finds goes into maps, it writes nothing. */
void seed_run(const struct bpf_link *link);

#endif
