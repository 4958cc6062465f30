/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.h - loads the programs, attaches what this kernel allows, and can say what it is
 *
 * Presence is decided from BTF.  What is absent is reported with its reason, never lost in
 * silence.
 */
#ifndef CLOSETRACE_PROBE_H
#define CLOSETRACE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook.h"
#include "message.h"
#include "options.h"
#include "run.h"
#include "stats.h"

struct probe;

/* One hook as the user sees it. */
struct probe_hook {
	const char *target;	/* tracepoint or function */
	const char *fact;	/* what it tells; lost when it is missing */
	bool full;		/* of the full tier */
	bool required;		/* nothing can be traced without it */
	bool notes;		/* for notes only */
	bool attached;
	enum hook_state state;
	const char *way;	/* "tp_btf", "raw_tp", "fentry", "kprobe" */
	char reason[128];	/* why it is not attached */
	const char *mend;	/* and what would mend that; NULL: nothing is lost */
};

/*
 * Loads and attaches for these options.  0; or a negative errno with *message saying in one line
 * what is wrong and what would mend it.
 */
int probe_open(struct probe **probe, const struct options *options, const struct run *run,
	       char message[MESSAGE]);

/* Detaches: after it, nothing is added to the ring. */
void probe_detach(struct probe *probe);
void probe_close(struct probe *probe);

const char *probe_tier(const struct probe *probe);
int probe_ring_fd(const struct probe *probe);
size_t probe_ring_size(const struct probe *probe);
const struct probe_hook *probe_hooks(const struct probe *probe, size_t *count);

/* Adds the counters of all CPUs.  Plain memory: no system call. */
void probe_count(const struct probe *probe, struct totals *totals);
/* What the programs have cost, if options->stats; and the size of the ring. */
void probe_usage(const struct probe *probe, struct usage *usage);
/* What --count-only counts, by number; NULL: it cannot be mapped. */
const volatile uint64_t *probe_counts(struct probe *probe);
/* A record was taken from the ring: its share has room again. */
void probe_taken(struct probe *probe, const void *data, size_t size);
/* Adds what was suppressed of each share of the ring. */
void probe_suppressed(const struct probe *probe, uint64_t suppressed[SHARES]);
/* Second halves of acts that found no room: nothing provisional is settled any more. */
uint64_t probe_amends_lost(const struct probe *probe);
/* Sockets of -p that are open. */
uint64_t probe_subject_sockets(const struct probe *probe);
/* Processes that -f found or saw to be born, and that live. */
uint64_t probe_children(const struct probe *probe);
/*
 * Events that may have been lost because the kernel skipped all programs for them, at most: a
 * program does not run inside itself.  Reads /proc/self/fdinfo; 0 before 5.12, where none is
 * skipped.
 */
uint64_t probe_missed(const struct probe *probe);
/* The same for the hooks of --held: each may be a close that was not the last. */
uint64_t probe_held_missed(const struct probe *probe);
/*
 * The program in a slot of a hook and what the verifier processed for it; NULL: none is loaded
 * there.  Only after closetrace check -v are there figures.
 */
const char *probe_program(const struct probe *probe, size_t hook, size_t slot,
			  unsigned long *instructions);

/* Frees a probe that went out of scope. */
static inline void probe_closep(struct probe **probe)
{
	if (*probe)
		probe_close(*probe);
}

#endif
