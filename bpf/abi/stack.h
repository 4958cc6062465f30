/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stack.h - the stack of the closing call: what follows a record in the ring with -k
 *
 * Registers and a piece of memory, which user space unwinds: programs have no frame pointers, and
 * only a live process has its memory.  A recording need not keep it.
 */
#ifndef CLOSETRACE_STACK_H
#define CLOSETRACE_STACK_H

#ifndef __bpf__	/* there vmlinux.h has them */
#include <linux/types.h>
#endif

#include "record.h"

#define STACK_REGISTERS	33		/* room for those of arm64 */
#define STACK_FRAMES	64		/* of the kernel */
#define STACK_MEMORY	(32 * 1024)	/* bytes of the user stack */
#define STACK_PIECE	1024		/* read as a whole or not at all; divides a page */

struct record_stack {
	__u32 size;			/* sizeof(struct record_stack) */
	__u32 bytes;			/* of memory[]; less where the stack ends */
	__u32 frames;			/* of kernel[] */
	__u32 registers;		/* of reg[]; 0: the task has no user stack */
	__u64 start_ticks;		/* of the process, 1/100 s since boot */
	__u64 exec_id;			/* differs after execve() */
	__u32 parent;			/* pid; 0: it has called execve() since fork() */
	__u32 reserved;
	__u64 address;			/* of memory[0]; below or at the stack pointer */
	__u64 pc;
	__u64 reg[STACK_REGISTERS];	/* as DWARF numbers them on this machine */
	__u64 kernel[STACK_FRAMES];	/* return addresses, innermost first */
	__u8 memory[STACK_MEMORY];
};

/* What is in the ring. */
struct record_with_stack {
	struct record record;
	struct record_stack stack;
};

#endif
