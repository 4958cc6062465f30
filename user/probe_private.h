/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probe_private.h - what probe.c loads and its other files need of it */
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
	struct types types;		/* until all is attached */
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

/* Whether hook i belongs to this attempt; else its reason is kept. */
bool probe_wants(struct probe *probe, size_t i, const struct options *options);
__attribute__((format(printf, 4, 5)))
void probe_lack(struct probe_hook *hook, enum hook_state state, const char *mend,
		const char *format, ...);
void probe_attach_failed(struct probe *probe, size_t i, int error);
/* Function hooks of this way did not load; or it was known before that they would not. */
void probe_give_up_way(struct probe *probe, int rc);
void probe_refuse_way(struct probe *probe, const struct options *options, int rc);

/* A program of the skeleton; NULL without a name, or when there is none. */
struct bpf_program *probe_find(const struct probe *probe, const char *name);

#endif
