// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_call.bpf.c - the full tier: the kernel functions that end connections
 *
 * Each hook notes one fact about a socket, "this function is at work on it", which turns an
 * inferred verdict into an exact one.  Each exists twice, as fentry and as kprobe for kernels
 * without trampolines; user space loads one of the two, where the function is in BTF.  To note a
 * fact twice is to note it once: that is why they may run twice.
 *
 * A note lives until the act it belongs to, so it is taken only where an act follows for certain.
 */
#include "hook.bpf.h"

/* The states from which __tcp_close() and tcp_shutdown() send a FIN or a RST at once. */
#define STATES_OPEN                                                                                \
	(STATE_BIT(TCP_ESTABLISHED) | STATE_BIT(TCP_CLOSE_WAIT) | STATE_BIT(TCP_SYN_RECV) |        \
	 STATE_BIT(TCP_SYN_SENT))

static __always_inline struct pending *note(struct sock *sk, __u64 fact)
{
	struct pending *held = pending_get(number_of_any(sk));

	if (held)
		held->record.facts |= fact;
	else
		__sync_fetch_and_add(&counters_here()->note_full, 1);
	return held;
}

static __always_inline bool in_states(struct sock *sk, __u32 states)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	return sample_is_tcp(sk) && (STATE_BIT(state) & states);
}

HOOK_TWICE(close, __tcp_close, (struct sock *sk, long timeout), (sk, timeout))
{
	if (in_states(sk, STATES_OPEN))
		note(sk, FACT(in_close));
	return 0;
}

/* how: 1 receive, 2 send, 3 both; nothing is sent for 1. */
HOOK_TWICE(shutdown, tcp_shutdown, (struct sock *sk, int how), (sk, how))
{
	struct pending *held;

	if (!(how & SEND_SHUTDOWN))
		return 0;
	/* The same states as tcp_shutdown() itself; SYN_SENT is left to inet_shutdown(). */
	if (!in_states(sk, STATE_BIT(TCP_ESTABLISHED) | STATE_BIT(TCP_CLOSE_WAIT)))
		return 0;
	held = note(sk, FACT(in_shutdown));
	if (held) {
		held->record.how = how;
		held->record.known |= KNOWN_HOW;
	}
	return 0;
}

/* From CLOSE it is bookkeeping: a failed connect(), a child that died in the queue. */
HOOK_TWICE(disconnect, tcp_disconnect, (struct sock *sk, int flags), (sk, flags))
{
	if (!in_states(sk, STATE_BIT(TCP_CLOSE) | STATE_BIT(TCP_LISTEN)) && sample_is_tcp(sk))
		note(sk, FACT(in_disconnect));
	return 0;
}

/*
 * The listener's queue is being emptied: the children that child_forget sees until its end are
 * resets of this listener.  CLOSE of the listener came before and has made the entry.
 */
SEC("fexit/inet_csk_listen_stop")
int BPF_PROG(fexit_listen_stop, struct sock *sk)
{
	listener_gone(number_of(sk));
	return 0;
}

/* A child of the queue: from the close of the listener, or in softirq when it came too late. */
HOOK_TWICE(child_forget, inet_child_forget,
	   (struct sock *listener, struct request_sock *req, struct sock *child),
	   (listener, req, child))
{
	__u64 key = bpf_get_current_pid_tgid();
	struct closing_listener *closing;
	struct pending *held;

	if (in_states(child, STATE_BIT(TCP_CLOSE)))
		return 0;
	held = note(child, FACT(child_forget));
	closing = bpf_map_lookup_elem(&closing_listeners, &key);
	if (held && closing && closing->sk == (__u64)listener) {
		held->record.parent = closing->id;
		held->record.known |= KNOWN_PARENT;
	}
	return 0;
}

/* SOCK_DESTROY, bpf_sock_destroy(), SMC.  Mini sockets come here too: they have only a state. */
HOOK_TWICE(abort, tcp_abort, (struct sock *sk, int err), (sk, err))
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV || state == TCP_LISTEN ||
	    state == TCP_CLOSE || !sample_is_tcp(sk))
		return 0;
	note(sk, FACT(in_abort));
	return 0;
}

/* The reset's own time: the tracepoint comes after transmission, on loopback after its victim. */
HOOK_TWICE(active_reset, tcp_send_active_reset, (struct sock *sk), (sk))
{
	struct pending *held;

	if (!sample_is_tcp(sk))
		return 0;
	held = note(sk, FACT(active_reset));
	if (held && !(held->record.facts & FACT(closed)) && held->stage == PENDING_NOTED) {
		sample_socket(&held->record, sk, BPF_CORE_READ(sk, __sk_common.skc_state));
		held->stage = PENDING_RST_FIRST;
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
