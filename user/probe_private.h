/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probe_private.h - what probe.c loads and probe_account.c asks */
#ifndef CLOSETRACE_PROBE_PRIVATE_H
#define CLOSETRACE_PROBE_PRIVATE_H

#include <bpf/libbpf.h>

#include "hook.h"
#include "abi/tally.h"
#include "probe.h"

/* The skeleton needs the ABI's types, which probe.h brings. */
#include "closetrace.skel.h"

struct probe {
	struct closetrace *skel;
	struct btf *btf;
	struct bpf_link *links[HOOK_ROOM][HOOK_SLOTS];
	struct probe_hook hooks[HOOK_ROOM];
	enum hook_way way;		/* of function hooks */
	int fentry_error;		/* by which function hooks were refused as fentry; or 0 */
	bool full;
	bool no_notes;			/* the kernel refuses their hooks */
	void *counts;			/* of --count-only, mapped; NULL: not so */
	int stats_fd;			/* as long as it is open, programs are measured */
};

/* Before loading: how much room the maps have; after it: what must be in them. */
/* How many sets there are for owners, a power of two. */
uint32_t probe_size_maps(struct probe *probe, const struct options *options);
int probe_fill_maps(struct probe *probe, const struct options *options);
void probe_unmap(struct probe *probe);

/* A program of the skeleton; NULL without a name, or when there is none. */
struct bpf_program *probe_find(const struct probe *probe, const char *name);

#endif
