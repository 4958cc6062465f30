/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * common.bpf.h - what the hooks share: constants, maps, and the functions of the other files
 *
 * The maps and functions are linked across objects: maps are weak so that each object may define
 * them, functions are hidden so that the verifier sees them as static.
 */
#ifndef CLOSETRACE_COMMON_BPF_H
#define CLOSETRACE_COMMON_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "abi/settings.h"
#include "abi/record.h"
#include "abi/tally.h"
#include "compat.bpf.h"

/* Constants of the kernel's UAPI and headers; BTF has no macros. */
#define AF_INET		2
#define AF_INET6	10
#define RCV_SHUTDOWN	1
#define SEND_SHUTDOWN	2
#define PF_EXITING	0x00000004
#define PF_KTHREAD	0x00200000
#define PF_IO_WORKER	0x00000010	/* since 5.12; before, workers are kernel threads */
#define ECONNABORTED	103
#define ECONNRESET	104
#define EPIPE		32

/* Bits of sock_common.skc_flags (enum sock_flags), the same from 5.10 to 7.2. */
#define SK_DEAD		(1UL << SOCK_DEAD)
#define SK_DONE		(1UL << SOCK_DONE)
#define SK_LINGER	(1UL << SOCK_LINGER)

#define STATE_BIT(state)	(1 << (state))
/* tcp_need_reset(): the states from which tcp_disconnect() sends a RST. */
#define STATES_NEED_RESET                                                                          \
	(STATE_BIT(TCP_ESTABLISHED) | STATE_BIT(TCP_CLOSE_WAIT) | STATE_BIT(TCP_FIN_WAIT1) |       \
	 STATE_BIT(TCP_FIN_WAIT2) | STATE_BIT(TCP_SYN_RECV))
/* Our FIN is out. */
#define STATES_FIN_OUT                                                                             \
	(STATE_BIT(TCP_FIN_WAIT1) | STATE_BIT(TCP_FIN_WAIT2) | STATE_BIT(TCP_CLOSING) |            \
	 STATE_BIT(TCP_LAST_ACK))
/* Both FINs are out. */
#define STATES_FINISHED		(STATE_BIT(TCP_CLOSING) | STATE_BIT(TCP_LAST_ACK))

/* To whom a socket belongs, from its birth, or first sight, to its CLOSE. */
struct owner {
	__u64 id;
	__u64 born_ns;
	__u64 cgroup;		/* cgroup v2 id */
	__u64 peer;		/* key of the socket at the other end; 0: not on this host */
	__u64 peer_id;		/* and the id that it has there */
	__u64 gone_id;		/* the same when that end is gone: peer_task was its owner */
	struct record_task task;
	struct record_task peer_task;
	__u32 tgid;		/* of the initial pid namespace, for comparing */
	__u8 by;		/* enum record_owner_by; OWNER_NONE: task is not filled */
	__u8 role;		/* enum record_role */
	__u8 who;		/* enum record_who */
};

/* What is known of a socket whose act is not complete yet. */
enum pending_stage {
	PENDING_NOTED,		/* facts only, nothing sampled */
	PENDING_RST_FIRST,	/* sampled at the RST, CLOSE follows */
	PENDING_RST_MAY,	/* sampled at CLOSE, a RST may follow; without one it is no act */
	PENDING_RST_MUST,	/* sampled at CLOSE, the kernel's branch sends a RST next */
};

struct pending {
	struct record record;
	__u8 stage;		/* enum pending_stage */
};

/* A connection told as reset by its peer, which a reply RST may still show to be otherwise. */
struct provisional {
	__u64 time_ns;
	__u64 socket;
	__u32 netns;
	__u16 lport;
	__u16 rport;
	__u8 filtered;		/* it was not wanted: neither is the reply */
	struct tally_key key;	/* with --count-only: as what it was counted */
};

/* A connection as a segment names it, our side first. */
struct tuple {
	__u8 laddr[16];
	__u8 raddr[16];
	__u16 lport;
	__u16 rport;
	__u32 netns;
} __attribute__((aligned(8)));

/* A socket whose FIN has left, for the replies that its 4-tuple may still send. */
struct departed {
	struct tuple tuple;
	__u64 time_ns;
	__u64 socket;
	__u64 cgroup;
	struct record_task owner;
	__u8 owner_by;
	__u8 role;
	__u8 who;
	__u8 padding[5];
	__u64 sum;		/* slot_sum() of what is above */
};

/* A client whose other end may turn out to be on this host. */
struct half {
	struct tuple tuple;	/* as the client sees it */
	__u64 id;		/* of the entry of its owner */
	__u64 sum;		/* slot_sum() of what is above */
	__u64 sk;		/* key of the socket; its entry has that id, or it is not the one */
};

/* A port that somebody listens on. */
struct listen_port {
	__u32 netns;
	__u32 port;
};

/* Who does; of several processes none can be inferred. */
struct listening {
	struct owner owner;
	__u32 sockets;
	__u32 shared;		/* by processes that differ */
};

/* The listener that a task is closing. */
struct closing_listener {
	__u64 sk;		/* key of the socket, compared, never shown */
	__u64 id;
	__u32 netns;
	__u16 lport;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);	/* bytes; set at load */
} ring SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);		/* struct sock * */
	__type(value, struct pending);
} pendings SEC(".maps") __weak;

/*
 * Where an act is put together that is complete at once: nothing else needs to find it.  In use by
 * one program at a time, which others on its CPU tell by the users.
 */
struct scratch {
	struct record record;
	__u64 users;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps") __weak;

/*
 * LRU, because only the youngest matter: the reply RST follows within microseconds, often after
 * the socket is destroyed, and nobody says when it will not come.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);		/* struct sock * */
	__type(value, struct provisional);
} provisionals SEC(".maps") __weak;

/*
 * Who had a 4-tuple that was closed: TIME_WAIT has no end that a program sees.  What is overwritten
 * is an owner not known, never an act.
 */
#define DEPARTURE_BITS	14
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << DEPARTURE_BITS);
	__type(key, __u32);		/* slot_key() */
	__type(value, struct departed);
} departures SEC(".maps") __weak;

/* LRU, because shutdown() of a listener closes its queue and has no end of its own. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);		/* pid_tgid of the closing task */
	__type(value, struct closing_listener);
} closing_listeners SEC(".maps") __weak;

/* What falls out is an owner that is not inferred. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listen_port);
	__type(value, struct listening);
} listenings SEC(".maps") __weak;

/* Clients on this host until their server's side is there as well: it may never be. */
#define HALF_BITS	12
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << HALF_BITS);
	__type(key, __u32);		/* slot_key() */
	__type(value, struct half);
} halves SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SETTINGS_PIDS);	/* more with -f; set at load */
	__type(key, __u32);		/* tgid in our pid namespace */
	__type(value, struct subject);
} subjects SEC(".maps") __weak;

extern const volatile struct settings settings;
extern __u32 watching;		/* emit.bpf.c */
extern __u64 watching_at;
extern __u32 any_collected;	/* sample.bpf.c */

/*
 * The address of a socket as a number, which is its key.  Where the verifier knows an address as
 * that of a socket it forbids all arithmetic on it but the difference of two.
 */
static __always_inline __u64 number_of(const void *typed)
{
	volatile __u64 *at = &watching_at;

	if (!*at)
		*at = (__u64)&watching;
	return (__u64)typed - (__u64)&watching + *at;
}

/* The same where it may be either; a call. */
static __always_inline __u64 number_of_any(const void *address)
{
	__u64 copy = (__u64)address, number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &copy);
	return number;
}

/*
 * emit.bpf.c: counting, holding and writing records.  ctx is the context of the running program,
 * for the stack of the closing call; NULL: this act has none.
 */
struct record_counters *counters_here(void);
/*
 * What is held under a key: the address of a socket, or of what else an act is about.
 * pending_get() makes an entry, all 0, when there is none; NULL: there is no room.
 */
struct pending *pending_of(__u64 key);
struct pending *pending_get(__u64 key);
void pending_drop(__u64 key);
void emit_fin(void *ctx, struct tcp_sock *tp, __u64 key, __u8 old);
void emit_held(void *ctx, __u64 key, struct pending *held);
void emit_closed(void *ctx, struct tcp_sock *tp, __u64 key, __u8 old);
void emit_drop(void *ctx, __u64 key);
void emit_count(__u32 kind, __u32 fate);
void emit_fill(struct record *out, const struct record *r);
__u32 emit_write(void *ctx, const struct record *r);
__u32 emit_finish(void *ctx, struct record *r);

/* tally.bpf.c: counting in place of writing */
__u32 tally_act(const struct record *r);
__u32 tally_change(const struct tally_key *first, const struct record *reply);

/* share.bpf.c: who gets room in the ring */
__u32 share_find(const struct record *r, __u32 size);
void share_use(__u32 share, __u32 size);
void share_refuse(const struct record *r);

/* stack.bpf.c: the stack of the closing call, behind its record */
bool stack_wanted(const struct record *r);
bool stack_write(void *ctx, const struct record *r);

/* reply.bpf.c: resets that answer a segment */
void reply_sent(struct sock *sk, struct sk_buff *skb, __u32 reason);
void reply_child_failed(struct sock *sk);
void reply_may_follow(struct sock *sk, const struct record *r, bool filtered);

/* sample.bpf.c: reading sockets, tasks and segments */
bool sample_is_tcp(struct sock *sk);
bool sample_collected(struct tcp_sock *tp);
bool sample_orderly(struct tcp_sock *tp, __u8 old);
void sample_dead(struct record *r, struct sock *sk);
void sample_socket(struct record *r, struct sock *sk, __u8 old);
void sample_typed(struct record *r, struct tcp_sock *tp, __u8 old);
void sample_header(struct record *r);
void sample_addresses(struct tuple *tuple, struct sock *sk);
void sample_tuple(struct tuple *tuple, struct sock *sk);
void sample_tuple_typed(struct tuple *tuple, struct tcp_sock *tp);
void sample_place(struct record *r, struct sock *sk, const struct tuple *tuple);
void sample_owner(struct record *r, struct sock *sk, __u64 key);
__u32 sample_netns(struct sock *sk);

/* segment.bpf.c: the same of a segment */
void sample_segment(struct record *r, struct sock *sk, struct sk_buff *skb);
bool sample_joins(struct sk_buff *skb);

/* owner_table.bpf.c: what is known of it, under the address of the socket */
struct owner *owner_of(__u64 key);
bool owner_put(__u64 key, const struct owner *owner, bool keep);
void owner_delete(__u64 key);

/* owner.bpf.c: whose socket it is */
__u64 owner_new_id(void);
struct sock *owner_tcp_socket(struct sock *sk);
void owner_set(__u64 key, __u8 by, __u8 role, bool reborn);
void owner_touched(__u64 key);
void owner_born(struct tcp_sock *tp, __u64 key);
bool owner_seed(__u64 key, struct task_struct *task, __u8 role);
void owner_drop(__u64 key);
void owner_departs(const struct record *r);
void owner_departed(struct record *r);

/* listener.bpf.c: who listens, and who stops to */
void listener_opened(struct sock *sk, __u64 key);
void listener_closed(struct sock *sk, __u64 key);
void listener_gone(__u64 key);
void listener_infer(struct tcp_sock *tp, struct owner *owner);

/* peer.bpf.c: connections with both ends on this host */
void peer_client(struct tcp_sock *tp, __u64 key);
void peer_server(struct tcp_sock *tp, __u64 key);
void peer_inherit(struct owner *owner, const struct owner *known);
void peer_gone(const struct owner *owner);
void peer_sample(struct record *r, const struct owner *owner);

/* who.bpf.c: tasks */
__u32 who_pid(struct task_struct *task);
void who_is(struct record_task *who, struct task_struct *task);
void who_runs(struct record_task *who);
__u64 who_start_ticks(struct task_struct *task);
__u8 who_asks(const struct record_task *who, struct task_struct *task);
__u64 who_cgroup(struct task_struct *task);
struct file *who_file(struct task_struct *task, __u64 fd);
struct sock *who_socket(struct file *file);

/* filter.bpf.c: what the user asked for */
__u32 filter_fate(const struct record *r);

/*
 * note.bpf.c: what is no end.  Only with settings.all; callers test it, so that the verifier drops
 * the call where notes are not asked for.
 */
void note_socket(struct sock *sk, __u8 state, __u32 note);
void note_common(struct sock *sk, struct sock *whose, __u32 note);
void note_timewait(struct inet_timewait_sock *tw, __u8 state, __u32 note);
void note_segment(struct sock *sk, struct sk_buff *skb, __u32 netns, __u32 note);
void note_lost_reset(struct sock *sk, const struct record *act);

/* The segment for which tcp_check_req() is at work on this CPU, in softirq. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);		/* struct sk_buff *; 0: none */
} checking SEC(".maps") __weak;

/* Tasks in unix_gc(), and the files that it has let go; LRU, because some are put by others. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);		/* pid_tgid */
	__type(value, __u8);
} collecting SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct file *);
	__type(value, __u64);		/* its inode number: the memory is used again */
} collected SEC(".maps") __weak;

/* Tasks that are taking the mini sockets of a network namespace down; only with settings.all. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u64);		/* pid_tgid */
	__type(value, __u8);
} note_purging SEC(".maps") __weak;

#endif
