// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * emit.bpf.c - decides when an act is complete, and writes it; never what it means
 *
 *   FIN                      complete when the closing state is entered
 *   RST after CLOSE          held at CLOSE, where the values are still whole, until the RST
 *   RST before CLOSE         held at the RST until CLOSE, where sk_err is final
 *   RST received, timeouts   complete at CLOSE; provisional when a reply RST may still follow
 *   RST reply                complete at once
 *
 * Every act is counted once as seen and once by its fate.
 */
#include "common.bpf.h"

const volatile struct settings settings = {};
struct record_counters counters[RECORD_SLOTS] = {};

/* A reply RST follows the death of its socket within microseconds; this is generous. */
#define PROVISIONAL_NS 1000000000

static const struct pending pending_zero;

struct record_counters *__hidden counters_here(void)
{
	return &counters[bpf_get_smp_processor_id() & (RECORD_SLOTS - 1)];
}

static void count(__u32 kind, __u32 fate)
{
	struct record_counters *here = counters_here();

	kind &= RECORD_KINDS_ROOM - 1;
	fate &= RECORD_FATES_ROOM - 1;
	__sync_fetch_and_add(&here->seen[kind], 1);
	__sync_fetch_and_add(&here->fate[kind][fate], 1);
}

/* The entry of a socket whose act is not complete; made when there is none.  NULL: map full. */
struct pending *__hidden pending_get(struct sock *sk)
{
	struct pending *held;
	__u64 key = (__u64)sk;

	held = bpf_map_lookup_elem(&pendings, &key);
	if (held)
		return held;
	bpf_map_update_elem(&pendings, &key, &pending_zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&pendings, &key);
}

static struct pending *pending_of(struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&pendings, &key);
}

static void pending_drop(struct sock *sk)
{
	__u64 key = (__u64)sk;

	bpf_map_delete_elem(&pendings, &key);
}

static __u8 kind_of(const struct record *r)
{
	if (r->facts & FACT(rst_reply))
		return RECORD_RST_REPLY;
	if (r->facts & FACT(rst_sent))
		return RECORD_RST;
	if (r->facts & FACT(fin_sent))
		return RECORD_FIN;
	if (r->facts & FACT(tcp_reset))
		return RECORD_RST_RECEIVED;
	return RECORD_SILENT;
}

static bool port_matches(const struct record *r)
{
	bool wanted = !settings.ports_wanted;

	for (__u32 i = 0; i < SETTINGS_PORTS; i++) {
		bool hit;

		if (i >= settings.ports)
			break;
		hit = settings.port[i] == r->lport || settings.port[i] == r->rport;
		if (i < settings.ports_wanted)
			wanted |= hit;
		else if (hit)
			return false;
	}
	return wanted;
}

/* FATE_EMITTED when the user asked for it. */
static __u32 wanted_fate(const struct record *r)
{
	if (settings.ports && !port_matches(r))
		return FATE_FILTERED;
	if (!settings.pids)
		return FATE_EMITTED;
	if ((r->known & KNOWN_ACTOR) && owner_is_subject(r->actor.pid))
		return FATE_EMITTED;
	if (r->known & KNOWN_OWNER)
		return owner_is_subject(r->owner.pid) ? FATE_EMITTED : FATE_FILTERED;
	return r->known & KNOWN_ACTOR ? FATE_FILTERED : FATE_UNOWNED;
}

/*
 * A reset received, an error or a timeout is nobody's decision, even when a task processed it
 * while it held the lock: no actor then.
 */
static void settle_actor(struct record *r)
{
	bool decided = r->facts & (FACT(fin_sent) | FACT(state_first));

	if (!decided && (r->facts & FACT(closed)) && !r->err && !(r->facts & FACT(rst_reply)))
		decided = true;
	if (!decided)
		r->known &= ~(KNOWN_ACTOR | KNOWN_SYSCALL | KNOWN_EXIT | KNOWN_CGROUP);
}

static void settle_sequence(struct record *r)
{
	if (r->facts & (FACT(fin_sent) | FACT(rst_sent)))
		r->known |= KNOWN_SEQ;
}

static __u32 write_record(const struct record *r)
{
	struct record_counters *here = counters_here();
	struct record *out = bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	__u32 kind = r->kind & (RECORD_KINDS_ROOM - 1);

	if (!out)
		return FATE_RING_FULL;
	__builtin_memcpy(out, r, sizeof(*out));
	out->kind_seen = here->seen[kind];
	out->kind_lost = here->fate[kind][FATE_RING_FULL] + here->fate[kind][FATE_PENDING_FULL];
	bpf_ringbuf_submit(out, 0);
	return FATE_EMITTED;
}

static __u32 finish(struct record *r)
{
	__u32 fate;

	r->kind = kind_of(r);
	settle_actor(r);
	settle_sequence(r);
	fate = wanted_fate(r);
	if (fate == FATE_EMITTED)
		fate = write_record(r);
	count(r->kind, fate);
	return fate;
}

/* The act whose sample is held is complete. */
void __hidden emit_held(struct sock *sk, struct pending *held)
{
	finish(&held->record);
	pending_drop(sk);
}

/* EST -> FIN_WAIT1, CLOSE_WAIT -> LAST_ACK, SYN_RECV -> FIN_WAIT1: tcp_send_fin() comes next. */
void __hidden emit_fin(struct sock *sk, __u8 old)
{
	struct pending *held;

	if (BPF_CORE_READ(sk, sk_lock.owned))
		owner_set(sk, OWNER_LAST, ROLE_UNKNOWN, false);
	held = pending_get(sk);
	if (!held) {
		count(RECORD_FIN, FATE_PENDING_FULL);
		return;
	}
	held->record.facts |= FACT(fin_sent);
	sample_socket(&held->record, sk, old);
	/* The FIN goes behind all that was written. */
	held->record.seq = BPF_CORE_READ((struct tcp_sock *)sk, write_seq);
	owner_departs(&held->record);
	emit_held(sk, held);
}

/*
 * sk_err may also be left from before (ICMP with IP_RECVERR) when a task closes: then it has not
 * ended the connection.
 */
static bool died_of_error(const struct record *r)
{
	__u64 decided = FACT(closing) | FACT(in_close) | FACT(in_disconnect);

	return r->err && (!(r->facts & decided) || (r->facts & FACT(tcp_reset)));
}

/*
 * Does the kernel's own branch send a RST after this CLOSE?  Only where a task decided, or for a
 * queued child: an error ends the connection by itself.
 */
static __u8 rst_follows(const struct record *r)
{
	bool child = (r->facts & (FACT(no_socket) | FACT(dead))) == FACT(no_socket);
	__u32 bit = STATE_BIT(r->state);

	if (died_of_error(r) || (r->facts & FACT(repair)) || r->state == TCP_SYN_SENT)
		return PENDING_NOTED;
	if (r->facts & FACT(dead)) {
		/* __tcp_close() after sock_orphan(): TCP_LINGER2 < 0 for certain, orphan limits. */
		if (r->state == TCP_FIN_WAIT2 && r->linger2 < 0)
			return PENDING_RST_MUST;
		return r->facts & FACT(owned) ? PENDING_RST_MAY : PENDING_NOTED;
	}
	if (!(r->facts & FACT(owned)) && !child)
		return PENDING_NOTED;
	if (r->unread && !child && (r->facts & (FACT(closing) | FACT(in_close))))
		return PENDING_RST_MUST;
	if (bit & STATES_NEED_RESET)
		return PENDING_RST_MUST;
	/* tcp_disconnect(): from LAST_ACK and CLOSING only when something is left to send. */
	return (bit & STATES_FINISHED) && r->unsent ? PENDING_RST_MUST : PENDING_NOTED;
}

/* Whether a reply RST may still show that no RST was received: data after close. */
static bool may_be_data(const struct record *r)
{
	__u32 bit = STATE_BIT(r->state);

	if (r->err != ECONNRESET && r->err != EPIPE)
		return false;
	return (r->shutdown & RCV_SHUTDOWN) && (bit & (STATES_FIN_OUT | STATE_BIT(TCP_CLOSE_WAIT)));
}

static void remember_provisional(struct sock *sk, const struct record *r, bool filtered)
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

	bpf_map_update_elem(&provisionals, &key, &entry, BPF_ANY);
}

/* connect() failed before it sent a SYN: nothing has happened on the wire. */
static bool never_sent(struct sock *sk, const struct record *r)
{
	return r->state == TCP_SYN_SENT && !r->err && !r->unacked &&
	       BPF_CORE_READ((struct tcp_sock *)sk, packets_out) == 0;
}

static void closed_now(struct sock *sk, struct pending *held)
{
	struct record *r = &held->record;

	held->stage = rst_follows(r);
	if (held->stage != PENDING_NOTED)
		return;
	if (never_sent(sk, r)) {
		pending_drop(sk);
		return;
	}
	if (may_be_data(r)) {
		r->facts |= FACT(provisional);
		remember_provisional(sk, r, finish(r) != FATE_EMITTED);
		pending_drop(sk);
		return;
	}
	emit_held(sk, held);
}

/* Any state -> CLOSE: where the values are last whole. */
void __hidden emit_closed(struct sock *sk, __u8 old)
{
	struct pending *held = pending_of(sk);
	bool rst_first = held && held->stage == PENDING_RST_FIRST;

	if (!rst_first && sample_orderly(sk, old)) {
		if (held)
			pending_drop(sk);
		owner_drop(sk);
		return;
	}
	held = held ?: pending_get(sk);
	if (!held) {
		count(RECORD_SILENT, FATE_PENDING_FULL);
		owner_drop(sk);
		return;
	}
	held->record.facts |= FACT(closed);
	if (rst_first) {
		held->record.err = BPF_CORE_READ(sk, sk_err);
		emit_held(sk, held);
	} else {
		sample_socket(&held->record, sk, old);
		closed_now(sk, held);
	}
	owner_drop(sk);
}

/* The socket goes away, or begins anew: what is held will not be completed any more. */
void __hidden emit_drop(struct sock *sk)
{
	struct pending *held = pending_of(sk);

	if (!held)
		return;
	if (held->stage == PENDING_RST_MUST) {
		/* The RST could not be sent.  It is an end all the same. */
		__sync_fetch_and_add(&counters_here()->unfinished, 1);
		finish(&held->record);
	}
	pending_drop(sk);
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

static void write_amend(struct record *r)
{
	struct record_counters *here = counters_here();

	r->facts |= FACT(amends);
	r->kind = RECORD_RST_REPLY;
	if (write_record(r) == FATE_EMITTED)
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
		finish(r);
		return;
	}
	r->socket = entry->socket;
	r->known |= KNOWN_SOCKET;
	if (!entry->filtered)
		write_amend(r);
	bpf_map_delete_elem(&provisionals, &key);
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
void __hidden emit_reply(struct sock *sk, struct sk_buff *skb, __u32 reason)
{
	__u64 key = (__u64)skb;
	struct pending *held;
	struct record *r;

	/* The segment is the key: nothing else of this act is held. */
	bpf_map_update_elem(&pendings, &key, &pending_zero, BPF_ANY);
	held = bpf_map_lookup_elem(&pendings, &key);
	if (!held) {
		count(RECORD_RST_REPLY, FATE_PENDING_FULL);
		return;
	}
	r = &held->record;
	r->facts = FACT(rst_reply);
	sample_segment(r, sk, skb);
	if (compat_has_reason()) {
		r->reason = reason;
		r->known |= KNOWN_REASON;
	}
	if (!sk) {
		r->facts |= FACT(sk_none);
	} else {
		r->state = BPF_CORE_READ(sk, __sk_common.skc_state);
		r->facts |= reply_socket_fact(r->state);
	}
	if (r->facts & (FACT(closed) | FACT(sk_timewait)))
		owner_departed(r);
	if (r->facts & FACT(closed))
		reply_of_dead(r, sk);
	else
		finish(r);
	bpf_map_delete_elem(&pendings, &key);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
