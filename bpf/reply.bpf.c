// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reply.bpf.c - resets that answer a segment
 *
 * They are told by the segment.  A dead socket of ours that answers may complete what was told as
 * "reset received" a moment ago: data that came too late ends a socket through tcp_reset().
 */
#include "common.bpf.h"

/* A reply RST follows the death of its socket within microseconds; this is generous. */
#define PROVISIONAL_NS 1000000000

/* The answer comes from the function that gave the child up; an emulated CPU takes its time. */
#define FAILED_CHILD_NS 100000000

/* Set by user space when the hooks of tcp_check_req() are attached: for_request is then told. */
__u32 requests_watched = 0;

/* A record was told, or filtered, that the next reply of this socket may change. */
void __hidden reply_may_follow(struct sock *sk, const struct record *r, bool filtered)
{
	struct provisional entry = {
		.time_ns = r->time_ns,
		.socket = r->socket,
		.netns = r->netns,
		.lport = r->lport,
		.rport = r->rport,
		.filtered = filtered,
	};
	__u64 key = (__u64)sk;

	if (settings.count_only)
		tally_key_of(r, &entry.key);
	bpf_map_update_elem(&provisionals, &key, &entry, BPF_ANY);
}

/* Memory is reused, so the pointer alone proves nothing: ports, namespace and age must agree. */
static struct provisional *provisional_of(struct sock *sk, const struct record *r)
{
	__u64 key = (__u64)sk;
	struct provisional *entry = bpf_map_lookup_elem(&provisionals, &key);

	if (!entry || entry->netns != r->netns || entry->lport != r->lport ||
	    entry->rport != r->rport || r->time_ns - entry->time_ns > PROVISIONAL_NS)
		return NULL;
	return entry;
}

static void write_amend(struct record *r, const struct provisional *entry)
{
	struct record_counters *here = counters_here();
	__u32 fate;

	r->facts |= FACT(amends);
	r->kind = RECORD_RST_REPLY;
	fate = settings.count_only ? tally_change(&entry->key, r) : emit_write(NULL, r);
	if (fate == FATE_EMITTED)
		__sync_fetch_and_add(&here->amend_emitted, 1);
	else
		__sync_fetch_and_add(&here->amend_lost, 1);
}

/* A dead socket of ours answered: it completes a provisional record, or stands alone. */
static void reply_of_dead(struct record *r, struct sock *sk)
{
	struct provisional *entry = provisional_of(sk, r);
	__u64 key = (__u64)sk;

	sample_dead(r, sk);
	if (!entry) {
		emit_finish(NULL, r);
		return;
	}
	r->socket = entry->socket;
	r->known |= KNOWN_SOCKET;
	if (!entry->filtered)
		write_amend(r, entry);
	bpf_map_delete_elem(&provisionals, &key);
}

/* The last child of this CPU that was given up; what answers its segment follows at once. */
struct failed_child {
	struct tuple tuple;
	__u64 time_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct failed_child);
} failed_children SEC(".maps") __weak;

void __hidden reply_child_failed(struct sock *sk)
{
	__u32 key = 0;
	struct failed_child *last = bpf_map_lookup_elem(&failed_children, &key);

	if (!last)
		return;
	sample_tuple(&last->tuple, sk);
	last->time_ns = bpf_ktime_get_ns();
}

static bool answers_failed_child(const struct record *r)
{
	__u32 key = 0;
	struct failed_child *last = bpf_map_lookup_elem(&failed_children, &key);

	__u64 was[2], is[2];

	if (!last || last->tuple.netns != r->netns || last->tuple.lport != r->lport ||
	    last->tuple.rport != r->rport || r->time_ns - last->time_ns > FAILED_CHILD_NS)
		return false;
	__builtin_memcpy(was, last->tuple.raddr, sizeof(was));
	__builtin_memcpy(is, r->raddr, sizeof(is));
	return was[0] == is[0] && was[1] == is[1];
}

static bool answers_request(struct sk_buff *skb)
{
	__u32 key = 0;
	__u64 *checked = bpf_map_lookup_elem(&checking, &key);

	return checked && *checked == (__u64)skb;
}

static __u64 reply_socket_fact(__u8 state)
{
	if (state == TCP_LISTEN)
		return FACT(sk_listen);
	if (state == TCP_TIME_WAIT)
		return FACT(sk_timewait);
	return state == TCP_CLOSE ? FACT(closed) : FACT(sk_alive);
}

/* tcp_v4_send_reset() and tcp_v6_send_reset(); sk may be NULL, a listener or a mini socket. */
void __hidden reply_sent(struct sock *sk, struct sk_buff *skb, __u32 reason)
{
	__u64 key = number_of_any(skb);
	struct pending *held;
	struct record *r;

	/* The segment is the key: it is held no longer than this function runs. */
	held = pending_get(key);
	if (!held) {
		emit_count(RECORD_RST_REPLY, FATE_PENDING_FULL);
		return;
	}
	r = &held->record;
	r->facts = FACT(rst_reply);
	sample_segment(r, sk, skb);
	if (compat_has_reason()) {
		r->reason = reason;
		r->known |= KNOWN_REASON;
	}
	if (requests_watched)
		r->facts |= FACT(requests_watched);
	if (answers_request(skb))
		r->facts |= FACT(for_request);
	if (answers_failed_child(r))
		r->facts |= FACT(child_failed);
	if (!sk) {
		r->facts |= FACT(sk_none);
	} else {
		r->state = BPF_CORE_READ(sk, __sk_common.skc_state);
		r->facts |= reply_socket_fact(r->state);
		if (r->state == TCP_LISTEN && sample_joins(skb))
			r->facts |= FACT(seg_join);
	}
	if (r->facts & (FACT(closed) | FACT(sk_timewait)))
		owner_departed(r);
	if (r->facts & FACT(closed))
		reply_of_dead(r, sk);
	else
		emit_finish(NULL, r);
	pending_drop(key);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
