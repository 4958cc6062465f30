/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * seen.bpf.h - what is read of a socket for a record, all of it in one place
 *
 * There are two readers.  Where the verifier knows that an address is a TCP socket it allows plain
 * loads, which cost a nanosecond each; everywhere else each value takes a call of some ten.
 */
#ifndef CLOSETRACE_SEEN_BPF_H
#define CLOSETRACE_SEEN_BPF_H

#include "common.bpf.h"

/* The parts of a tcp_sock. */
#define ICSK(field)	inet_conn.field
#define INET(field)	inet_conn.icsk_inet.field
#define SOCK(field)	inet_conn.icsk_inet.sk.field
#define COMMON(field)	inet_conn.icsk_inet.sk.__sk_common.field

/* COPIED(name, where): what goes into the record as it is. */
#define COPIED_FIELDS(COPIED)                                                                      \
	COPIED(bytes_received, bytes_received)                                                     \
	COPIED(err, SOCK(sk_err))                                                                  \
	COPIED(err_soft, SOCK(sk_err_soft))                                                        \
	COPIED(snd_wnd, snd_wnd)                                                                   \
	COPIED(packets_out, packets_out)                                                           \
	COPIED(linger2, linger2)                                                                   \
	COPIED(user_timeout_ms, ICSK(icsk_user_timeout))                                           \
	COPIED(family, COMMON(skc_family))                                                         \
	COPIED(shutdown, SOCK(sk_shutdown))                                                        \
	COPIED(retransmits, ICSK(icsk_retransmits))                                                \
	COPIED(probes, ICSK(icsk_probes_out))                                                      \
	COPIED(backoff, ICSK(icsk_backoff))

/* SEEN(type, name, where): what has to be made something of first. */
#define SEEN_FIELDS(SEEN)                                                                          \
	SEEN(unsigned long, flags, COMMON(skc_flags))                                              \
	SEEN(struct net *, net, COMMON(skc_net.net))                                               \
	SEEN(struct socket *, socket, SOCK(sk_socket))                                             \
	SEEN(struct request_sock *, fastopen, fastopen_rsk)                                        \
	SEEN(unsigned long, linger, SOCK(sk_lingertime))                                           \
	SEEN(__u64, bytes_sent, bytes_sent)                                                        \
	SEEN(__u64, bytes_retrans, bytes_retrans)                                                  \
	SEEN(__u32, laddr, COMMON(skc_rcv_saddr))                                                  \
	SEEN(__u32, raddr, COMMON(skc_daddr))                                                      \
	SEEN(int, owned, SOCK(sk_lock.owned))                                                      \
	SEEN(__u32, rcv_nxt, rcv_nxt)                                                              \
	SEEN(__u32, copied_seq, copied_seq)                                                        \
	SEEN(__u32, snd_nxt, snd_nxt)                                                              \
	SEEN(__u32, snd_una, snd_una)                                                              \
	SEEN(__u32, write_seq, write_seq)                                                          \
	SEEN(__u16, rport, COMMON(skc_dport))                                                      \
	SEEN(__u16, lport, INET(inet_sport))

/* On the stack, of which there is little. */
struct seen {
#define SEEN(type, name, where) type name;
	SEEN_FIELDS(SEEN)
#undef SEEN
	struct file *file;	/* of the struct socket */
	__u8 wscale_ok, rcv_wscale, repair, mptcp, smc;
};

static __always_inline void seen_probe(struct seen *seen, struct record *r, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct socket *socket;
	struct net *net;

#define COPIED(name, where) r->name = BPF_CORE_READ(tp, where);
	COPIED_FIELDS(COPIED)
#undef COPIED
#define SEEN(type, name, where) seen->name = BPF_CORE_READ(tp, where);
	SEEN_FIELDS(SEEN)
#undef SEEN
	/* Of our own structure the macro must not know. */
	socket = seen->socket;
	net = seen->net;
	seen->file = socket ? BPF_CORE_READ(socket, file) : NULL;
	r->netns = BPF_CORE_READ(net, ns.inum);
	seen->wscale_ok = BPF_CORE_READ_BITFIELD_PROBED(tp, rx_opt.wscale_ok);
	seen->rcv_wscale = BPF_CORE_READ_BITFIELD_PROBED(tp, rx_opt.rcv_wscale);
	seen->repair = BPF_CORE_READ_BITFIELD_PROBED(tp, repair);
	seen->mptcp = compat_is_mptcp(tp);
	seen->smc = compat_is_smc(tp);
}

/* The same of a socket whose type the verifier knows. */
static __always_inline void seen_typed(struct seen *seen, struct record *r, struct tcp_sock *tp)
{
#define COPIED(name, where) r->name = tp->where;
	COPIED_FIELDS(COPIED)
#undef COPIED
#define SEEN(type, name, where) seen->name = tp->where;
	SEEN_FIELDS(SEEN)
#undef SEEN
	seen->file = seen->socket ? seen->socket->file : NULL;
	r->netns = seen->net->ns.inum;
	seen->wscale_ok = BPF_CORE_READ_BITFIELD(tp, rx_opt.wscale_ok);
	seen->rcv_wscale = BPF_CORE_READ_BITFIELD(tp, rx_opt.rcv_wscale);
	seen->repair = BPF_CORE_READ_BITFIELD(tp, repair);
	seen->mptcp = compat_is_mptcp_typed(tp);
	seen->smc = compat_is_smc_typed(tp);
}

#endif
