/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compat.bpf.h - every difference in shape between kernels, one accessor each
 *
 * Presence is decided from the running kernel's BTF, never from its version.  Each accessor says
 * since when a shape exists, why it matters, and when the older branch can go.
 */
#ifndef CLOSETRACE_COMPAT_BPF_H
#define CLOSETRACE_COMPAT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * struct file.f_ref
 * since: 6.13, f_count before
 * why: a negative file_ref_t is a file without references; an f_count of 0 is the same
 * delete when: 6.12 is no longer supported
 */
struct file___f_count {
	atomic_long_t f_count;
} __attribute__((preserve_access_index));

static __always_inline bool compat_file_released(struct file *file)
{
	struct file___f_count *older = (void *)file;

	if (bpf_core_field_exists(file->f_ref))
		return (long)BPF_CORE_READ(file, f_ref.refcnt.counter) < 0;
	return BPF_CORE_READ(older, f_count.counter) == 0;
}

/*
 * third argument of the tracepoint tcp_send_reset
 * since: 6.10, together with enum sk_rst_reason
 * why: reading it where it is missing makes the attachment fail with EINVAL
 * delete when: 6.9 is no longer supported
 */
static __always_inline bool compat_has_reason(void)
{
	return bpf_core_type_exists(enum sk_rst_reason);
}

/*
 * tcp_sock.is_mptcp
 * since: 5.6, and only with CONFIG_MPTCP
 * delete when: never, it is a build option
 */
static __always_inline bool compat_is_mptcp(struct tcp_sock *tp)
{
	if (!bpf_core_field_exists(tp->is_mptcp))
		return false;
	return BPF_CORE_READ_BITFIELD_PROBED(tp, is_mptcp);
}

/*
 * the registers a task saved when it entered the kernel
 * since: bpf_task_pt_regs() in 5.15; before, they lie at the top of the task's stack
 * why: they hold the number of the system call
 * delete when: 5.14 is no longer supported
 */
#if defined(__TARGET_ARCH_x86)
#define COMPAT_STACK_SIZE	(16 * 1024)	/* THREAD_SIZE of x86_64 without KASAN */
#elif defined(__TARGET_ARCH_arm64)
#define COMPAT_STACK_SIZE	(16 * 1024)	/* with pages of 4 KiB */
#else
#error "add the architecture: stack size, registers and system call number"
#endif

static __always_inline struct pt_regs *compat_task_regs(void)
{
	struct task_struct *task;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (struct task_struct *)bpf_get_current_task();
	return (struct pt_regs *)(BPF_CORE_READ(task, stack) + COMPAT_STACK_SIZE) - 1;
}

/* The number of the system call in progress; -1 when there is none or it is a 32-bit one. */
static __always_inline int compat_syscall(struct task_struct *task)
{
	struct pt_regs *regs = compat_task_regs();

#if defined(__TARGET_ARCH_x86)
	/* TS_COMPAT (2): a 32-bit call, with numbers of its own */
	if (BPF_CORE_READ(task, thread_info.status) & 2)
		return -1;
	return (int)BPF_CORE_READ(regs, orig_ax);
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, syscallno);
#endif
}

/*
 * The user registers of the running task in the order of DWARF; its stack pointer.  On arm64 the
 * program counter is not one of them.
 */
#if defined(__TARGET_ARCH_x86)
#define COMPAT_REGISTERS	17
#elif defined(__TARGET_ARCH_arm64)
#define COMPAT_REGISTERS	32
#endif

static __always_inline __u64 compat_user_registers(__u64 reg[COMPAT_REGISTERS], __u64 *pc)
{
	struct pt_regs regs;

	bpf_probe_read_kernel(&regs, sizeof(regs), compat_task_regs());
#if defined(__TARGET_ARCH_x86)
	reg[0] = regs.ax;
	reg[1] = regs.dx;
	reg[2] = regs.cx;
	reg[3] = regs.bx;
	reg[4] = regs.si;
	reg[5] = regs.di;
	reg[6] = regs.bp;
	reg[7] = regs.sp;
	reg[8] = regs.r8;
	reg[9] = regs.r9;
	reg[10] = regs.r10;
	reg[11] = regs.r11;
	reg[12] = regs.r12;
	reg[13] = regs.r13;
	reg[14] = regs.r14;
	reg[15] = regs.r15;
	reg[16] = regs.ip;
	*pc = regs.ip;
	return regs.sp;
#elif defined(__TARGET_ARCH_arm64)
	for (int i = 0; i < COMPAT_REGISTERS - 1; i++)
		reg[i] = regs.regs[i];
	reg[COMPAT_REGISTERS - 1] = regs.sp;
	*pc = regs.pc;
	return regs.sp;
#endif
}

#endif
