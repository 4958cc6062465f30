// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sample.bpf.c - reads sockets, segments and tasks into a record
 *
 * What is not read in seen.bpf.h is read with CO-RE probe reads, so that the same functions serve
 * BTF pointers, raw tracepoints and kprobes.  They must run before tcp_disconnect() has gone on: it
 * clears the addresses and moves copied_seq and write_seq.
 */
#include "seen.bpf.h"

bool __hidden sample_is_tcp(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

__u32 __hidden sample_netns(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

/*
 * The ends that every connection has: both FINs have been exchanged, or the state machine of a
 * socket whose FIN is out moves on.  A FIN_WAIT2 socket with SOCK_DONE has just received the
 * peer's FIN; LAST_ACK and CLOSING end when all is acknowledged.  A disconnect or a close with
 * unread data leaves the same states with these facts reversed.
 *
 * An orphan's FIN_WAIT2 that dies by late data looks the same here; the reply RST tells it.
 */
bool __hidden sample_orderly(struct tcp_sock *tp, __u8 old)
{
	if (!(STATE_BIT(old) & STATES_FIN_OUT))
		return false;
	/* Whatever sk_err says: it may be left from before, as ICMP with IP_RECVERR does. */
	if (old == TCP_FIN_WAIT2 && (tp->COMMON(skc_flags) & SK_DONE))
		return true;
	if ((STATE_BIT(old) & STATES_FINISHED) && tp->snd_una == tp->write_seq)
		return true;
	return !tp->SOCK(sk_lock.owned) && !tp->SOCK(sk_err);
}

static __always_inline void sample_mapped(__u8 *out, __u32 v4)
{
	const __u32 prefix = bpf_htonl(0xffff);

	__builtin_memset(out, 0, 8);
	__builtin_memcpy(out + 8, &prefix, 4);
	__builtin_memcpy(out + 12, &v4, 4);
}

void __hidden sample_addresses(struct tuple *tuple, struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {
		BPF_CORE_READ_INTO(&tuple->laddr, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&tuple->raddr, sk, __sk_common.skc_v6_daddr);
		return;
	}
	sample_mapped(tuple->laddr, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	sample_mapped(tuple->raddr, BPF_CORE_READ(sk, __sk_common.skc_daddr));
}

/* skc_num is already 0 at CLOSE for auto-bound sockets and accepted children: inet_sport stays. */
void __hidden sample_tuple(struct tuple *tuple, struct sock *sk)
{
	sample_addresses(tuple, sk);
	tuple->lport = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	tuple->rport = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	tuple->netns = sample_netns(sk);
}

/* The same where the verifier knows the type. */
void __hidden sample_tuple_typed(struct tuple *tuple, struct tcp_sock *tp)
{
	if (tp->COMMON(skc_family) == AF_INET6) {
		sample_addresses(tuple, (struct sock *)tp);
	} else {
		sample_mapped(tuple->laddr, tp->COMMON(skc_rcv_saddr));
		sample_mapped(tuple->raddr, tp->COMMON(skc_daddr));
	}
	tuple->lport = bpf_ntohs(tp->INET(inet_sport));
	tuple->rport = bpf_ntohs(tp->COMMON(skc_dport));
	tuple->netns = tp->COMMON(skc_net.net)->ns.inum;
}

void __hidden sample_place(struct record *r, struct sock *sk, const struct tuple *tuple)
{
	r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__builtin_memcpy(r->laddr, tuple->laddr, sizeof(r->laddr));
	__builtin_memcpy(r->raddr, tuple->raddr, sizeof(r->raddr));
	r->lport = tuple->lport;
	r->rport = tuple->rport;
	r->netns = tuple->netns;
}

static __always_inline void sample_which(struct record *r, struct sock *sk,
					 const struct seen *seen)
{
	if (r->family == AF_INET6) {
		BPF_CORE_READ_INTO(&r->laddr, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&r->raddr, sk, __sk_common.skc_v6_daddr);
	} else {
		sample_mapped(r->laddr, seen->laddr);
		sample_mapped(r->raddr, seen->raddr);
	}
	r->lport = bpf_ntohs(seen->lport);
	r->rport = bpf_ntohs(seen->rport);
}

/*
 * Payload that the application has not read.  A FIN that was received and not yet read off counts
 * one in rcv_nxt and is no data.
 */
static __always_inline __u32 sample_unread(const struct seen *seen, __u8 old)
{
	__u32 raw = seen->rcv_nxt - seen->copied_seq;
	bool fin = (seen->flags & SK_DONE) || old == TCP_CLOSE_WAIT ||
		   (STATE_BIT(old) & STATES_FINISHED);

	return raw && fin ? raw - 1 : raw;
}

/*
 * The sequence number of the RST, as tcp_acceptable_seq() chooses it: snd_nxt, unless the peer
 * shrank its window below it by more than the rounding of its scale.
 */
static __always_inline __u32 rst_seq(const struct record *r, const struct seen *seen)
{
	__u32 next = seen->snd_nxt, end = seen->snd_una + r->snd_wnd;

	if ((__s32)(end - next) >= 0)
		return next;
	if (!seen->wscale_ok)
		return end;
	return next - end < (1U << (seen->rcv_wscale & 15)) ? next : end;
}

static __always_inline void sample_bytes(struct record *r, const struct seen *seen)
{
	__u32 unsent = seen->write_seq - seen->snd_nxt, unacked = seen->snd_nxt - seen->snd_una;

	/* The queued FIN counts one, as unsent or as unacknowledged. */
	if (STATE_BIT(r->state) & STATES_FIN_OUT) {
		if (unsent)
			unsent--;
		else if (unacked)
			unacked--;
	}
	r->unread = sample_unread(seen, r->state);
	r->unsent = unsent;
	r->unacked = unacked;
	r->bytes_sent = seen->bytes_sent - seen->bytes_retrans;
}

static __always_inline void sample_linger(struct record *r, const struct seen *seen)
{
	if (!(seen->flags & SK_LINGER))
		return;
	r->known |= KNOWN_LINGER;
	r->linger_s = settings.hz ? seen->linger / settings.hz : 0;
	if (!seen->linger)
		r->facts |= FACT(linger0);
}

/* Set with the first entry: most hosts never see one, and need not look. */
__u32 any_collected = 0;

/* The collector of Unix sockets put the last reference of this file, or is about to. */
static bool was_collected(struct file *file)
{
	__u64 *inode;

	if (!any_collected)
		return false;
	inode = bpf_map_lookup_elem(&collected, &file);
	return inode && *inode == BPF_CORE_READ(file, f_inode, i_ino);
}

bool __hidden sample_collected(struct tcp_sock *tp)
{
	struct socket *socket = tp->SOCK(sk_socket);
	struct file *file = socket ? socket->file : NULL;

	return file && was_collected(file);
}

/*
 * The struct socket and its file tell close() from shutdown(), and a child that nobody accepted.
 * Those of an MPTCP connection belong to its message socket.
 */
static __always_inline void sample_file(struct record *r, struct socket *socket, struct file *file)
{
	if (!socket)
		r->facts |= FACT(no_socket);
	else if (!file)
		r->facts |= FACT(kernel_socket);
	else if (compat_file_released(file))
		r->facts |= was_collected(file) ? FACT(closing) | FACT(collected) : FACT(closing);
}

static void sample_message_file(struct record *r, struct sock *message)
{
	struct socket *socket = BPF_CORE_READ(message, sk_socket);

	sample_file(r, socket, socket ? BPF_CORE_READ(socket, file) : NULL);
}

/*
 * A subflow: what its application did is to be seen on the message socket alone.  Until that has
 * been accepted the subflow has no struct socket; afterwards it has, until it is an orphan.
 */
static __always_inline void sample_subflow(struct record *r, struct sock *sk,
					   const struct seen *seen)
{
	struct mptcp_subflow_context *subflow = compat_subflow(sk);
	struct sock *message = subflow ? compat_message_socket(subflow) : NULL;

	r->facts |= FACT(mptcp);
	if (!message) {
		sample_file(r, seen->socket, seen->file);
		return;
	}
	if (!(r->facts & FACT(dead)) && !seen->socket)
		r->facts |= FACT(no_socket);
	r->facts |= compat_fastclose(subflow);
	if (BPF_CORE_READ(message, sk_shutdown) & SEND_SHUTDOWN)
		r->facts |= FACT(message_shut);
	if (BPF_CORE_READ(message, __sk_common.skc_flags) & SK_DEAD)
		r->facts |= FACT(closing);
	else
		sample_message_file(r, message);
}

static __always_inline void sample_flags(struct record *r, const struct seen *seen)
{
	if (seen->owned)
		r->facts |= FACT(owned);
	if (seen->flags & SK_DEAD)
		r->facts |= FACT(dead);
	if (seen->flags & SK_DONE)
		r->facts |= FACT(fin_received);
	if (seen->repair)
		r->facts |= FACT(repair);
	if (seen->smc)
		r->facts |= FACT(smc);
	if (seen->fastopen)
		r->facts |= FACT(fastopen);
}

/* A subflow that joined later belongs to whom the first one belongs. */
static struct owner *owner_of_subflow(struct sock *sk)
{
	struct mptcp_subflow_context *subflow = compat_subflow(sk);
	struct sock *message = subflow ? compat_message_socket(subflow) : NULL;
	struct sock *first = message ? compat_tcp_socket(message) : NULL;

	return first ? owner_of(number_of_any(first)) : NULL;
}

static void sample_life(struct record *r, const struct owner *owner)
{
	r->socket = owner->id;
	r->born_ns = owner->born_ns;
	r->role = owner->role;
	if (owner->by != OWNER_SEED && owner->by != OWNER_LAST)
		r->known |= KNOWN_BORN;
}

void __hidden sample_owner(struct record *r, struct sock *sk, __u64 key)
{
	struct owner *owner = owner_of(key);

	r->known |= KNOWN_SOCKET;
	if (owner) {
		sample_life(r, owner);
		peer_sample(r, owner);
	} else {
		r->socket = owner_new_id();	/* of its own all the same */
	}
	if (r->facts & FACT(mptcp) && (!owner || owner->by == OWNER_NONE))
		owner = owner_of_subflow(sk);
	if (!owner || owner->by == OWNER_NONE)
		return;
	r->owner = owner->task;
	r->owner_by = owner->by;
	r->owner_who = owner->who;
	r->owner_cgroup = owner->cgroup;
	r->known |= KNOWN_OWNER;
}

/* A child of a listener that this very task is closing: the parent, and the task as the actor. */
static void sample_parent(struct record *r)
{
	__u64 key = bpf_get_current_pid_tgid();
	struct closing_listener *listener = bpf_map_lookup_elem(&closing_listeners, &key);

	if (!listener || listener->lport != r->lport || listener->netns != r->netns)
		return;
	r->parent = listener->id;
	r->known |= KNOWN_PARENT;
	r->facts |= FACT(listener_closing);
	r->role = ROLE_SERVER;
}

/*
 * The actor: the task that holds the lock, or closes the listener above.  It is dropped again
 * for an act that is nobody's decision, in emit_finish().
 */
static void sample_actor(struct record *r)
{
	struct task_struct *task;
	unsigned int flags;

	if (!(r->facts & (FACT(owned) | FACT(listener_closing)))) {
		r->context = CONTEXT_SOFTIRQ;
		return;
	}
	task = (struct task_struct *)bpf_get_current_task();
	who_runs(&r->actor);
	r->actor_who = who_asks(&r->actor, task);
	r->cgroup = bpf_get_current_cgroup_id();
	r->known |= KNOWN_ACTOR | KNOWN_CGROUP;
	r->context = CONTEXT_PROCESS;
	flags = COMPAT_CURRENT(flags);
	if (flags & PF_EXITING) {
		r->exit_code = COMPAT_CURRENT(exit_code);
		r->known |= KNOWN_EXIT;
	} else if (flags & PF_KTHREAD) {
		r->context = CONTEXT_KTHREAD;
	} else if (flags & PF_IO_WORKER) {
		r->facts |= FACT(io_worker);
	} else {
		r->syscall = compat_syscall();
		if (r->syscall >= 0)
			r->known |= KNOWN_SYSCALL;
	}
}

void __hidden sample_header(struct record *r)
{
	r->size = sizeof(*r);
	r->version = RECORD_VERSION;
	r->run = settings.run;
	r->time_ns = bpf_ktime_get_ns();
}

/* Fills all of *r but the facts that hooks have noted already; old is the state before the act. */
static __always_inline void sample_seen(struct record *r, struct sock *sk, __u64 key, __u8 old,
					const struct seen *seen)
{
	sample_header(r);
	r->state = old;
	r->known |= KNOWN_ERRNO | KNOWN_BYTES | KNOWN_TIMERS;
	sample_which(r, sk, seen);
	sample_flags(r, seen);
	if (seen->mptcp)
		sample_subflow(r, sk, seen);
	else
		sample_file(r, seen->socket, seen->file);
	sample_linger(r, seen);
	sample_bytes(r, seen);
	r->seq = rst_seq(r, seen);
	sample_owner(r, sk, key);
	if ((r->facts & (FACT(no_socket) | FACT(dead))) == FACT(no_socket))
		sample_parent(r);
	sample_actor(r);
}

void __hidden sample_socket(struct record *r, struct sock *sk, __u8 old)
{
	struct seen seen;

	seen_probe(&seen, r, sk);
	sample_seen(r, sk, number_of_any(sk), old, &seen);
}

/* The same where the verifier knows the type. */
void __hidden sample_typed(struct record *r, struct tcp_sock *tp, __u8 old)
{
	struct seen seen;

	seen_typed(&seen, r, tp);
	sample_seen(r, (struct sock *)tp, number_of(tp), old, &seen);
}

/* What a socket in CLOSE still tells about its end. */
void __hidden sample_dead(struct record *r, struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_flags) & SK_DEAD)
		r->facts |= FACT(dead);
	r->linger2 = BPF_CORE_READ((struct tcp_sock *)sk, linger2);
	r->shutdown = BPF_CORE_READ(sk, sk_shutdown);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
