/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slot.bpf.h - tables that remember the youngest connections, at the price of two cache lines
 *
 * An array in which a 4-tuple has one place, and overwrites whoever had it.  A hash with LRU would
 * forget the oldest instead, but takes a lock and looks for room at each entry: a third of what an
 * ending used to cost.  Nothing keeps two CPUs from writing one slot at once, so each carries a sum
 * of its words, and one that does not agree is empty.
 */
#ifndef CLOSETRACE_SLOT_BPF_H
#define CLOSETRACE_SLOT_BPF_H

#include "common.bpf.h"

/* The place of a 4-tuple in an array of 1 << bits. */
static __always_inline __u32 slot_key(const struct tuple *tuple, __u32 bits)
{
	__u32 ours, theirs, ports = (__u32)tuple->lport << 16 | tuple->rport;

	__builtin_memcpy(&ours, tuple->laddr + 12, sizeof(ours));
	__builtin_memcpy(&theirs, tuple->raddr + 12, sizeof(theirs));
	ports ^= (ours ^ theirs << 7 ^ tuple->netns) * 0x85ebca6b;
	return ports * 0x9e3779b1 >> (32 - bits);
}

static __always_inline __u64 slot_sum(const __u64 *word, __u32 words)
{
	__u64 sum = 1;

	for (__u32 i = 0; i < words; i++)
		sum = sum * 31 + word[i];
	return sum;
}

static __always_inline bool slot_same(const struct tuple *a, const struct tuple *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3] && x[4] == y[4];
}

_Static_assert(sizeof(struct tuple) == 40, "five words");

#endif
