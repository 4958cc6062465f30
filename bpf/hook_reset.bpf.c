// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_reset.bpf.c - resets sent and received: tcp_send_reset, tcp_receive_reset
 *
 * Raw tracepoints: sk and skb may be NULL, which BTF denies up to 6.1, so that the verifier would
 * remove the test; and it forbids arithmetic on typed pointers.
 */
#include "copies.bpf.h"

/* Our own socket reset the peer: at the end of tcp_send_active_reset(), after transmission. */
static void active_reset(void *ctx, struct sock *sk, __u32 reason)
{
	struct pending *held = pending_of((__u64)sk);
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	bool closed = state == TCP_CLOSE;

	/* Closed and nothing held: it was filtered, or counted as lost, at CLOSE. */
	if (closed && (!held || !(held->record.facts & FACT(closed))))
		return;
	held = held ?: pending_get((__u64)sk);
	if (!held)
		return;		/* CLOSE follows and counts it */
	if (compat_has_reason()) {
		held->record.reason = reason;
		held->record.known |= KNOWN_REASON;
	}
	held->record.facts |= FACT(rst_sent);
	if (closed) {
		held->record.facts |= FACT(state_first);
		if (settings.all)
			note_lost_reset(sk, &held->record);
		emit_held(ctx, (__u64)sk, held);
		return;
	}
	if (held->stage == PENDING_NOTED)
		sample_socket(&held->record, sk, state);
	held->stage = PENDING_RST_FIRST;
	if (settings.all)
		note_lost_reset(sk, &held->record);
}

static __always_inline int on_send_reset(void *ctx, struct sock *sk, struct sk_buff *skb,
					 __u32 reason)
{
	if (skb)
		reply_sent(sk, skb, reason);
	else if (sk && sample_is_tcp(sk))
		active_reset(ctx, sk, reason);
	return 0;
}

/* The third argument is there with the enum; to read it elsewhere forbids the attachment. */
#define SEND_RESET(ctx)                                                                            \
	on_send_reset(ctx, (struct sock *)(ctx)->args[0], (struct sk_buff *)(ctx)->args[1],        \
		      compat_has_reason() ? (__u32)(ctx)->args[2] : 0)

/* A reply may have no socket: its segment is what it is about. */
#define SEND_RESET_COPY(copy)                                                                      \
	SEC("raw_tp/tcp_send_reset")                                                               \
	int hook_send_reset_##copy(struct bpf_raw_tracepoint_args *ctx)                            \
	{                                                                                          \
		return COPY_RUNS(COPY_SEND_RESET, ctx->args[1] ?: ctx->args[0], copy,              \
				 SEND_RESET(ctx));                                                 \
	}

SEND_RESET_COPY(0)
SEND_RESET_COPY(1)
SEND_RESET_COPY(2)
SEND_RESET_COPY(3)
SEND_RESET_COPY(4)

/*
 * tcp_reset() runs for a RST, and for data that a closed socket cannot take; CLOSE follows at
 * once.
 */
static __always_inline int on_receive_reset(struct sock *sk)
{
	struct pending *held;

	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE || !sample_is_tcp(sk))
		return 0;
	held = pending_get((__u64)sk);
	if (held)
		held->record.facts |= FACT(tcp_reset);
	else
		__sync_fetch_and_add(&counters_here()->note_full, 1);
	return 0;
}

#define RECEIVE_RESET_COPY(copy)                                                                   \
	SEC("raw_tp/tcp_receive_reset")                                                            \
	int hook_receive_reset_##copy(struct bpf_raw_tracepoint_args *ctx)                         \
	{                                                                                          \
		return COPY_RUNS(COPY_RECEIVE_RESET, ctx->args[0], copy,                           \
				 on_receive_reset((struct sock *)ctx->args[0]));                   \
	}

RECEIVE_RESET_COPY(0)
RECEIVE_RESET_COPY(1)
RECEIVE_RESET_COPY(2)
RECEIVE_RESET_COPY(3)
RECEIVE_RESET_COPY(4)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
