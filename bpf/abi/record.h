/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record.h - the one structure that crosses from the kernel to user space
 *
 * One record is one act: the way in which one connection, or one direction of it, ended.  It
 * holds facts and values, never a meaning: meaning is user/causes.def.  The layout is fixed; a
 * field that nobody fills yet is 0 and its "known" bit is clear.  To change it, raise
 * RECORD_VERSION and teach user/record.c the older one.
 *
 * Byte order is the host's, ports included; addresses are bytes in network order.
 */
#ifndef CLOSETRACE_RECORD_H
#define CLOSETRACE_RECORD_H

#ifndef __bpf__	/* there vmlinux.h has them */
#include <linux/types.h>
#endif

#define RECORD_VERSION	1
#define RECORD_COMM	16	/* TASK_COMM_LEN */

enum fact_bit {
#define SEEN(bit, name, text) FACT_BIT_##name = (bit),
#define DERIVED(bit, name, text) FACT_BIT_##name = (bit),
#include "facts.def"
#undef SEEN
#undef DERIVED
};

/* A fact as a mask: FACT(unread).  The record carries the lower half, the facts that were seen. */
#ifdef __bpf__
typedef __u64 fact_set;
#else
typedef unsigned __int128 fact_set;
#endif
#define FACT(name)	((fact_set)1 << FACT_BIT_##name)
#define FACT_BITS	128

/* What was on the wire, and thus which counter the record is counted in. */
enum record_kind {
	RECORD_FIN,		/* we sent a FIN */
	RECORD_RST,		/* we sent a RST from our socket */
	RECORD_RST_RECEIVED,	/* we were reset */
	RECORD_RST_REPLY,	/* we answered a segment with a RST */
	RECORD_SILENT,		/* the connection died without a packet */
	RECORD_ACTS,
	RECORD_HELD = RECORD_ACTS,	/* no act: a descriptor was closed, but not the last */
	RECORD_NOTE,			/* no act: enum note_kind */
	RECORD_KINDS,
};

/* What looks like an end and is none. */
enum note_kind {
	NOTE_NONE,
#define NOTE(number, name, who, text) NOTE_##name = (number),
#include "notes.def"
#undef NOTE
	NOTES,			/* numbers have no gaps */
};

/* What became of an act that a BPF program has seen; every act is counted in exactly one. */
enum record_fate {
	FATE_EMITTED,		/* written to the ring */
	FATE_FILTERED,		/* not a subject of the user's filters */
	FATE_UNOWNED,		/* -p was given and nothing is known about the owner */
	FATE_RING_FULL,		/* lost: no room in the ring */
	FATE_PENDING_FULL,	/* lost: no room to hold the sample until its RST */
	FATE_TABLE_FULL,	/* lost: --count-only has no room for its like */
	FATE_SUPPRESSED,	/* lost: one of a storm, whose share of the ring is used up */
	RECORD_FATES,
};

/* Who has which part of the ring in a storm. */
enum record_share {
	SHARE_COMMON,		/* the ring has room for all */
#define SHARE(number, name, text) SHARE_##name = (number),
#include "shares.def"
#undef SHARE
	SHARES,			/* numbers have no gaps */
	SHARE_REFUSED = 255,	/* never in a record */
};

/* Which of the optional values were filled. */
enum record_known {
	KNOWN_SEQ	= 1 << 0,	/* seq */
	KNOWN_BYTES	= 1 << 1,	/* unread, unsent, unacked, bytes_* */
	KNOWN_BORN	= 1 << 2,	/* born_ns */
	KNOWN_REASON	= 1 << 3,	/* reason */
	KNOWN_ACTOR	= 1 << 4,	/* actor */
	KNOWN_OWNER	= 1 << 5,	/* owner */
	KNOWN_PARENT	= 1 << 6,	/* parent */
	KNOWN_SOCKET	= 1 << 7,	/* socket */
	KNOWN_SYSCALL	= 1 << 8,	/* syscall */
	KNOWN_LINGER	= 1 << 9,	/* linger_s: SO_LINGER was on */
	KNOWN_EXIT	= 1 << 10,	/* exit_code, wait(2) form */
	KNOWN_HOW	= 1 << 11,	/* how */
	KNOWN_TIMERS	= 1 << 12,	/* retransmits .. user_timeout_ms */
	KNOWN_CGROUP	= 1 << 13,	/* cgroup */
	KNOWN_ERRNO	= 1 << 14,	/* err, err_soft */
	KNOWN_PEER	= 1 << 15,	/* peer */
};

enum record_context {
	CONTEXT_UNKNOWN,
	CONTEXT_PROCESS,
	CONTEXT_SOFTIRQ,
	CONTEXT_TIMER,
	CONTEXT_KTHREAD,
};

enum record_role { ROLE_UNKNOWN, ROLE_CLIENT, ROLE_SERVER, ROLE_LISTENER };

/* How the owner is known; interface key owner_known_by.  LISTENER is inferred: it accepts there. */
enum record_owner_by {
	OWNER_NONE, OWNER_CONNECT, OWNER_ACCEPT, OWNER_SEED, OWNER_LAST, OWNER_LISTENER,
};

/* What the filters for processes say of a task. */
enum record_who {
	WHO_WANTED	= 1 << 0,
	WHO_EXCLUDED	= 1 << 1,
};

/* A task, as our own pid namespace names it. */
struct record_task {
	__u32 pid;			/* tgid: what people call pid; 0: not in our namespace */
	__u32 tid;
	__u32 uid;			/* of the initial user namespace */
	__u32 reserved;
	char comm[RECORD_COMM];		/* not always NUL-terminated, any bytes */
};

struct record {
	/* Header: enough to reject or to skip. */
	__u16 size;			/* sizeof(struct record) */
	__u16 version;			/* RECORD_VERSION */
	__u8 kind;			/* enum record_kind */
	__u8 family;			/* AF_INET, AF_INET6 */
	__u8 state;			/* TCP state before the act, kernel's number */
	__u8 context;			/* enum record_context */

	/* When: CLOCK_MONOTONIC, ns. */
	__u64 time_ns;			/* of the first fact; the order of output */
	__u64 born_ns;			/* first sight of the socket */

	/* Which. */
	__u64 run;			/* one start of the tracer */
	__u64 socket;			/* our own id, never a kernel address */
	__u64 parent;			/* the listener's id */
	__u64 cgroup;			/* cgroup v2 id of the actor */
	__u32 netns;			/* inode number of the network namespace */
	__u32 known;			/* enum record_known */

	/* What. */
	__u64 facts;			/* FACT() bits */
	__u8 laddr[16];			/* IPv4 as ::ffff:a.b.c.d */
	__u8 raddr[16];
	__u16 lport;
	__u16 rport;
	__u32 seq;			/* of the FIN or RST we sent */
	__s32 err;			/* sk_err at the end */
	__s32 err_soft;			/* sk_err_soft */
	__u32 reason;			/* enum sk_rst_reason of the running kernel */

	/* How. */
	__s32 syscall;			/* number, in the ABI of the machine */
	__s32 exit_code;		/* of an exiting actor, wait(2) form */
	__u32 linger_s;			/* seconds */
	__s32 linger2;			/* TCP_LINGER2, jiffies; negative: reset in FIN_WAIT2 */
	__u8 shutdown;			/* sk_shutdown: 1 receive, 2 send */
	__u8 how;			/* of shutdown(2), encoded as sk_shutdown */
	__u8 role;			/* enum record_role */
	__u8 owner_by;			/* enum record_owner_by */

	/* How much. */
	__u32 unread;			/* bytes received and not read, FIN not counted */
	__u32 unsent;			/* bytes written and never sent */
	__u32 unacked;			/* bytes sent and not acknowledged */
	__u32 retransmits;		/* icsk_retransmits */
	__u32 probes;			/* icsk_probes_out */
	__u32 backoff;			/* icsk_backoff */
	__u32 packets_out;
	__u32 user_timeout_ms;		/* TCP_USER_TIMEOUT */
	__u64 bytes_sent;		/* payload, without retransmissions */
	__u64 bytes_received;		/* payload */

	/* Who. */
	struct record_task actor;	/* decided it, in process context */
	struct record_task owner;	/* to whom the socket belonged */
	struct record_task peer;	/* the other end, when it is on this host */

	/* Per-kind counters at this moment, so that a stored stream shows where it has holes. */
	__u64 kind_seen;
	__u64 kind_lost;

	__u32 snd_wnd;			/* the peer's window, bytes; KNOWN_TIMERS */
	__u8 actor_who, owner_who;	/* enum record_who */
	__u8 note;			/* enum note_kind of a RECORD_NOTE, else 0 */
	__u8 share;			/* enum record_share: out of which it was written */
	__u64 owner_cgroup;		/* cgroup v2 id of the owner when it became that */
	__u64 departed_ns;		/* a reply: when the FIN of its 4-tuple left; 0: unknown */

	/* Of a RECORD_HELD. */
	__u64 inode;			/* of the socket's file, as in /proc/PID/fd */
	__u32 references;		/* that remain */
	__u32 padding2;

	/* Room for what comes; 0. */
	__u64 reserved[1];
};

/*
 * The name of a cgroup that was made while we looked: known to user space before any act in it, and
 * kept when the cgroup is gone.  Begins as a record does; kind is RECORD_CGROUP.
 */
#define RECORD_CGROUP		0xff
#define RECORD_CGROUP_PATH	504

struct record_cgroup {
	__u16 size;			/* sizeof(struct record_cgroup) */
	__u16 version;			/* RECORD_VERSION */
	__u8 kind;			/* RECORD_CGROUP */
	__u8 padding[3];
	__u64 id;			/* of cgroup v2 */
	char path[RECORD_CGROUP_PATH];	/* below the root of the hierarchy; NUL-terminated */
};

_Static_assert(sizeof(struct record_task) == 32, "the layout of record_task is fixed");
_Static_assert(sizeof(struct record) == 352, "the layout of record is fixed");

_Static_assert(RECORD_KINDS <= 8 && RECORD_FATES <= 8, "the counters have room for each");
_Static_assert(NOTES <= 32, "the counters and masks have room for each note");
_Static_assert(SHARES <= 16, "one sixteenth of the last quarter for each, and one for the races");

/*
 * Counters, in memory shared with user space.  A slot a CPU (modulo RECORD_SLOTS) keeps cache
 * lines apart; the additions are atomic because a softirq may interrupt a program.
 */
#define RECORD_SLOTS	64
/* Of the arrays below: powers of two, so that a mask bounds the index for every verifier. */
#define RECORD_KINDS_ROOM	8
#define RECORD_FATES_ROOM	8
#define RECORD_NOTES_ROOM	32
#define SHARES_ROOM		16

struct record_counters {
	__u64 seen[RECORD_KINDS_ROOM];
	__u64 fate[RECORD_KINDS_ROOM][RECORD_FATES_ROOM];
	__u64 amend_emitted;		/* second halves of provisional records */
	__u64 amend_lost;
	__u64 owner_full;		/* owners not remembered; the act is told all the same */
	__u64 note_full;		/* facts not remembered: the verdict may be unknown */
	__u64 unfinished;		/* samples whose RST never came */
	__u64 subjects_opened;		/* sockets of -p that were taken up, and given up */
	__u64 subjects_closed;
	__u64 stack_full;		/* no room for a stack; the act is told without */
	__u64 children_born;		/* -f: processes that joined by fork(), and ended */
	__u64 children_gone;
	__u64 children_full;		/* -f: processes for which there was no room */
	__u64 crowded;			/* copies of a tracepoint's program that found few free */
	__u64 cgroup_lost;		/* names of cgroups for which the ring had no room */
	__u64 note[RECORD_NOTES_ROOM];	/* by enum note_kind; the fates stand above */
	__u64 suppressed[SHARES_ROOM];	/* by enum record_share */
	__u64 ring_peak;		/* the most bytes the ring ever held, or would have */
} __attribute__((aligned(64)));

/* Of a share, bytes since the start: programs count what they write, the reader what it takes. */
struct share_account {
	__u64 written;
	__u64 read;
} __attribute__((aligned(64)));

#endif
