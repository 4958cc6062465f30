// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * peer.bpf.c - connections with both ends on this host, over its loopback device
 *
 * The two sockets learn of each other when the second of them, the server's, is established.  Each
 * entry of the owners then names the other, and only a pair that agrees is believed: the memory
 * of sockets is used again, and so is that of entries, while another CPU still looks at them.
 */
#include "seen.bpf.h"
#include "slot.bpf.h"

#define IFF_LOOPBACK	(1 << 3)

static __always_inline bool is_local(struct tcp_sock *tp)
{
	struct dst_entry *dst = tp->SOCK(sk_dst_cache);

	return dst && (dst->dev->flags & IFF_LOOPBACK);
}

static void mirror(struct tuple *out, const struct tuple *in)
{
	__builtin_memcpy(out->laddr, in->raddr, sizeof(out->laddr));
	__builtin_memcpy(out->raddr, in->laddr, sizeof(out->raddr));
	out->lport = in->rport;
	out->rport = in->lport;
	out->netns = in->netns;
}

#define HALF_WORDS	(offsetof(struct half, sum) / sizeof(__u64))

/* SYN_SENT -> ESTABLISHED: the server's side, if it is here, follows. */
void __hidden peer_client(struct tcp_sock *tp, __u64 key)
{
	struct owner *owner = owner_of(key);
	struct half half = { .sk = key }, *slot;
	__u32 place;

	if (!owner || !is_local(tp))
		return;
	half.id = owner->id;
	sample_tuple_typed(&half.tuple, tp);
	place = slot_key(&half.tuple, HALF_BITS);
	half.sum = slot_sum((__u64 *)&half, HALF_WORDS);
	slot = bpf_map_lookup_elem(&halves, &place);
	if (slot)
		*slot = half;
}

/* Copied first, as it may be another's in the next moment. */
static __always_inline bool half_of(struct half *half, const struct tuple *tuple)
{
	__u32 key = slot_key(tuple, HALF_BITS);
	struct half *slot = bpf_map_lookup_elem(&halves, &key);

	if (!slot)
		return false;
	*half = *slot;
	return slot_same(&half->tuple, tuple) && half->sum == slot_sum((__u64 *)half, HALF_WORDS);
}

/* SYN_RECV -> ESTABLISHED. */
void __hidden peer_server(struct tcp_sock *tp, __u64 key)
{
	struct owner *owner = owner_of(key), *other;
	struct tuple ours, theirs;
	struct half client;

	if (!owner || !is_local(tp))
		return;
	sample_tuple_typed(&ours, tp);
	mirror(&theirs, &ours);
	if (!half_of(&client, &theirs))
		return;
	other = owner_of(client.sk);
	/* The client may be gone already, when the last ACK of the handshake was lost. */
	if (!other || other->id != client.id)
		return;
	owner->peer = client.sk;
	owner->peer_id = other->id;
	other->peer = key;
	other->peer_id = owner->id;
}

static bool are_pair(const struct owner *owner, const struct owner *other)
{
	return other->id == owner->peer_id && other->peer_id == owner->id;
}

/* The other end, if it still is the one that was met. */
static struct owner *peer_of(const struct owner *owner)
{
	struct owner *other = owner->peer ? owner_of(owner->peer) : NULL;

	return other && are_pair(owner, other) ? other : NULL;
}

/* The same socket has another owner. */
void __hidden peer_inherit(struct owner *owner, const struct owner *known)
{
	owner->peer = known->peer;
	owner->peer_id = known->peer_id;
	owner->gone_id = known->gone_id;
	owner->peer_task = known->peer_task;
}

/* A socket goes: the other end, which may end much later, or now, keeps its owner. */
void __hidden peer_gone(const struct owner *owner)
{
	struct owner *other = peer_of(owner);

	if (!other || !owner->by)
		return;
	other->peer_task = owner->task;
	barrier();
	/* Should the entry be another's by now, this is not the peer_id that it has. */
	other->gone_id = owner->id;
}

void __hidden peer_sample(struct record *r, const struct owner *owner)
{
	struct owner *other = peer_of(owner);

	if (other && other->by) {
		r->peer = other->task;
		barrier();
		if (are_pair(owner, other)) {
			r->known |= KNOWN_PEER;
			return;
		}
	}
	if (owner->gone_id && owner->gone_id == owner->peer_id) {
		r->peer = owner->peer_task;
		r->known |= KNOWN_PEER;
	}
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
