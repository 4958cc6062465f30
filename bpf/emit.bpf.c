// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * emit.bpf.c - decides when an act is complete, and writes it; never what it means
 *
 *   FIN                      complete when the closing state is entered
 *   RST after CLOSE          held at CLOSE, where the values are still whole, until the RST
 *   RST before CLOSE         held at the RST until CLOSE, where sk_err is final
 *   RST received, timeouts   complete at CLOSE; provisional when a reply RST may still follow
 *   RST reply                complete at once: reply.bpf.c
 *
 * Every act is counted once as seen and once by its fate.
 */
#include "hint.bpf.h"
#include "seen.bpf.h"

const volatile struct settings settings = {};

/*
 * Set by user space when all hooks are attached.  Of an act before that a part may be unseen: it is
 * none of ours, but sockets and their owners are followed.
 */
__u32 watching = 0;
__u64 watching_at = 0;		/* its own address, see number_of() */

struct record_counters counters[RECORD_SLOTS] = {};

static const struct pending pending_zero;

/* Of the map pendings. */
static __u32 pending_hints[HINTS];

struct record_counters *__hidden counters_here(void)
{
	return &counters[bpf_get_smp_processor_id() & (RECORD_SLOTS - 1)];
}

void __hidden emit_count(__u32 kind, __u32 fate)
{
	struct record_counters *here = counters_here();

	kind &= RECORD_KINDS_ROOM - 1;
	fate &= RECORD_FATES_ROOM - 1;
	__sync_fetch_and_add(&here->seen[kind], 1);
	__sync_fetch_and_add(&here->fate[kind][fate], 1);
}

struct pending *__hidden pending_of(__u64 key)
{
	return hint_says(pending_hints, key) ? bpf_map_lookup_elem(&pendings, &key) : NULL;
}

struct pending *__hidden pending_get(__u64 key)
{
	struct pending *held = pending_of(key);

	if (held)
		return held;
	hint_add(pending_hints, key);
	if (bpf_map_update_elem(&pendings, &key, &pending_zero, BPF_NOEXIST)) {
		hint_take(pending_hints, key);
		return NULL;
	}
	return bpf_map_lookup_elem(&pendings, &key);
}

void __hidden pending_drop(__u64 key)
{
	if (!bpf_map_delete_elem(&pendings, &key))
		hint_take(pending_hints, key);
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

/*
 * A reset received, an error or a timeout is nobody's decision, even when a task processed it
 * while it held the lock: no actor then.  Nor has whoever runs the collector of Unix sockets
 * decided anything.  SOCK_DESTROY is a decision, and leaves ECONNABORTED.
 */
static bool decided(const struct record *r)
{
	if (r->facts & FACT(collected))
		return false;
	if (r->facts & (FACT(fin_sent) | FACT(state_first)))
		return true;
	if (!(r->facts & FACT(closed)) || (r->facts & (FACT(rst_reply) | FACT(tcp_reset))))
		return false;
	return !r->err || r->err == ECONNABORTED;
}

/*
 * A socket that nobody is known to own belongs to the task that holds its lock, whether that
 * decided anything or not; but not to who kills it from outside.
 */
static void settle_actor(struct record *r)
{
	if (!(r->known & KNOWN_OWNER) && (r->known & KNOWN_ACTOR) &&
	    r->context == CONTEXT_PROCESS && r->err != ECONNABORTED &&
	    !(r->facts & FACT(collected))) {
		r->owner = r->actor;
		r->owner_who = r->actor_who;
		r->owner_cgroup = r->cgroup;
		r->owner_by = OWNER_LAST;
		r->known |= KNOWN_OWNER;
	}
	if (!decided(r))
		r->known &= ~(KNOWN_ACTOR | KNOWN_SYSCALL | KNOWN_EXIT | KNOWN_CGROUP);
}

static void settle_sequence(struct record *r)
{
	if (r->facts & (FACT(fin_sent) | FACT(rst_sent)))
		r->known |= KNOWN_SEQ;
}

/* Makes room in the ring into a record. */
void __hidden emit_fill(struct record *out, const struct record *r)
{
	struct record_counters *here = counters_here();
	__u32 kind = r->kind & (RECORD_KINDS_ROOM - 1);

	__builtin_memcpy(out, r, sizeof(*out));
	out->kind_seen = here->seen[kind];
	out->kind_lost = here->fate[kind][FATE_RING_FULL] + here->fate[kind][FATE_PENDING_FULL] +
			 here->fate[kind][FATE_SUPPRESSED];
}

__u32 __hidden emit_write(void *ctx, const struct record *r)
{
	struct record *out;
	__u32 share;

	if (settings.stacks && ctx && stack_wanted(r) && stack_write(ctx, r))
		return FATE_EMITTED;
	share = share_find(r, sizeof(*out));
	if (share == SHARE_REFUSED) {
		share_refuse(r);
		return FATE_SUPPRESSED;
	}
	out = bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	if (!out)
		return FATE_RING_FULL;
	emit_fill(out, r);
	out->share = share;
	share_use(share, sizeof(*out));
	bpf_ringbuf_submit(out, 0);
	return FATE_EMITTED;
}

/* Counts the act and writes it if it is wanted; its fate. */
__u32 __hidden emit_finish(void *ctx, struct record *r)
{
	__u32 fate;

	if (!watching)
		return FATE_FILTERED;
	r->kind = kind_of(r);
	settle_actor(r);
	settle_sequence(r);
	fate = filter_fate(r);
	if (fate == FATE_EMITTED)
		fate = settings.count_only ? tally_act(r) : emit_write(ctx, r);
	emit_count(r->kind, fate);
	return fate;
}

/* The act whose sample is held is complete. */
void __hidden emit_held(void *ctx, __u64 key, struct pending *held)
{
	emit_finish(ctx, &held->record);
	pending_drop(key);
}

/* NULL when it is in use: by a task that a softirq interrupted, or that is preempted. */
static __always_inline struct scratch *scratch_take(void)
{
	__u32 key = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &key);

	if (!scratch)
		return NULL;
	/* Whoever does not find itself alone goes: at worst all do, but never two stay. */
	__sync_fetch_and_add(&scratch->users, 1);
	if (*(volatile __u64 *)&scratch->users != 1) {
		__sync_fetch_and_add(&scratch->users, -1);
		return NULL;
	}
	__builtin_memset(&scratch->record, 0, sizeof(scratch->record));
	return scratch;
}

static __always_inline void scratch_leave(struct scratch *scratch)
{
	__sync_fetch_and_add(&scratch->users, -1);
}

static void finish_fin(void *ctx, struct tcp_sock *tp, __u8 old, struct record *r)
{
	r->facts |= FACT(fin_sent);
	sample_typed(r, tp, old);
	/* The FIN goes behind all that was written. */
	r->seq = tp->write_seq;
	owner_departs(r);
	emit_finish(ctx, r);
}

/* EST -> FIN_WAIT1, CLOSE_WAIT -> LAST_ACK, SYN_RECV -> FIN_WAIT1: tcp_send_fin() comes next. */
void __hidden emit_fin(void *ctx, struct tcp_sock *tp, __u64 key, __u8 old)
{
	struct pending *held = pending_of(key);
	struct scratch *scratch = held ? NULL : scratch_take();

	if (tp->SOCK(sk_lock.owned) && !sample_collected(tp))
		owner_touched(key);
	if (scratch) {
		finish_fin(ctx, tp, old, &scratch->record);
		scratch_leave(scratch);
		return;
	}
	held = held ?: pending_get(key);
	if (!held) {
		emit_count(RECORD_FIN, FATE_PENDING_FULL);
		return;
	}
	finish_fin(ctx, tp, old, &held->record);
	pending_drop(key);
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
	/*
	 * __tcp_close() after sock_orphan(): TCP_LINGER2 < 0 and the orphan limits reset; what the
	 * backlog brings ends orderly or with a reply.
	 */
	if (r->facts & FACT(dead))
		return r->facts & FACT(owned) ? PENDING_RST_MAY : PENDING_NOTED;
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

/* connect() failed before it sent a SYN: nothing has happened on the wire. */
static bool never_sent(const struct record *r)
{
	return r->state == TCP_SYN_SENT && !r->err && !r->unacked && !r->packets_out;
}

static void closed_now(void *ctx, struct sock *sk, __u64 key, struct pending *held)
{
	struct record *r = &held->record;

	held->stage = rst_follows(r);
	if (held->stage != PENDING_NOTED)
		return;
	if (never_sent(r)) {
		pending_drop(key);
		return;
	}
	if (may_be_data(r)) {
		r->facts |= FACT(provisional);
		reply_may_follow(sk, r, emit_finish(ctx, r) != FATE_EMITTED);
		pending_drop(key);
		return;
	}
	emit_held(ctx, key, held);
}

/*
 * A child that was made for the last ACK of a handshake, and given up before anybody could know
 * it.  No connection has ended: the request waits for another ACK, or its segment is answered.
 */
static bool child_failed(struct tcp_sock *tp, __u8 old)
{
	return old == TCP_SYN_RECV && (tp->COMMON(skc_flags) & SK_DEAD) && !tp->SOCK(sk_socket) &&
	       !tp->SOCK(sk_err) && !tp->SOCK(sk_lock.owned);
}

static void give_up_child(struct sock *sk, __u64 key, __u8 old)
{
	reply_child_failed(sk);
	if (settings.all)
		note_socket(sk, old, NOTE_child_failed);
	owner_drop(key);
}

/* Any state -> CLOSE: where the values are last whole. */
void __hidden emit_closed(void *ctx, struct tcp_sock *tp, __u64 key, __u8 old)
{
	struct sock *sk = (struct sock *)tp;
	struct pending *held = pending_of(key);
	bool rst_first = held && held->stage == PENDING_RST_FIRST;
	bool reset = held && (held->record.facts & FACT(tcp_reset));

	if (!held && child_failed(tp, old)) {
		give_up_child(sk, key, old);
		return;
	}
	if (!rst_first && !reset && sample_orderly(tp, old)) {
		if (held)
			pending_drop(key);
		owner_drop(key);
		return;
	}
	held = held ?: pending_get(key);
	if (!held) {
		emit_count(RECORD_SILENT, FATE_PENDING_FULL);
		owner_drop(key);
		return;
	}
	held->record.facts |= FACT(closed);
	if (rst_first) {
		held->record.err = tp->SOCK(sk_err);
		emit_held(ctx, key, held);
	} else {
		sample_typed(&held->record, tp, old);
		closed_now(ctx, sk, key, held);
	}
	owner_drop(key);
}

/* The socket goes away, or begins anew: what is held will not be completed any more. */
void __hidden emit_drop(void *ctx, __u64 key)
{
	struct pending *held = pending_of(key);

	if (!held)
		return;
	if (held->stage == PENDING_RST_MUST) {
		/* The RST could not be sent.  It is an end all the same. */
		__sync_fetch_and_add(&counters_here()->unfinished, 1);
		emit_finish(ctx, &held->record);
	}
	pending_drop(key);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
