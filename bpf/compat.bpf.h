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
 * why: file_ref_t counts from 0, and is negative without references; f_count counts from 1
 * delete when: 6.12 is no longer supported
 */
struct file___f_count {
	atomic_long_t f_count;
} __attribute__((preserve_access_index));

/* How many hold the file; 0: the last reference is gone. */
static __always_inline long compat_file_references(struct file *file)
{
	struct file___f_count *older = (void *)file;

	if (bpf_core_field_exists(file->f_ref))
		return (long)BPF_CORE_READ(file, f_ref.refcnt.counter) + 1;
	return BPF_CORE_READ(older, f_count.counter);
}

static __always_inline bool compat_file_released(struct file *file)
{
	return compat_file_references(file) <= 0;
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
 * third and fourth argument of the tracepoint kfree_skb: the reason, and the receiving socket
 * since: 5.17, together with enum skb_drop_reason; 6.11
 * why: reading one where it is missing makes the attachment fail with EINVAL
 * delete when: 6.10 is no longer supported
 */
typedef void (*btf_trace_kfree_skb___with_sk)(void *, struct sk_buff *, void *,
					      enum skb_drop_reason, struct sock *);

static __always_inline __u32 compat_drop_reason(struct bpf_raw_tracepoint_args *ctx)
{
	return bpf_core_type_exists(enum skb_drop_reason) ? (__u32)ctx->args[2] : 0;
}

static __always_inline struct sock *compat_drop_sk(struct bpf_raw_tracepoint_args *ctx)
{
	if (!bpf_core_type_exists(btf_trace_kfree_skb___with_sk))
		return NULL;
	return (struct sock *)ctx->args[3];
}

/*
 * reasons for dropping a segment with a wrong signature
 * since: MD5 in 5.18, AO in 6.7; the numbers move
 * delete when: never, the names of the kernel's reasons are not promised
 */
#define COMPAT_DROPPED(reason, name)                                                               \
	(bpf_core_enum_value_exists(enum skb_drop_reason, SKB_DROP_REASON_TCP_##name) &&           \
	 (reason) == bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_TCP_##name))

static __always_inline bool compat_unsigned(__u32 reason)
{
	return COMPAT_DROPPED(reason, MD5NOTFOUND) || COMPAT_DROPPED(reason, MD5UNEXPECTED) ||
	       COMPAT_DROPPED(reason, MD5FAILURE) || COMPAT_DROPPED(reason, AUTH_HDR) ||
	       COMPAT_DROPPED(reason, AONOTFOUND) || COMPAT_DROPPED(reason, AOUNEXPECTED) ||
	       COMPAT_DROPPED(reason, AOKEYNOTFOUND) || COMPAT_DROPPED(reason, AOFAILURE);
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

/* The same where the verifier knows the type, by a plain load. */
static __always_inline bool compat_is_mptcp_typed(struct tcp_sock *tp)
{
	if (!bpf_core_field_exists(tp->is_mptcp))
		return false;
	return BPF_CORE_READ_BITFIELD(tp, is_mptcp);
}

/*
 * tcp_sock.syn_smc
 * since: 4.16, and only with CONFIG_SMC
 * why: a TCP socket below an SMC socket is the kernel's own, and aborted by its owner's close()
 * delete when: never, it is a build option
 */
struct tcp_sock___smc {
	__u8 syn_smc : 1;
} __attribute__((preserve_access_index));

static __always_inline bool compat_is_smc(struct tcp_sock *tp)
{
	struct tcp_sock___smc *smc = (void *)tp;

	if (!bpf_core_field_exists(smc->syn_smc))
		return false;
	return BPF_CORE_READ_BITFIELD_PROBED(smc, syn_smc);
}

static __always_inline bool compat_is_smc_typed(struct tcp_sock *tp)
{
	struct tcp_sock___smc *smc = (void *)tp;

	if (!bpf_core_field_exists(smc->syn_smc))
		return false;
	return BPF_CORE_READ_BITFIELD(smc, syn_smc);
}

/*
 * struct mptcp_subflow_context
 * since: 5.6, and only with CONFIG_MPTCP; send_fastclose since 5.18
 * why: whether the application still holds its message socket is known only there
 * delete when: never, it is a build option
 */
static __always_inline struct mptcp_subflow_context *compat_subflow(struct sock *sk)
{
	if (!bpf_core_type_exists(struct mptcp_subflow_context))
		return NULL;
	return BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_data);
}

static __always_inline struct sock *compat_message_socket(struct mptcp_subflow_context *subflow)
{
	if (!bpf_core_type_exists(struct mptcp_subflow_context))
		return NULL;
	return BPF_CORE_READ(subflow, conn);
}

/*
 * The TCP socket that stands for a socket that a task holds: itself, or the first subflow of an
 * MPTCP message socket.  NULL for all others; the family is not looked at.
 */
static __always_inline struct sock *compat_tcp_socket(struct sock *sk)
{
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if (protocol == IPPROTO_TCP)
		return sk;
	if (protocol != IPPROTO_MPTCP || !bpf_core_type_exists(struct mptcp_sock))
		return NULL;
	return BPF_CORE_READ((struct mptcp_sock *)sk, first);
}

/*
 * pid.numbers[]
 * since: a flexible array from 6.5, one of 1 element before
 * why: an index beyond the declared size cannot be relocated
 * delete when: 6.4 is no longer supported
 */
static __always_inline struct upid *compat_upid(struct pid *pid, __u32 level)
{
	return (void *)pid + bpf_core_field_offset(pid->numbers) +
	       level * bpf_core_type_size(struct upid);
}

/* FACT(fastclose_told) where the kernel has the flag, and FACT(fastclose) when it is set. */
static __always_inline __u64 compat_fastclose(struct mptcp_subflow_context *subflow)
{
	if (!bpf_core_field_exists(subflow->send_fastclose))
		return 0;
	if (BPF_CORE_READ_BITFIELD_PROBED(subflow, send_fastclose))
		return FACT(fastclose_told) | FACT(fastclose);
	return FACT(fastclose_told);
}

/*
 * a field of the running task itself: not one behind a pointer, which 5.10 could not follow
 * since: bpf_get_current_task_btf() in 5.11, whose type the verifier knows: plain loads
 * why: before, each value takes a call
 * delete when: 5.10 is no longer supported
 */
#define COMPAT_CURRENT(field)                                                                      \
	(bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf) ?             \
		 bpf_get_current_task_btf()->field :                                               \
		 BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), field))

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
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (struct pt_regs *)(COMPAT_CURRENT(stack) + COMPAT_STACK_SIZE) - 1;
}

/* The number of the system call in progress; -1 when there is none or it is a 32-bit one. */
static __always_inline int compat_syscall(void)
{
	struct pt_regs *regs = compat_task_regs();

#if defined(__TARGET_ARCH_x86)
	/* TS_COMPAT (2): a 32-bit call, with numbers of its own */
	if (COMPAT_CURRENT(thread_info.status) & 2)
		return -1;
	return (int)BPF_CORE_READ(regs, orig_ax);
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, syscallno);
#endif
}

/* What the registers name, in whatever ABI; they are those of a tracepoint, whose type is known. */
static __always_inline int compat_number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (int)regs->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
	return regs->syscallno;
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
