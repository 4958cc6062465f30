// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * listener.bpf.c - who listens on a port, and the listeners that a task is closing
 */
#include "hint.bpf.h"
#include "seen.bpf.h"

/* Set by user space when no hook tells who accepts: then whoever listens there is taken for it. */
__u32 infer_owners = 0;

/* Of the map closing_listeners, by the listener. */
static __u32 closing_hints[HINTS];

static void port_of(struct listen_port *port, struct sock *sk)
{
	port->netns = sample_netns(sk);
	port->port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
}

/* After owner_set() or owner_seed(): there is an owner, unless the map is full. */
void __hidden listener_opened(struct sock *sk, __u64 key)
{
	struct owner *owner = owner_of(key);
	struct listening entry = { .sockets = 1 }, *known;
	struct listen_port port;

	if (!infer_owners || !owner)
		return;
	port_of(&port, sk);
	known = bpf_map_lookup_elem(&listenings, &port);
	if (!known) {
		entry.owner = *owner;
		bpf_map_update_elem(&listenings, &port, &entry, BPF_NOEXIST);
		return;
	}
	known->shared |= known->owner.tgid != owner->tgid;
	__sync_fetch_and_add(&known->sockets, 1);
}

static void forget(struct sock *sk)
{
	struct listening *known;
	struct listen_port port;

	if (!infer_owners)
		return;
	port_of(&port, sk);
	known = bpf_map_lookup_elem(&listenings, &port);
	if (!known)
		return;
	__sync_fetch_and_add(&known->sockets, -1);
	if ((__s32)known->sockets <= 0)
		bpf_map_delete_elem(&listenings, &port);
}

/* A listener goes: its id is what the resets of its queue are tied to. */
void __hidden listener_closed(struct sock *sk, __u64 key)
{
	struct closing_listener entry = {};
	struct owner *owner = owner_of(key);
	__u64 task = bpf_get_current_pid_tgid();

	entry.sk = key;
	entry.id = owner ? owner->id : owner_new_id();
	entry.netns = sample_netns(sk);
	entry.lport = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	hint_add(closing_hints, key);
	bpf_map_update_elem(&closing_listeners, &task, &entry, BPF_ANY);
	forget(sk);
	owner_drop(key);
}

/* Its queue is empty.  An entry that was overwritten leaves its hint. */
void __hidden listener_gone(__u64 key)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct closing_listener *listener;

	if (!hint_says(closing_hints, key))
		return;
	listener = bpf_map_lookup_elem(&closing_listeners, &task);
	if (!listener || listener->sk != key)
		return;
	bpf_map_delete_elem(&closing_listeners, &task);
	hint_take(closing_hints, key);
}

/* Whoever listens on the port of a new connection is likely to accept it. */
void __hidden listener_infer(struct tcp_sock *tp, struct owner *owner)
{
	struct listening *known;
	struct listen_port port;

	if (!infer_owners)
		return;
	port.netns = tp->COMMON(skc_net.net)->ns.inum;
	port.port = bpf_ntohs(tp->INET(inet_sport));
	known = bpf_map_lookup_elem(&listenings, &port);
	if (!known || known->shared)
		return;
	owner->task = known->owner.task;
	owner->tgid = known->owner.tgid;
	owner->who = known->owner.who;
	owner->cgroup = known->owner.cgroup;
	owner->by = known->owner.by ? OWNER_LISTENER : OWNER_NONE;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
