// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_held.bpf.c - the close that did not close: others hold the socket still
 *
 * Loaded only with --held: it looks at every close of any file.  A forked child, a duplicate, a
 * descriptor on its way through a Unix socket, a thread that waits in recv(), io_uring: each is a
 * reference, and nothing leaves for the peer before the last is gone.
 */
#include "common.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define NR_CLOSE	3
#define NR_DUP2		33
#define NR_DUP3		292
#elif defined(__TARGET_ARCH_arm64)
#define NR_CLOSE	57
#define NR_DUP2		(-2)	/* there is none */
#define NR_DUP3		24
#endif

#define NR_IO_URING_ENTER 426	/* on all architectures but alpha */

/* Set by user space: io_uring's close has a reference of its own while it closes, up to 5.18. */
__u32 uring_holds = 0;

/* Set by user space when filp_flush() is watched: then close(2) does not pass filp_close(). */
__u32 flush_watched = 0;

static void write_held(struct record *r)
{
	__u32 fate;

	r->kind = RECORD_HELD;
	fate = filter_fate(r);
	if (fate == FATE_EMITTED)
		fate = emit_write(NULL, r);
	emit_count(RECORD_HELD, fate);
}

/*
 * A worker, the thread that polls a ring, or a call for one: no other file is closed there, and up
 * to 5.11 the threads are the kernel's own.
 */
static bool in_uring(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 flags = BPF_CORE_READ(task, flags);

	return (flags & (PF_KTHREAD | PF_IO_WORKER)) ||
	       (!(flags & PF_EXITING) && compat_syscall(task) == NR_IO_URING_ENTER);
}

/* The running task gives up its reference to a file. */
static __always_inline int on_close_file(struct file *file)
{
	long left = compat_file_references(file) - 1 - (uring_holds && in_uring());
	struct sock *sk = left > 0 ? who_socket(file) : NULL;
	struct pending *held;
	__u64 key = (__u64)file;
	__u8 state;

	if (!sk)
		return 0;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return 0;
	/* The file is the key: the entry lives no longer than this function runs. */
	held = pending_get((struct sock *)file);
	if (!held) {
		emit_count(RECORD_HELD, FATE_PENDING_FULL);
		return 0;
	}
	/* The lock is not held, but the task is at work on this very file. */
	held->record.facts = FACT(owned);
	sample_socket(&held->record, sk, state);
	held->record.facts = 0;
	held->record.references = left;
	held->record.inode = BPF_CORE_READ(file, f_inode, i_ino);
	write_held(&held->record);
	bpf_map_delete_elem(&pendings, &key);
	return 0;
}

/* Whether the running task is in close(2) itself, which flushes and then puts the file. */
static bool in_close_call(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return !(BPF_CORE_READ(task, flags) & PF_EXITING) && compat_syscall(task) == NR_CLOSE;
}

/* From 6.6 on close(2) comes here, and filp_close() as well, which is told there. */
HOOK(filp_flush, filp_flush, (struct file *file), (file))
{
	return in_close_call() ? on_close_file(file) : 0;
}

HOOK(filp_close, filp_close, (struct file *file), (file))
{
	return flush_watched && in_close_call() ? 0 : on_close_file(file);
}

/* Without function hooks: close(2), dup2(2) and dup3(2), before they run. */
SEC("raw_tp/sys_enter")
int hook_held_call(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	long number = (long)ctx->args[1];
	struct file *file;
	__u64 fd;

	if (number != NR_CLOSE && number != NR_DUP2 && number != NR_DUP3)
		return 0;
	/* The registers say whether it is a call of this ABI. */
	if (compat_syscall(task) != number)
		return 0;
	fd = number == NR_CLOSE ? PT_REGS_PARM1_CORE_SYSCALL(regs) :
				  PT_REGS_PARM2_CORE_SYSCALL(regs);
	if (number != NR_CLOSE && fd == PT_REGS_PARM1_CORE_SYSCALL(regs))
		return 0;
	file = who_file(task, (__u32)fd);
	return file ? on_close_file(file) : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
