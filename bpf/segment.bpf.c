// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * segment.bpf.c - reads the segment that a RST answers into a record
 */
#include "common.bpf.h"

static void segment_addresses(struct record *r, void *network)
{
	struct ipv6hdr *ip6 = network;
	struct iphdr *ip4 = network;
	__u8 first;

	bpf_probe_read_kernel(&first, sizeof(first), network);
	if (first >> 4 == 6) {
		r->family = AF_INET6;
		bpf_probe_read_kernel(r->laddr, 16, &ip6->daddr);
		bpf_probe_read_kernel(r->raddr, 16, &ip6->saddr);
		return;
	}
	r->family = AF_INET;
	__builtin_memset(r->laddr + 10, 0xff, 2);
	__builtin_memset(r->raddr + 10, 0xff, 2);
	bpf_probe_read_kernel(r->laddr + 12, 4, &ip4->daddr);
	bpf_probe_read_kernel(r->raddr + 12, 4, &ip4->saddr);
}

/*
 * A reply RST is told by the segment it answers: the socket may be missing, a listener, or
 * shared by many.  What the segment was sent to is our side.
 */
void __hidden sample_segment(struct record *r, struct sock *sk, struct sk_buff *skb)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	unsigned char *transport = head + BPF_CORE_READ(skb, transport_header);
	struct tcphdr th;

	sample_header(r);
	r->context = CONTEXT_SOFTIRQ;
	segment_addresses(r, head + BPF_CORE_READ(skb, network_header));
	bpf_probe_read_kernel(&th, sizeof(th), transport);
	r->lport = bpf_ntohs(th.dest);
	r->rport = bpf_ntohs(th.source);
	/* RFC 9293 3.10.7.1: the reply takes the acknowledgement as its number, else 0. */
	r->seq = th.ack ? bpf_ntohl(th.ack_seq) : 0;
	r->known |= KNOWN_SEQ;
	if (th.syn)
		r->facts |= FACT(seg_syn);
	if (th.ack)
		r->facts |= FACT(seg_ack);
	/* The header has not been pulled where a RST is the answer. */
	if (BPF_CORE_READ(skb, data) == transport && BPF_CORE_READ(skb, len) > th.doff * 4U)
		r->facts |= FACT(seg_data);
	/* skb->dev is gone when the segment waited in a backlog; then there is a socket. */
	if (sk)
		r->netns = sample_netns(sk);
	else
		r->netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
}

#define OPTIONS		40	/* bytes of them that a TCP header can hold */
#define OPTION_EOL	0
#define OPTION_NOP	1
#define OPTION_MPTCP	30
#define MPTCP_JOIN	1	/* the subtype, in the upper half of the third byte */

/*
 * Whether MP_JOIN (RFC 8684, 3.2) is among the options.  Each is read by itself: 5.10 allows no
 * load from the stack at an offset that varies.  Of addresses the verifier knows nothing; were
 * these offsets, it would follow each length that an option can have.
 */
bool __hidden sample_joins(struct sk_buff *skb)
{
	unsigned char *transport = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header);
	unsigned char *at = transport + sizeof(struct tcphdr), *end;
	struct tcphdr th;
	__u8 option[3];

	bpf_probe_read_kernel(&th, sizeof(th), transport);
	end = transport + th.doff * 4U;
	for (int i = 0; i < OPTIONS && at + sizeof(option) <= end; i++) {
		bpf_probe_read_kernel(option, sizeof(option), at);
		if (option[0] == OPTION_NOP) {
			at++;
			continue;
		}
		if (option[0] == OPTION_EOL || option[1] < 2)
			return false;
		if (option[0] == OPTION_MPTCP && option[2] >> 4 == MPTCP_JOIN)
			return true;
		at += option[1];
	}
	return false;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
