// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_note_tw.bpf.c - hooks that only notes need: TIME_WAIT, and FIN_WAIT2 without a socket
 *
 * The mini socket that stands for both has no state of its own to watch: what ends it early is told
 * by what is at work when it is taken down.  Loaded only with --all.
 */
#include "hook.bpf.h"

/* The segment that a mini socket is about to answer on this CPU, in softirq. */
struct tw_segment {
	__u64 tw;		/* struct inet_timewait_sock *; 0: none */
	__u8 substate;		/* before the segment */
	__u8 rst;
	__u8 fin;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tw_segment);
} tw_segments SEC(".maps") __weak;

static __always_inline struct tw_segment *segment_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&tw_segments, &key);
}

SEC("fentry/tcp_timewait_state_process")
int BPF_PROG(fentry_note_tw, struct inet_timewait_sock *tw, struct sk_buff *skb,
	     const struct tcphdr *th)
{
	struct tw_segment *here = segment_here();
	struct tcphdr header;

	if (!here)
		return 0;
	bpf_probe_read_kernel(&header, sizeof(header), th);
	here->tw = (__u64)tw;
	here->substate = BPF_CORE_READ(tw, tw_substate);
	here->rst = header.rst;
	here->fin = header.fin;
	return 0;
}

/* A FIN was taken when it changed the substate; what was taken down is not looked at any more. */
SEC("fexit/tcp_timewait_state_process")
int BPF_PROG(fexit_note_tw)
{
	struct tw_segment *here = segment_here();
	struct inet_timewait_sock *tw;

	if (!here || !here->tw)
		return 0;
	tw = (struct inet_timewait_sock *)here->tw;
	here->tw = 0;
	if (here->fin && here->substate == TCP_FIN_WAIT2 &&
	    BPF_CORE_READ(tw, tw_substate) == TCP_TIME_WAIT)
		note_timewait(tw, TCP_FIN_WAIT2, NOTE_fin_received);
	return 0;
}

/* Namespaces are taken down by a worker, one batch at a time. */
SEC("fentry/inet_twsk_purge")
int BPF_PROG(fentry_note_purge)
{
	__u64 task = bpf_get_current_pid_tgid();
	__u8 on = 1;

	bpf_map_update_elem(&note_purging, &task, &on, BPF_ANY);
	return 0;
}

SEC("fexit/inet_twsk_purge")
int BPF_PROG(fexit_note_purge)
{
	__u64 task = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&note_purging, &task);
	return 0;
}

/* However it ends: by its timer, a RST, a new connection, SOCK_DESTROY, with its namespace. */
SEC("fentry/inet_twsk_kill")
int BPF_PROG(fentry_note_kill, struct inet_timewait_sock *tw)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct tw_segment *here = segment_here();
	__u8 state = BPF_CORE_READ(tw, tw_substate);

	if (here && here->tw == (__u64)tw) {
		here->tw = 0;
		if (here->rst)
			note_timewait(tw, state, NOTE_peer_rst_tw);
	} else if (bpf_map_lookup_elem(&note_purging, &task)) {
		note_timewait(tw, state, NOTE_netns_exit_purge);
	}
	return 0;
}

/*
 * FIN_WAIT2 of a closed socket is over.  More than a minute of it is spent as a full socket, whose
 * timer makes a mini socket for the rest.
 */
HOOK(note_expiry, tw_timer_handler, (struct timer_list *timer), (timer))
{
	struct inet_timewait_sock *tw =
		(void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);

	if (BPF_CORE_READ(tw, tw_substate) == TCP_FIN_WAIT2)
		note_timewait(tw, TCP_FIN_WAIT2, NOTE_finwait2_timeout);
	return 0;
}

/* The limit was reached: the connection ends without TIME_WAIT. */
SEC("fexit/inet_twsk_alloc")
int BPF_PROG(fexit_note_tw_alloc, struct sock *sk, void *death_row, int state,
	     struct inet_timewait_sock *tw)
{
	if (!tw && sample_is_tcp(sk))
		note_socket(sk, BPF_CORE_READ(sk, __sk_common.skc_state),
			    NOTE_time_wait_overflow);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
