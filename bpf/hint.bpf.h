/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hint.bpf.h - whether a map can have an entry at all
 *
 * Most sockets never have a sample that is held, or a listener that is being closed, and are looked
 * up at every event.  How many entries there are is counted by a hash of their keys, in memory that
 * a program reads without a call: where it is 0 there is nothing to look up.
 *
 * Whoever owns a key counts it before it inserts, and takes it back after it has deleted: a hint
 * may be too high for a moment, or for good, never too low.
 */
#ifndef CLOSETRACE_HINT_BPF_H
#define CLOSETRACE_HINT_BPF_H

#include "common.bpf.h"

#define HINTS	1024

/* Objects are at least 64 bytes apart: the lower bits tell nothing. */
static __always_inline __u32 *hint_of(__u32 *hints, __u64 key)
{
	return &hints[((key >> 6) ^ (key >> 16)) % HINTS];
}

static __always_inline bool hint_says(__u32 *hints, __u64 key)
{
	return *(volatile __u32 *)hint_of(hints, key);
}

static __always_inline void hint_add(__u32 *hints, __u64 key)
{
	__sync_fetch_and_add(hint_of(hints, key), 1);
}

static __always_inline void hint_take(__u32 *hints, __u64 key)
{
	__sync_fetch_and_add(hint_of(hints, key), -1);
}

#endif
