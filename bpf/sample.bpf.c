// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sample.bpf.c - reads sockets, segments and tasks into a record
 *
 * Everything is read with CO-RE probe reads, so that the same functions serve BTF pointers,
 * raw tracepoints and kprobes.  They must run before tcp_disconnect() has gone on: it clears the
 * addresses and moves copied_seq and write_seq.
 */
#include "common.bpf.h"

bool __hidden sample_is_tcp(struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

__u32 __hidden sample_netns(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static bool all_acked(struct tcp_sock *tp)
{
	return BPF_CORE_READ(tp, snd_una) == BPF_CORE_READ(tp, write_seq);
}

/*
 * The ends that every connection has: both FINs have been exchanged, or the state machine of a
 * socket whose FIN is out moves on.  A FIN_WAIT2 socket with SOCK_DONE has just received the
 * peer's FIN; LAST_ACK and CLOSING end when all is acknowledged.  A disconnect or a close with
 * unread data leaves the same states with these facts reversed.
 *
 * An orphan's FIN_WAIT2 that dies by late data looks the same here; the reply RST tells it.
 */
bool __hidden sample_orderly(struct sock *sk, __u8 old)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	if (!(STATE_BIT(old) & STATES_FIN_OUT))
		return false;
	/* Whatever sk_err says: it may be left from before, as ICMP with IP_RECVERR does. */
	if (old == TCP_FIN_WAIT2 && (BPF_CORE_READ(sk, __sk_common.skc_flags) & SK_DONE))
		return true;
	if ((STATE_BIT(old) & STATES_FINISHED) && all_acked(tp))
		return true;
	return !BPF_CORE_READ(sk, sk_lock.owned) && !BPF_CORE_READ(sk, sk_err);
}

void __hidden sample_addresses(struct tuple *tuple, struct sock *sk)
{
	__u32 v4[2];

	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {
		BPF_CORE_READ_INTO(&tuple->laddr, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&tuple->raddr, sk, __sk_common.skc_v6_daddr);
		return;
	}
	v4[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	v4[1] = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	__builtin_memset(tuple, 0, 2 * sizeof(tuple->laddr));
	__builtin_memset(tuple->laddr + 10, 0xff, 2);
	__builtin_memcpy(tuple->laddr + 12, &v4[0], 4);
	__builtin_memset(tuple->raddr + 10, 0xff, 2);
	__builtin_memcpy(tuple->raddr + 12, &v4[1], 4);
}

/* skc_num is already 0 at CLOSE for auto-bound sockets and accepted children: inet_sport stays. */
void __hidden sample_tuple(struct tuple *tuple, struct sock *sk)
{
	sample_addresses(tuple, sk);
	tuple->lport = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	tuple->rport = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	tuple->netns = sample_netns(sk);
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

static void sample_which(struct record *r, struct sock *sk)
{
	struct tuple tuple;

	sample_tuple(&tuple, sk);
	sample_place(r, sk, &tuple);
}

/*
 * Payload that the application has not read.  A FIN that was received and not yet read off counts
 * one in rcv_nxt and is no data.
 */
static __u32 sample_unread(struct tcp_sock *tp, __u8 old, unsigned long flags)
{
	__u32 raw = BPF_CORE_READ(tp, rcv_nxt) - BPF_CORE_READ(tp, copied_seq);
	bool fin = (flags & SK_DONE) || old == TCP_CLOSE_WAIT ||
		   (STATE_BIT(old) & STATES_FINISHED);

	return raw && fin ? raw - 1 : raw;
}

/*
 * The sequence number of the RST, as tcp_acceptable_seq() chooses it: snd_nxt, unless the peer
 * shrank its window below it by more than the rounding of its scale.
 */
static __u32 rst_seq(struct tcp_sock *tp)
{
	__u32 next = BPF_CORE_READ(tp, snd_nxt);
	__u32 end = BPF_CORE_READ(tp, snd_una) + BPF_CORE_READ(tp, snd_wnd);
	__u8 scale = BPF_CORE_READ_BITFIELD_PROBED(tp, rx_opt.rcv_wscale);

	if ((__s32)(end - next) >= 0)
		return next;
	if (!BPF_CORE_READ_BITFIELD_PROBED(tp, rx_opt.wscale_ok))
		return end;
	return next - end < (1U << (scale & 15)) ? next : end;
}

static void sample_bytes(struct record *r, struct tcp_sock *tp, unsigned long flags)
{
	__u32 next = BPF_CORE_READ(tp, snd_nxt);
	__u32 write = BPF_CORE_READ(tp, write_seq);
	__u32 una = BPF_CORE_READ(tp, snd_una);

	r->unread = sample_unread(tp, r->state, flags);
	r->unsent = write - next;
	r->unacked = next - una;
	/* The queued FIN counts one, as unsent or as unacknowledged. */
	if (STATE_BIT(r->state) & STATES_FIN_OUT) {
		if (r->unsent)
			r->unsent--;
		else if (r->unacked)
			r->unacked--;
	}
	r->bytes_sent = BPF_CORE_READ(tp, bytes_sent) - BPF_CORE_READ(tp, bytes_retrans);
	r->bytes_received = BPF_CORE_READ(tp, bytes_received);
	r->packets_out = BPF_CORE_READ(tp, packets_out);
	r->linger2 = BPF_CORE_READ(tp, linger2);
	r->known |= KNOWN_BYTES;
}

static void sample_timers(struct record *r, struct inet_connection_sock *icsk)
{
	r->retransmits = BPF_CORE_READ(icsk, icsk_retransmits);
	r->probes = BPF_CORE_READ(icsk, icsk_probes_out);
	r->backoff = BPF_CORE_READ(icsk, icsk_backoff);
	r->user_timeout_ms = BPF_CORE_READ(icsk, icsk_user_timeout);
	r->snd_wnd = BPF_CORE_READ((struct tcp_sock *)icsk, snd_wnd);
	r->known |= KNOWN_TIMERS;
}

static void sample_linger(struct record *r, struct sock *sk, unsigned long flags)
{
	unsigned long jiffies;

	if (!(flags & SK_LINGER))
		return;
	jiffies = BPF_CORE_READ(sk, sk_lingertime);
	r->known |= KNOWN_LINGER;
	r->linger_s = settings.hz ? jiffies / settings.hz : 0;
	if (!jiffies)
		r->facts |= FACT(linger0);
}

/* The collector of Unix sockets put the last reference of this file, or is about to. */
static bool was_collected(struct file *file)
{
	__u64 *inode = bpf_map_lookup_elem(&collected, &file);

	return inode && *inode == BPF_CORE_READ(file, f_inode, i_ino);
}

bool __hidden sample_collected(struct sock *sk)
{
	struct socket *socket = BPF_CORE_READ(sk, sk_socket);
	struct file *file = socket ? BPF_CORE_READ(socket, file) : NULL;

	return file && was_collected(file);
}

/*
 * The struct socket and its file tell close() from shutdown(), and a child that nobody accepted.
 * Those of an MPTCP connection belong to its message socket.
 */
static void sample_file(struct record *r, struct sock *sk)
{
	struct socket *socket = BPF_CORE_READ(sk, sk_socket);
	struct file *file;

	if (!socket) {
		r->facts |= FACT(no_socket);
		return;
	}
	file = BPF_CORE_READ(socket, file);
	if (!file) {
		r->facts |= FACT(kernel_socket);
		return;
	}
	if (!compat_file_released(file))
		return;
	r->facts |= FACT(closing);
	if (was_collected(file))
		r->facts |= FACT(collected);
}

/*
 * A subflow: what its application did is to be seen on the message socket alone.  Until that has
 * been accepted the subflow has no struct socket; afterwards it has, until it is an orphan.
 */
static void sample_subflow(struct record *r, struct sock *sk)
{
	struct mptcp_subflow_context *subflow = compat_subflow(sk);
	struct sock *message = subflow ? compat_message_socket(subflow) : NULL;

	r->facts |= FACT(mptcp);
	if (!message) {
		sample_file(r, sk);
		return;
	}
	if (!(r->facts & FACT(dead)) && !BPF_CORE_READ(sk, sk_socket))
		r->facts |= FACT(no_socket);
	r->facts |= compat_fastclose(subflow);
	if (BPF_CORE_READ(message, sk_shutdown) & SEND_SHUTDOWN)
		r->facts |= FACT(message_shut);
	if (BPF_CORE_READ(message, __sk_common.skc_flags) & SK_DEAD)
		r->facts |= FACT(closing);
	else
		sample_file(r, message);
}

static void sample_flags(struct record *r, struct sock *sk, unsigned long flags)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	if (BPF_CORE_READ(sk, sk_lock.owned))
		r->facts |= FACT(owned);
	if (flags & SK_DEAD)
		r->facts |= FACT(dead);
	if (flags & SK_DONE)
		r->facts |= FACT(fin_received);
	if (BPF_CORE_READ_BITFIELD_PROBED(tp, repair))
		r->facts |= FACT(repair);
	if (compat_is_smc(tp))
		r->facts |= FACT(smc);
	if (BPF_CORE_READ(tp, fastopen_rsk))
		r->facts |= FACT(fastopen);
}

/* A subflow that joined later belongs to whom the first one belongs. */
static struct owner *owner_of_subflow(struct sock *sk)
{
	struct mptcp_subflow_context *subflow = compat_subflow(sk);
	struct sock *message = subflow ? compat_message_socket(subflow) : NULL;
	struct sock *first = message ? compat_tcp_socket(message) : NULL;

	return first ? owner_of(first) : NULL;
}

static void sample_life(struct record *r, const struct owner *owner)
{
	r->socket = owner->id;
	r->born_ns = owner->born_ns;
	r->role = owner->role;
	if (owner->by != OWNER_SEED && owner->by != OWNER_LAST)
		r->known |= KNOWN_BORN;
}

void __hidden sample_owner(struct record *r, struct sock *sk)
{
	struct owner *owner = owner_of(sk);

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

	if (!(r->facts & (FACT(owned) | FACT(listener_closing)))) {
		r->context = CONTEXT_SOFTIRQ;
		return;
	}
	task = (struct task_struct *)bpf_get_current_task();
	who_is(&r->actor, task);
	r->actor_who = who_asks(&r->actor, task);
	r->cgroup = who_cgroup(task);
	r->known |= KNOWN_ACTOR | KNOWN_CGROUP;
	r->context = CONTEXT_PROCESS;
	if (BPF_CORE_READ(task, flags) & PF_EXITING) {
		r->exit_code = BPF_CORE_READ(task, exit_code);
		r->known |= KNOWN_EXIT;
	} else if (BPF_CORE_READ(task, flags) & PF_KTHREAD) {
		r->context = CONTEXT_KTHREAD;
	} else if (BPF_CORE_READ(task, flags) & PF_IO_WORKER) {
		r->facts |= FACT(io_worker);
	} else {
		r->syscall = compat_syscall(task);
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
void __hidden sample_socket(struct record *r, struct sock *sk, __u8 old)
{
	unsigned long flags = BPF_CORE_READ(sk, __sk_common.skc_flags);

	sample_header(r);
	r->state = old;
	r->shutdown = BPF_CORE_READ(sk, sk_shutdown);
	r->err = BPF_CORE_READ(sk, sk_err);
	r->err_soft = BPF_CORE_READ(sk, sk_err_soft);
	r->known |= KNOWN_ERRNO;
	sample_which(r, sk);
	sample_flags(r, sk, flags);
	if (compat_is_mptcp((struct tcp_sock *)sk))
		sample_subflow(r, sk);
	else
		sample_file(r, sk);
	sample_linger(r, sk, flags);
	sample_bytes(r, (struct tcp_sock *)sk, flags);
	sample_timers(r, (struct inet_connection_sock *)sk);
	r->seq = rst_seq((struct tcp_sock *)sk);
	sample_owner(r, sk);
	if ((r->facts & (FACT(no_socket) | FACT(dead))) == FACT(no_socket))
		sample_parent(r);
	sample_actor(r);
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
