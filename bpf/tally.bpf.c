// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tally.bpf.c - --count-only: counts acts by their key in place of writing them
 *
 * A key gets a number when it is seen first, and goes to user space once; from then on an act is
 * one addition in memory that user space reads without a system call.  Numbers wait in queues,
 * because 5.10 has no atomic that returns what it added to.  When all are taken, acts of new keys
 * are counted without owner and port; when that fails too, they are lost, and counted as such.
 */
#include "common.bpf.h"

/* Room for one where nothing is counted: sizes are set at load. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct tally_key);
	__type(value, __u32);		/* its number */
} tallies SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} tally_counts SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} tally_free SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} tally_free_others SEC(".maps") __weak;

static long pop(bool others, __u32 *slot)
{
	return others ? bpf_map_pop_elem(&tally_free_others, slot) :
			bpf_map_pop_elem(&tally_free, slot);
}

static void give_back(bool others, const __u32 *slot)
{
	if (others)
		bpf_map_push_elem(&tally_free_others, slot, 0);
	else
		bpf_map_push_elem(&tally_free, slot, 0);
}

static void tell(struct record_tally *out, const struct tally_key *key, __u32 slot)
{
	__builtin_memset(out, 0, sizeof(*out));
	out->size = sizeof(*out);
	out->version = RECORD_VERSION;
	out->kind = RECORD_TALLY;
	out->slot = slot;
	out->key = *key;
}

/* Gives a key a number; should another CPU do so at the same time, there will be one. */
static __u32 introduce(const struct tally_key *key)
{
	bool others = key->values & TALLY_OTHERS;
	struct record_tally *out;
	__u32 slot = 0;

	out = bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	if (!out)
		return FATE_RING_FULL;
	if (pop(others, &slot)) {
		bpf_ringbuf_discard(out, 0);
		return FATE_TABLE_FULL;
	}
	if (bpf_map_update_elem(&tallies, key, &slot, BPF_NOEXIST)) {
		give_back(others, &slot);
		bpf_ringbuf_discard(out, 0);
		return FATE_TABLE_FULL;
	}
	tell(out, key, slot);
	bpf_ringbuf_submit(out, 0);
	return FATE_EMITTED;
}

static __u64 *count_of(const struct tally_key *key)
{
	__u32 *slot = bpf_map_lookup_elem(&tallies, key);

	return slot ? bpf_map_lookup_elem(&tally_counts, slot) : NULL;
}

static __u32 add(const struct tally_key *key)
{
	__u64 *count = count_of(key);
	__u32 fate = FATE_EMITTED;

	if (!count) {
		fate = introduce(key);
		count = count_of(key);
	}
	if (!count)
		return fate == FATE_EMITTED ? FATE_TABLE_FULL : fate;
	__sync_fetch_and_add(count, 1);
	return FATE_EMITTED;
}

static __u32 add_somewhere(struct tally_key *key)
{
	__u32 fate = add(key);

	if (fate != FATE_TABLE_FULL)
		return fate;
	tally_merge(key);
	return add(key);
}

__u32 __hidden tally_act(const struct record *r)
{
	struct tally_key key;

	tally_key_of(r, &key);
	return add_somewhere(&key);
}

/* The act that was counted under the first key is the other one. */
__u32 __hidden tally_change(const struct tally_key *first, const struct record *reply)
{
	struct tally_key key = *first;
	__u64 *count;
	__u32 fate;

	tally_amend(&key, reply);
	fate = add_somewhere(&key);
	if (fate != FATE_EMITTED)
		return fate;
	count = count_of(first);
	if (!count) {
		key = *first;
		tally_merge(&key);
		count = count_of(&key);
	}
	if (count)
		__sync_fetch_and_add(count, -1);
	return FATE_EMITTED;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
