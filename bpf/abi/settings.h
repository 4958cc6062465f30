/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * settings.h - what user space tells the programs before they load
 *
 * The structure lives in .rodata: the verifier knows its values and drops the branches that this
 * run does not need.
 *
 * Values of one filter are alternatives, unless they exclude (not); filters of different kinds
 * must all agree.
 */
#ifndef CLOSETRACE_SETTINGS_H
#define CLOSETRACE_SETTINGS_H

#ifndef __bpf__	/* there vmlinux.h has them */
#include <linux/types.h>
#endif

#define SETTINGS_PIDS		64	/* of -p */
#define SETTINGS_PORTS		32	/* of -P, --lport and --rport together */
#define SETTINGS_ADDRESSES	16	/* of -a, --laddr and --raddr together */
#define SETTINGS_COMMS		8
#define SETTINGS_UIDS		16
#define SETTINGS_NETNS		8
#define SETTINGS_COMM		16	/* TASK_COMM_LEN */
#define SETTINGS_OWNER_WAYS	4	/* of a set in owner_table.bpf.c */

/* Whose port or address; each is a filter of its own. */
enum settings_side { SIDE_EITHER, SIDE_LOCAL, SIDE_REMOTE, SIDES };

struct settings_port {
	__u16 port;			/* host byte order */
	__u8 side;			/* enum settings_side */
	__u8 not;
};

/* A prefix; IPv4 as ::ffff:a.b.c.d, so that it also matches v4-mapped sockets. */
struct settings_address {
	__u64 address[2];		/* as in memory: network order */
	__u64 mask[2];
	__u8 side;			/* enum settings_side */
	__u8 not;
	__u8 padding[6];
};

struct settings_comm {
	char comm[SETTINGS_COMM];	/* NUL-padded */
	__u32 not;
};

struct settings_uid {
	__u32 uid;			/* of the initial user namespace */
	__u32 not;
};

struct settings_netns {
	__u32 inode;
	__u32 not;
};

/* A process of -p, or with -f a child of one: an entry of the map subjects. */
struct subject {
	__u64 start_ticks;	/* start of the process, 1/100 s since boot: a reused pid differs */
	__u32 not;		/* it is excluded */
	__u32 forked;		/* it joined while we looked, and lives */
};

struct settings {
	__u64 run;			/* copied into each record */
	__u32 hz;			/* jiffies a second of the kernel, for sk_lingertime */
	__u32 stacks;			/* -k: take the stack of the closing call */
	__u32 all;			/* --all: notes are told */
	__u32 count_only;		/* acts are counted and not written */
	__u32 preempts;			/* tracepoints can be preempted on this kernel */
	__u32 owner_mask;		/* sets in owner_table.bpf.c, a power of two, less one */
	__u64 common;			/* bytes of the ring that are for all */
	__u64 share;			/* bytes of each share of the rest; 0: there are none */
	__u32 pidns;			/* inode of our pid namespace; 0: the initial one */
	__u32 who;			/* a filter is about processes: pids, comms, uids */
	__u32 who_wants;		/* and it does not only exclude some */
	__u32 pids;			/* processes wanted by -p, in the map subjects */
	__u32 ports, addresses, comms, uids, netns;	/* used entries of what follows */
	struct settings_port port[SETTINGS_PORTS];
	struct settings_address address[SETTINGS_ADDRESSES];
	struct settings_comm comm[SETTINGS_COMMS];
	struct settings_uid uid[SETTINGS_UIDS];
	struct settings_netns ns[SETTINGS_NETNS];
};

#endif
