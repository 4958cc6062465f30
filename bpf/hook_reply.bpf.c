// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_reply.bpf.c - the full tier: replies that the tracepoint does not show before 6.10
 *
 * There tcp_send_reset fires for full sockets only: a RST for a segment without a socket, or for
 * TIME_WAIT, is seen at the entry of the function that sends it.  These programs are loaded only
 * where enum sk_rst_reason is missing; elsewhere each reply would be told twice.
 */
#include "hook.bpf.h"

#define RTN_LOCAL	2
#define RTF_LOCAL	0x80000000U	/* of rt6i_flags */
#define DST_NOREF	1UL		/* in the low bit of skb->_skb_refdst */

/*
 * The function returns without a RST for a RST, and, without a socket, for an address that is
 * not ours.
 */
static __always_inline bool answers(struct sock *sk, struct sk_buff *skb, bool ipv6)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	unsigned long dst = BPF_CORE_READ(skb, _skb_refdst) & ~DST_NOREF;
	struct tcphdr th;

	bpf_probe_read_kernel(&th, sizeof(th), head + BPF_CORE_READ(skb, transport_header));
	if (th.rst)
		return false;
	if (sk)
		return true;
	if (ipv6)
		return BPF_CORE_READ((struct rt6_info *)dst, rt6i_flags) & RTF_LOCAL;
	return BPF_CORE_READ((struct rtable *)dst, rt_type) == RTN_LOCAL;
}

static __always_inline int on_reply(struct sock *sk, struct sk_buff *skb, bool ipv6)
{
	__u8 state = sk ? BPF_CORE_READ(sk, __sk_common.skc_state) : 0;

	/* The tracepoint has all others. */
	if (sk && state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV)
		return 0;
	if (answers(sk, skb, ipv6))
		reply_sent(sk, skb, 0);
	return 0;
}

HOOK(reply4, tcp_v4_send_reset, (struct sock *sk, struct sk_buff *skb), (sk, skb))
{
	return on_reply(sk, skb, false);
}

HOOK(reply6, tcp_v6_send_reset, (struct sock *sk, struct sk_buff *skb), (sk, skb))
{
	return on_reply(sk, skb, true);
}

/*
 * What tcp_check_req() itself answers is for a half-open request, although the socket told is the
 * listener.  From 6.10 on the kernel's reason says the same.
 */
static __always_inline int set_checking(struct sk_buff *skb)
{
	__u32 key = 0;
	__u64 *checked = bpf_map_lookup_elem(&checking, &key);

	if (checked)
		*checked = (__u64)skb;
	return 0;
}

SEC("fentry/tcp_check_req")
int BPF_PROG(fentry_check_req, struct sock *sk, struct sk_buff *skb)
{
	return set_checking(skb);
}

SEC("fexit/tcp_check_req")
int BPF_PROG(fexit_check_req)
{
	return set_checking(NULL);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
