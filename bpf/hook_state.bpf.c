// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_state.bpf.c - the life of a socket: inet_sock_set_state and tcp_destroy_sock
 *
 * The state tracepoint fires before the new state is stored.  Events that change nothing are
 * real (a close() after the FIN makes one) and end at the first instruction, unless notes are told.
 */
#include "copies.bpf.h"

/* tcp_close_state() of a socket whose FIN was sent before. */
static __always_inline bool told_unchanged(int state)
{
	return settings.all && (STATE_BIT(state) & STATES_FIN_OUT);
}

#define STATES_TOLD                                                                                \
	(STATE_BIT(TCP_SYN_SENT) | STATE_BIT(TCP_LISTEN) | STATE_BIT(TCP_ESTABLISHED) |            \
	 STATE_BIT(TCP_FIN_WAIT1) | STATE_BIT(TCP_LAST_ACK) | STATE_BIT(TCP_CLOSE))

/* Most events say nothing: they must end here, before anything is read. */
static __always_inline bool matters(int old, int new)
{
	if (old == new)
		return told_unchanged(new);
	return settings.all || (STATE_BIT(new) & STATES_TOLD);
}

/* What this event says besides its act.  tcp_fin() sets SOCK_DONE first. */
static void note_state(struct sock *sk, int old, int new)
{
	if (old == new) {
		if (BPF_CORE_READ(sk, sk_lock.owned))
			note_socket(sk, old, NOTE_close_after_fin);
	} else if (old == TCP_LISTEN) {
		if (new == TCP_CLOSE && !BPF_CORE_READ(sk, sk_ack_backlog))
			note_socket(sk, old, NOTE_listen_close_empty);
	} else if (new == TCP_CLOSE_WAIT || new == TCP_CLOSING ||
		   (old == TCP_FIN_WAIT2 && new == TCP_CLOSE &&
		    (BPF_CORE_READ(sk, __sk_common.skc_flags) & SK_DONE))) {
		note_socket(sk, old, NOTE_fin_received);
	}
}

static __always_inline int on_state(void *ctx, struct sock *sk, __u64 key, int old, int new)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (!tp)
		return 0;
	if (settings.all)
		note_state(sk, old, new);
	if (old == new)
		return 0;
	switch (new) {
	case TCP_SYN_SENT:
		emit_drop(ctx, key);
		owner_set(key, OWNER_CONNECT, ROLE_CLIENT, true);
		break;
	case TCP_LISTEN:
		owner_set(key, OWNER_LAST, ROLE_LISTENER, true);
		listener_opened(sk, key);
		break;
	case TCP_ESTABLISHED:
		if (old == TCP_SYN_SENT) {
			peer_client(tp, key);
		} else {
			owner_born(tp, key);
			peer_server(tp, key);
		}
		break;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		emit_fin(ctx, tp, key, old);
		break;
	case TCP_CLOSE:
		if (old == TCP_LISTEN)
			listener_closed(sk, key);
		else
			emit_closed(ctx, tp, key, old);
		break;
	}
	return 0;
}

#define STATE_COPY(copy)                                                                           \
	SEC("tp_btf/inet_sock_set_state")                                                          \
	int BPF_PROG(hook_state_##copy, struct sock *sk, int old, int new)                         \
	{                                                                                          \
		__u64 key;                                                                         \
                                                                                                   \
		if (!matters(old, new))                                                            \
			return 0;                                                                  \
		key = number_of(sk);                                                               \
		return COPY_RUNS(COPY_STATE, key + new, copy, on_state(ctx, sk, key, old, new));   \
	}

STATE_COPY(0)
STATE_COPY(1)
STATE_COPY(2)
STATE_COPY(3)
STATE_COPY(4)

/* Always with softirqs off. */
SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(hook_destroy, struct sock *sk)
{
	__u64 key = number_of(sk);

	emit_drop(ctx, key);
	owner_drop(key);
	listener_gone(key);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
