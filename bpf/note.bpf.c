// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * note.bpf.c - writes notes: what looks like the end of a connection and is none
 *
 * A note is complete at once.  The filters are the same as for acts; the counters are not.
 */
#include "common.bpf.h"

#define IFF_UP	1

#define TASK	true
#define KERNEL	false

/* The notes that a task decided, a bit each. */
static const __u32 decided_notes =
#define NOTE(number, name, who, text) ((__u32)(who) << (number)) |
#include "abi/notes.def"
#undef NOTE
	0;

static void count_note(__u32 note, __u32 fate)
{
	__sync_fetch_and_add(&counters_here()->note[note & (RECORD_NOTES_ROOM - 1)], 1);
	emit_count(RECORD_NOTE, fate);
}

/*
 * A record, all 0, under a key that nobody else has: two segments may meet one mini socket at once.
 * NULL: there is no room, which is counted.
 */
static __always_inline struct record *begin(__u64 *key, __u32 note)
{
	struct pending *held;

	*key = owner_new_id();
	held = pending_get(*key);
	if (!held)
		count_note(note, FATE_PENDING_FULL);
	return held ? &held->record : NULL;
}

static __always_inline void finish(struct record *r, __u64 key, __u32 note)
{
	__u32 fate;

	r->kind = RECORD_NOTE;
	r->note = note;
	if (!(decided_notes & 1U << (note & 31)))
		r->known &= ~(KNOWN_ACTOR | KNOWN_SYSCALL | KNOWN_EXIT | KNOWN_CGROUP);
	fate = filter_fate(r);
	if (fate == FATE_EMITTED)
		fate = emit_write(NULL, r);
	count_note(note, fate);
	pending_drop(key);
}

/* A full socket; state: before whatever happens to it. */
void __hidden note_socket(struct sock *sk, __u8 state, __u32 note)
{
	__u64 key;
	struct record *r = begin(&key, note);

	if (!r)
		return;
	sample_socket(r, sk, state);
	finish(r, key, note);
}

/* What mini sockets share with full ones; skc_num is theirs as long as they are hashed. */
static void sample_common(struct record *r, struct sock *sk)
{
	struct tuple tuple;

	sample_header(r);
	r->context = CONTEXT_SOFTIRQ;
	sample_addresses(&tuple, sk);
	tuple.lport = BPF_CORE_READ(sk, __sk_common.skc_num);
	tuple.rport = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	tuple.netns = sample_netns(sk);
	sample_place(r, sk, &tuple);
}

/*
 * A half-open request, or a connection in the queue of a listener: it belongs to whom the listener
 * belongs.
 */
void __hidden note_common(struct sock *sk, struct sock *whose, __u32 note)
{
	__u64 key;
	struct record *r = begin(&key, note);

	if (!r)
		return;
	sample_common(r, sk);
	sample_owner(r, whose, number_of_any(whose));
	r->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	r->role = ROLE_SERVER;
	r->known &= ~(KNOWN_SOCKET | KNOWN_BORN);
	finish(r, key, note);
}

/* state: FIN_WAIT2 while the peer's FIN is still to come, else TIME_WAIT. */
void __hidden note_timewait(struct inet_timewait_sock *tw, __u8 state, __u32 note)
{
	__u64 key;
	struct record *r = begin(&key, note);

	if (!r)
		return;
	sample_common(r, (struct sock *)tw);
	owner_departed(r);
	r->state = state;
	finish(r, key, note);
}

/* A segment, and the socket that it was for when that is known; netns 0: as the segment tells. */
void __hidden note_segment(struct sock *sk, struct sk_buff *skb, __u32 netns, __u32 note)
{
	__u64 key;
	struct record *r = begin(&key, note);

	if (!r)
		return;
	sample_segment(r, sk, skb);
	if (netns)
		r->netns = netns;
	if (sk)
		r->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (r->state && r->state != TCP_TIME_WAIT && r->state != TCP_NEW_SYN_RECV)
		sample_owner(r, sk, number_of_any(sk));
	r->known &= ~KNOWN_SEQ;
	finish(r, key, note);
}

/*
 * Nothing reports that a packet came to nothing below IP: the queue of a device that is down takes
 * it.  A route that is gone leaves the socket without one.
 */
static bool can_leave(struct sock *sk)
{
	struct dst_entry *dst = BPF_CORE_READ(sk, sk_dst_cache);
	struct net_device *device = dst ? BPF_CORE_READ(dst, dev) : NULL;

	if (!device || !(BPF_CORE_READ(device, flags) & IFF_UP))
		return false;
	return !(BPF_CORE_READ(device, state) & 1UL << __LINK_STATE_NOCARRIER);
}

/* After tcp_send_active_reset(), of which the act tells. */
void __hidden note_lost_reset(struct sock *sk, const struct record *act)
{
	struct record *r;
	__u64 key;

	if (can_leave(sk))
		return;
	r = begin(&key, NOTE_link_down_noop);
	if (!r)
		return;
	__builtin_memcpy(r, act, sizeof(*r));
	r->time_ns = bpf_ktime_get_ns();
	finish(r, key, NOTE_link_down_noop);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
