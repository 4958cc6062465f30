/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * copies.bpf.h - several copies of a program, so that none of a hook's events is lost
 */
#ifndef CLOSETRACE_COPIES_BPF_H
#define CLOSETRACE_COPIES_BPF_H

#include "common.bpf.h"

/*
 * Tracepoints that fire in process context and in softirq, and the functions that --held watches,
 * are served by COPIES of one program.
 *
 * From 5.12 on the kernel skips a program that would run inside itself on the same CPU: a softirq
 * interrupts it, or a task is preempted in it for whole time slices (a function hook on every
 * kernel that preempts itself, a tracepoint on 7.2; bpf_preempt_disable() only moves that to its
 * end, and hides it from copy_enter()).
 * With one program all that happens there meanwhile would be lost in silence.  The copies are
 * called one after the other; the first that is not skipped does the work and leaves a mark, by
 * which the others know.
 * An event is lost only when every copy is skipped, and so only while all but one at least are at
 * work on one CPU: they count how often that was.  probe_missed() makes a bound of it.
 *
 * Where a tracepoint is not preempted a softirq in a task is all that can be, and two copies miss
 * nothing: user space loads no more (hook_slots()), and nothing is counted.
 */
#define COPIES		5
enum copy_hook { COPY_STATE, COPY_SEND_RESET, COPY_RECEIVE_RESET, COPY_HELD, COPY_HOOKS };

#define COPY_MARKS	1024	/* a hook; events that are under way at once on a CPU are few */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COPY_HOOKS * COPY_MARKS);
	__type(key, __u32);
	__type(value, __u64);		/* an event that was taken; 0: none */
} copy_marks SEC(".maps") __weak;

/* Copies of each hook that have begun and not ended, on this CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COPY_HOOKS);
	__type(key, __u32);
	__type(value, __u64);
} copies_running SEC(".maps") __weak;

/* Added at once, as a task that is preempted here goes on at any time. */
static __always_inline __u64 *copy_enter(__u32 hook)
{
	__u64 *running;

	if (hook != COPY_HELD && !settings.preempts)
		return NULL;
	running = bpf_map_lookup_elem(&copies_running, &hook);
	if (!running)
		return NULL;
	__sync_fetch_and_add(running, 1);
	/* One less than all: another may have begun, but not yet been counted. */
	if (*running >= COPIES - 1)
		__sync_fetch_and_add(&counters_here()->crowded, 1);
	return running;
}

static __always_inline void copy_leave(__u64 *running)
{
	if (running)
		__sync_fetch_and_add(running, -1);
}

/* A mark is the event with the copy that saw it last in three bits that all addresses share. */
#define COPY_BIT	59
#define COPY_MASK	(7ULL << COPY_BIT)
_Static_assert(COPIES <= 8, "three bits");

static __always_inline __u64 *copy_mark(__u32 hook, __u64 event)
{
	/* Objects are at least 64 bytes apart: the lower bits tell nothing. */
	__u32 key = hook * COPY_MARKS + ((event >> 6) ^ (event >> 16)) % COPY_MARKS;

	return bpf_map_lookup_elem(&copy_marks, &key);
}

/*
 * Whether this copy has to do the work.  event: the address of what it is about, which serializes
 * it, and the new state in the lowest bits.  Memory is used again, and a mark stays behind where
 * the last copy was skipped: it is no mark of this event when it tells of this copy or a later one.
 */
static __always_inline bool copy_takes(const __u64 *mark, __u64 event, __u32 copy)
{
	bool seen = !((*mark ^ event) & ~COPY_MASK);

	return !seen || (*mark & COPY_MASK) >> COPY_BIT >= copy;
}

/* After the work: a softirq that interrupted it may have used the same slot. */
static __always_inline void copy_leaves_mark(__u64 *mark, __u64 event, __u32 copy)
{
	*mark = copy == COPIES - 1 ? 0 : (event & ~COPY_MASK) | (__u64)copy << COPY_BIT;
}

/* What a copy does with an event, if it has to; 0. */
#define COPY_RUNS(hook, event, copy, call) ({                                                      \
	__u64 *running = copy_enter(hook), *mark = copy_mark(hook, event);                         \
                                                                                                   \
	if (mark) {                                                                                \
		if (copy_takes(mark, event, copy))                                                 \
			(call);                                                                    \
		copy_leaves_mark(mark, event, copy);                                               \
	}                                                                                          \
	copy_leave(running);                                                                       \
	0; })

#endif
