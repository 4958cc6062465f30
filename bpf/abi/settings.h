/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * settings.h - what user space tells the programs before they load
 *
 * The structure lives in .rodata: the verifier knows its values and drops the branches that this
 * run does not need.
 */
#ifndef CLOSETRACE_SETTINGS_H
#define CLOSETRACE_SETTINGS_H

#ifndef __bpf__	/* there vmlinux.h has them */
#include <linux/types.h>
#endif

#define SETTINGS_PIDS	64	/* of -p */
#define SETTINGS_PORTS	32	/* of -P */

struct settings {
	__u64 run;			/* copied into each record */
	__u32 pids;			/* entries of the map subjects; 0: every process */
	__u32 ports;			/* used entries of port[]; 0: every port */
	__u32 ports_wanted;		/* the first so many must match, the rest must not */
	__u32 hz;			/* jiffies a second of the kernel, for sk_lingertime */
	__u32 stacks;			/* -k: take the stack of the closing call */
	__u16 port[SETTINGS_PORTS];	/* host byte order, either side */
};

#endif
