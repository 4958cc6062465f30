// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * owner_table.bpf.c - what is known of living sockets, under their addresses
 *
 * A socket is looked up seven times or so from its connect() to its end, and entered and deleted
 * once.  In a hash of the kernel's that was a sixth of what an ending costs.  Here the entries are
 * in an array of small sets, and a key has two sets in which it may be: a lookup is a load and four
 * comparisons, or twice that, an entry a store.
 *
 * All that concerns one socket is serialized by its lock, except that an entry is read for the sake
 * of its peer (peer.bpf.c knows) and seeded by an iterator.  Two sockets of one set may be entered
 * at once, by two CPUs or by a softirq in a task: whoever does not find itself alone, or finds no
 * place, goes to its other set.
 */
#include "seen.bpf.h"

#define WAYS	SETTINGS_OWNER_WAYS

struct owner_set {
	__u64 key[WAYS];	/* 0: free */
	__u64 users;		/* that are entering one */
	__u64 padding[3];
	struct owner owner[WAYS];
};

/* A power of two, set at load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct owner_set);
} owner_sets SEC(".maps");

static __always_inline struct owner_set *set_at(__u32 place)
{
	return bpf_map_lookup_elem(&owner_sets, &place);
}

/* The first or the second set of a key. */
static __always_inline __u32 set_of(__u64 key, bool second)
{
	__u64 mixed = (key >> 6) * (second ? 0xc2b2ae3d27d4eb4f : 0x9e3779b97f4a7c15);

	return mixed >> 40 & settings.owner_mask;
}

/* 1 when they differ. */
static __always_inline __u64 differ(__u64 a, __u64 b)
{
	__u64 both = a ^ b;

	return (both | -both) >> 63;
}

/* Where a key is; WAYS: nowhere.  Without branches: the verifier would follow each. */
static __always_inline __u64 way_of(const struct owner_set *set, __u64 key)
{
	__u64 not0 = differ(set->key[0], key), not1 = differ(set->key[1], key) & not0;
	__u64 not2 = differ(set->key[2], key) & not1, not3 = differ(set->key[3], key) & not2;

	return not0 + not1 + not2 + not3;
}

#define NOWHERE	(~0ULL)

static __always_inline __u64 place_in(__u64 key, bool second)
{
	__u32 number = set_of(key, second);
	struct owner_set *set = set_at(number);
	__u64 way = set ? way_of(set, key) : WAYS;

	return way < WAYS ? (__u64)number * WAYS + way : NOWHERE;
}

/*
 * Where the entry of a key is.  A global function, which the verifier follows once, and not once
 * for each place from which an entry is looked for.
 */
__noinline __u64 owner_place(__u64 key)
{
	__u64 place = place_in(key, false);

	return place == NOWHERE ? place_in(key, true) : place;
}

struct owner *__hidden owner_of(__u64 key)
{
	__u64 place = owner_place(key);
	struct owner_set *set = place == NOWHERE ? NULL : set_at(place / WAYS);

	return set ? &set->owner[place % WAYS] : NULL;
}

/* A free place, or where the iterator entered the key meanwhile. */
static __always_inline __u64 take_alone(struct owner_set *set, __u64 key)
{
	__u64 way = way_of(set, key);

	if (way >= WAYS)
		way = way_of(set, 0);
	if (way < WAYS)
		set->key[way] = key;
	return way;
}

/* NOWHERE also when somebody else is entering. */
static __always_inline __u64 take_in(__u64 key, bool second)
{
	__u32 number = set_of(key, second);
	struct owner_set *set = set_at(number);
	__u64 way = WAYS;

	if (!set)
		return NOWHERE;
	/* As in scratch_take(): at worst all go, but never two stay. */
	__sync_fetch_and_add(&set->users, 1);
	if (*(volatile __u64 *)&set->users == 1)
		way = take_alone(set, key);
	__sync_fetch_and_add(&set->users, -1);
	return way < WAYS ? (__u64)number * WAYS + way : NOWHERE;
}

/* A place for a key that has none.  What it holds is still that of another, whose id tells. */
__noinline __u64 owner_take(__u64 key)
{
	__u64 place = take_in(key, false);

	return place == NOWHERE ? take_in(key, true) : place;
}

/* @keep: an entry that there is stays, and the answer is false, as it is when there is no room. */
bool __hidden owner_put(__u64 key, const struct owner *owner, bool keep)
{
	__u64 place = owner_place(key);
	struct owner_set *set;

	if (keep && place != NOWHERE)
		return false;
	if (place == NOWHERE)
		place = owner_take(key);
	set = place == NOWHERE ? NULL : set_at(place / WAYS);
	if (set)
		set->owner[place % WAYS] = *owner;
	return set;
}

/*
 * Should the iterator have entered it in its other set at the same moment, that stays until the
 * memory is used for another socket.
 */
void __hidden owner_delete(__u64 key)
{
	__u64 place = owner_place(key);
	struct owner_set *set = place == NOWHERE ? NULL : set_at(place / WAYS);

	if (set)
		set->key[place % WAYS] = 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
