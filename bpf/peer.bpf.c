// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * peer.bpf.c - connections with both ends on this host, over its loopback device
 *
 * The two sockets learn of each other when the second of them, the server's, is established.  Each
 * entry of the map owners then names the other, and only a pair that agrees is believed: the memory
 * of sockets is used again, and so is that of entries, while another CPU still looks at them.
 */
#include "common.bpf.h"

#define IFF_LOOPBACK	(1 << 3)

static bool is_local(struct sock *sk)
{
	struct dst_entry *dst = BPF_CORE_READ(sk, sk_dst_cache);

	return dst && (BPF_CORE_READ(dst, dev, flags) & IFF_LOOPBACK);
}

static void mirror(struct tuple *out, const struct tuple *in)
{
	__builtin_memcpy(out->laddr, in->raddr, sizeof(out->laddr));
	__builtin_memcpy(out->raddr, in->laddr, sizeof(out->raddr));
	out->lport = in->rport;
	out->rport = in->lport;
	out->netns = in->netns;
}

/* SYN_SENT -> ESTABLISHED: the server's side, if it is here, follows. */
void __hidden peer_client(struct sock *sk)
{
	struct tuple tuple;
	__u64 key = (__u64)sk;

	if (!is_local(sk))
		return;
	sample_tuple(&tuple, sk);
	bpf_map_update_elem(&halves, &tuple, &key, BPF_ANY);
}

/* SYN_RECV -> ESTABLISHED. */
void __hidden peer_server(struct sock *sk)
{
	struct owner *owner = owner_of(sk), *other;
	struct tuple ours, theirs;
	__u64 *client;

	if (!owner || !is_local(sk))
		return;
	sample_tuple(&ours, sk);
	mirror(&theirs, &ours);
	client = bpf_map_lookup_elem(&halves, &theirs);
	if (!client)
		return;
	other = owner_of((struct sock *)*client);
	if (other) {
		owner->peer = *client;
		owner->peer_id = other->id;
		other->peer = (__u64)sk;
		other->peer_id = owner->id;
	}
	bpf_map_delete_elem(&halves, &theirs);
}

static bool are_pair(const struct owner *owner, const struct owner *other)
{
	return other->id == owner->peer_id && other->peer_id == owner->id;
}

/* The other end, if it still is the one that was met. */
static struct owner *peer_of(const struct owner *owner)
{
	struct owner *other = owner->peer ? owner_of((struct sock *)owner->peer) : NULL;

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
