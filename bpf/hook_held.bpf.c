// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_held.bpf.c - the close that did not close: others hold the socket still
 *
 * Loaded only with --held: it looks at every close of any file.  A forked child, a duplicate, a
 * descriptor on its way through a Unix socket, a thread that waits in recv(), io_uring: each is a
 * reference, and nothing leaves for the peer before the last is gone.
 */
#include "copies.bpf.h"

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
	__u32 flags = COMPAT_CURRENT(flags);

	return (flags & (PF_KTHREAD | PF_IO_WORKER)) ||
	       (!(flags & PF_EXITING) && compat_syscall() == NR_IO_URING_ENTER);
}

/* References that remain when the running task gives up its own. */
static __always_inline long references_left(struct file *file)
{
	return compat_file_references(file) - 1 - (uring_holds && in_uring());
}

static __always_inline void tell_held(struct file *file, struct sock *sk, __u8 state)
{
	struct pending *held;
	__u64 key = number_of_any(file);

	/* The file is the key: the entry lives no longer than this function runs. */
	held = pending_get(key);
	if (!held) {
		emit_count(RECORD_HELD, FATE_PENDING_FULL);
		return;
	}
	/* The lock is not held, but the task is at work on this very file. */
	held->record.facts = FACT(owned);
	sample_socket(&held->record, sk, state);
	held->record.facts = 0;
	held->record.references = references_left(file);
	held->record.inode = BPF_CORE_READ(file, f_inode, i_ino);
	write_held(&held->record);
	pending_drop(key);
}

/*
 * The event for copies.bpf.h: which task closes which socket.  No address of the file, as the
 * verifier forbids arithmetic on typed pointers.
 */
static __always_inline __u64 held_event(struct file *file)
{
	__u64 inode = BPF_CORE_READ(file, f_inode, i_ino);

	return ((bpf_get_current_pid_tgid() << 32) ^ inode) << 6;
}

/* The running task gives up its reference to a file. */
static __always_inline int on_close_file(struct file *file, __u32 copy)
{
	struct sock *sk = references_left(file) > 0 ? who_socket(file) : NULL;
	__u8 state;

	if (!sk)
		return 0;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return 0;
	return COPY_RUNS(COPY_HELD, held_event(file), copy, tell_held(file, sk, state));
}

/* Whether the running task is in close(2) itself, which flushes and then puts the file. */
static bool in_close_call(void)
{
	return !(COMPAT_CURRENT(flags) & PF_EXITING) && compat_syscall() == NR_CLOSE;
}

/* From 6.6 on close(2) comes here, and filp_close() as well, which is told there. */
static __always_inline int on_filp_flush(struct file *file, __u32 copy)
{
	return in_close_call() ? on_close_file(file, copy) : 0;
}

static __always_inline int on_filp_close(struct file *file, __u32 copy)
{
	return flush_watched && in_close_call() ? 0 : on_close_file(file, copy);
}

/* Without function hooks: close(2), dup2(2) and dup3(2), before they run. */
static __always_inline int on_call(struct pt_regs *regs, long number, __u32 copy)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct file *file;
	__u64 fd;

	if (number != NR_CLOSE && number != NR_DUP2 && number != NR_DUP3)
		return 0;
	/* The registers say whether it is a call of this ABI. */
	if (compat_syscall() != number)
		return 0;
	fd = number == NR_CLOSE ? PT_REGS_PARM1_CORE_SYSCALL(regs) :
				  PT_REGS_PARM2_CORE_SYSCALL(regs);
	if (number != NR_CLOSE && fd == PT_REGS_PARM1_CORE_SYSCALL(regs))
		return 0;
	file = who_file(task, (__u32)fd);
	return file ? on_close_file(file, copy) : 0;
}

#define HELD_COPY(copy)                                                                            \
	SEC("fentry/filp_flush")                                                                   \
	int BPF_PROG(fentry_filp_flush_##copy, struct file *file)                                  \
	{                                                                                          \
		return on_filp_flush(file, copy);                                                  \
	}                                                                                          \
	SEC("fentry/filp_close")                                                                   \
	int BPF_PROG(fentry_filp_close_##copy, struct file *file)                                  \
	{                                                                                          \
		return on_filp_close(file, copy);                                                  \
	}                                                                                          \
	SEC("raw_tp/sys_enter")                                                                    \
	int hook_held_call_##copy(struct bpf_raw_tracepoint_args *ctx)                             \
	{                                                                                          \
		return on_call((struct pt_regs *)ctx->args[0], (long)ctx->args[1], copy);          \
	}

HELD_COPY(0)
HELD_COPY(1)
HELD_COPY(2)
HELD_COPY(3)
HELD_COPY(4)

SEC("kprobe/filp_flush")
int BPF_KPROBE(kprobe_filp_flush, struct file *file)
{
	return on_filp_flush(file, 0);
}

SEC("kprobe/filp_close")
int BPF_KPROBE(kprobe_filp_close, struct file *file)
{
	return on_filp_close(file, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
