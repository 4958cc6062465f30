// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * owner_table.bpf.c - what is known of living sockets, under their addresses
 *
 * A socket is looked up seven times or so from its connect() to its end, and entered and deleted
 * once.  In a hash of the kernel's that was a sixth of what an ending costs.  Here the entries are
 * in an array of small sets: a lookup is a load and four comparisons, an entry a store.
 *
 * All that concerns one socket is serialized by its lock, except that an entry is read for the sake
 * of its peer (peer.bpf.c knows) and seeded by an iterator.  Two sockets of one set may be entered
 * at once, by two CPUs or by a softirq in a task: whoever does not find itself alone, or finds no
 * place, goes to an ordinary hash.
 */
#include "hint.bpf.h"
#include "seen.bpf.h"

#define WAYS	SETTINGS_OWNER_WAYS

struct owner_set {
	__u64 key[WAYS];	/* 0: free */
	__u64 users;		/* that are entering one */
	__u64 padding[3];
	struct owner owner[WAYS];
};

/* As many sets as there may be sockets, through four; a power of two, set at load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 14);
	__type(key, __u32);
	__type(value, struct owner_set);
} owner_sets SEC(".maps");

/* A fourth of the sockets: so many find no place when there are as many as there may be. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 14);
	__type(key, __u64);		/* struct sock * */
	__type(value, struct owner);
} owners_beside SEC(".maps");

static __u32 beside_hints[HINTS];

static __always_inline struct owner_set *set_of(__u64 key)
{
	__u32 place = ((key >> 6) * 0x9e3779b97f4a7c15) >> 40 & settings.owner_mask;

	return bpf_map_lookup_elem(&owner_sets, &place);
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

struct owner *__hidden owner_of(__u64 key)
{
	struct owner_set *set = set_of(key);
	__u64 way = set ? way_of(set, key) : WAYS;

	if (set && way < WAYS)
		return &set->owner[way];
	return hint_says(beside_hints, key) ? bpf_map_lookup_elem(&owners_beside, &key) : NULL;
}

/* At a free place, or where the iterator entered it meanwhile; false: there is none. */
static __always_inline bool enter_alone(struct owner_set *set, __u64 key, const struct owner *owner)
{
	__u64 way = way_of(set, key);

	if (way >= WAYS)
		way = way_of(set, 0);
	if (way >= WAYS)
		return false;
	set->owner[way] = *owner;
	barrier();
	set->key[way] = key;
	return true;
}

/* False also when somebody else is entering. */
static __always_inline bool enter(struct owner_set *set, __u64 key, const struct owner *owner)
{
	bool entered = false;

	/* As in scratch_take(): at worst all go, but never two stay. */
	__sync_fetch_and_add(&set->users, 1);
	if (*(volatile __u64 *)&set->users == 1)
		entered = enter_alone(set, key, owner);
	__sync_fetch_and_add(&set->users, -1);
	return entered;
}

static bool enter_beside(__u64 key, const struct owner *owner)
{
	hint_add(beside_hints, key);
	if (!bpf_map_update_elem(&owners_beside, &key, owner, BPF_NOEXIST))
		return true;
	hint_take(beside_hints, key);
	return false;
}

/* @keep: an entry that there is stays, and the answer is false, as it is when there is no room. */
bool __hidden owner_put(__u64 key, const struct owner *owner, bool keep)
{
	struct owner *known = owner_of(key);
	struct owner_set *set;

	if (known) {
		if (!keep)
			*known = *owner;
		return !keep;
	}
	set = set_of(key);
	return (set && enter(set, key, owner)) || enter_beside(key, owner);
}

void __hidden owner_delete(__u64 key)
{
	struct owner_set *set = set_of(key);
	__u64 way = set ? way_of(set, key) : WAYS;

	if (set && way < WAYS)
		set->key[way] = 0;
	/* The iterator may have entered it twice. */
	if (hint_says(beside_hints, key) && !bpf_map_delete_elem(&owners_beside, &key))
		hint_take(beside_hints, key);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
