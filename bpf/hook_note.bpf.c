// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_note.bpf.c - hooks that only notes need: sockets, requests, segments
 *
 * Loaded only with --all, each where this kernel has its function.
 */
#include "hook.bpf.h"

/*
 * connect(AF_UNSPEC) and a connect() that failed clear the port: such a socket is one that is not
 * connected.
 */
HOOK(note_close, __tcp_close, (struct sock *sk, long timeout), (sk, timeout))
{
	bool dead;

	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE || !sample_is_tcp(sk))
		return 0;
	dead = BPF_CORE_READ(sk, __sk_common.skc_dport) != 0;
	note_socket(sk, TCP_CLOSE, dead ? NOTE_close_dead : NOTE_close_unconnected);
	return 0;
}

/* Limited or not: the segment was not taken. */
HOOK(note_challenge, tcp_send_challenge_ack, (struct sock *sk), (sk))
{
	note_socket(sk, BPF_CORE_READ(sk, __sk_common.skc_state), NOTE_challenge_ack);
	return 0;
}

HOOK(note_challenge_request, tcp_reqsk_send_challenge_ack,
     (struct sock *sk, struct sk_buff *skb, struct request_sock *req), (sk, skb, req))
{
	note_common((struct sock *)req, sk, NOTE_challenge_ack);
	return 0;
}

static __always_inline bool is_reset(__u64 skb)
{
	struct sk_buff *segment = (struct sk_buff *)skb;
	struct tcphdr th;

	bpf_probe_read_kernel(&th, sizeof(th), BPF_CORE_READ(segment, head) +
					       BPF_CORE_READ(segment, transport_header));
	return th.rst;
}

/* The segment for which tcp_check_req() is at work on this CPU, in softirq. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);		/* struct sk_buff *; 0: none */
} note_checking SEC(".maps") __weak;

static __always_inline __u64 *checking_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&note_checking, &key);
}

SEC("fentry/tcp_check_req")
int BPF_PROG(fentry_note_check, struct sock *sk, struct sk_buff *skb)
{
	__u64 *here = checking_here();

	if (here)
		*here = (__u64)skb;
	return 0;
}

SEC("fexit/tcp_check_req")
int BPF_PROG(fexit_note_check)
{
	__u64 *here = checking_here();

	if (here)
		*here = 0;
	return 0;
}

/* The same for a request that became a connection: then it is not found any more. */
SEC("fexit/__inet_csk_reqsk_queue_drop")
int BPF_PROG(fexit_note_drop, struct sock *sk, struct request_sock *req, bool from_timer,
	     __u8 found)
{
	__u64 task = bpf_get_current_pid_tgid(), *checked = checking_here();
	__u32 note = NOTE_request_dropped;

	if (!found)
		return 0;
	if (bpf_map_lookup_elem(&note_purging, &task))
		note = NOTE_netns_exit_purge;
	else if (checked && *checked && is_reset(*checked))
		note = NOTE_peer_rst_synrecv;
	note_common((struct sock *)req, sk, note);
	return 0;
}

/* migrating: a connection of the queue, or a half-open request. */
SEC("fexit/reuseport_migrate_sock")
int BPF_PROG(fexit_note_migrate, struct sock *sk, struct sock *migrating, struct sk_buff *skb,
	     struct sock *chosen)
{
	if (chosen && sample_is_tcp(chosen))
		note_common(migrating, chosen, NOTE_listen_queue_migrated);
	return 0;
}

/* From 5.18 on the kernel says why it dropped a segment. */
SEC("raw_tp/kfree_skb")
int hook_note_drop(struct bpf_raw_tracepoint_args *ctx)
{
	if (compat_unsigned(compat_drop_reason(ctx)))
		note_segment(compat_drop_sk(ctx), (struct sk_buff *)ctx->args[0], 0,
			     NOTE_md5_ao_drop);
	return 0;
}

/* Before that: true when it is to be dropped. */
SEC("fexit/tcp_v4_inbound_md5_hash")
int BPF_PROG(fexit_note_md5_4, struct sock *sk, struct sk_buff *skb, int dif, int sdif, __u8 bad)
{
	if (bad)
		note_segment(sk, skb, 0, NOTE_md5_ao_drop);
	return 0;
}

SEC("fexit/tcp_v6_inbound_md5_hash")
int BPF_PROG(fexit_note_md5_6, struct sock *sk, struct sk_buff *skb, int dif, int sdif, __u8 bad)
{
	if (bad)
		note_segment(sk, skb, 0, NOTE_md5_ao_drop);
	return 0;
}

/* The function returns without a RST for a RST. */
static __always_inline int on_reject(struct net *net, struct sk_buff *skb)
{
	if (!is_reset((__u64)skb))
		note_segment(NULL, skb, BPF_CORE_READ(net, ns.inum), NOTE_nf_reject_rst);
	return 0;
}

HOOK(note_reject4, nf_send_reset,
     (struct net *net, struct sock *sk, struct sk_buff *skb, int hook), (net, sk, skb, hook))
{
	return on_reject(net, skb);
}

HOOK(note_reject6, nf_send_reset6,
     (struct net *net, struct sock *sk, struct sk_buff *skb, int hook), (net, sk, skb, hook))
{
	return on_reject(net, skb);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
