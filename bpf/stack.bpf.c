// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stack.bpf.c - copies what user space needs to unwind the closing call: -k
 *
 * Without -k the verifier drops all of it.
 */
#include "common.bpf.h"
#include "abi/stack.h"

/*
 * Only when the running task is the one that decided: else the stack is a stranger's.  A task that
 * is not visible in our pid namespace has no number, and nothing could name its stack.
 */
bool __hidden stack_wanted(const struct record *r)
{
	if (!(r->known & KNOWN_ACTOR) || !r->actor.tid)
		return false;
	return r->actor.tid == who_pid((struct task_struct *)bpf_get_current_task());
}

/*
 * Pieces do not cross the end of a page, so that the last one of a stack is not lost with what
 * lies behind it.  Nothing is paged in: what is not in memory ends the copy.
 */
static void copy_memory(struct record_stack *stack, __u64 sp)
{
	stack->address = sp & ~(STACK_PIECE - 1ULL);
	for (__u32 at = 0; at < STACK_MEMORY; at += STACK_PIECE) {
		if (bpf_probe_read_user(stack->memory + at, STACK_PIECE,
					(void *)(stack->address + at)))
			return;
		stack->bytes = at + STACK_PIECE;
	}
}

/* Which program it is, for user space, which may come when the process has ended. */
static void name_program(struct record_stack *stack, struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	stack->start_ticks = who_start_ticks(task);
	stack->exec_id = BPF_CORE_READ(task, self_exec_id);
	stack->reserved = 0;
	stack->parent = 0;
	if (BPF_CORE_READ(parent, self_exec_id) == stack->exec_id)
		stack->parent = who_pid(BPF_CORE_READ(parent, group_leader));
}

static void copy_user(struct record_stack *stack, struct task_struct *task)
{
	__u64 sp;

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	name_program(stack, task);
	sp = compat_user_registers(stack->reg, &stack->pc);
	/* A worker of io_uring has no user side: its registers are 0. */
	if (!stack->pc)
		return;
	stack->registers = COMPAT_REGISTERS;
	copy_memory(stack, sp);
}

/* Writes a record with the stack behind it; false: there is no room for both. */
bool __hidden stack_write(void *ctx, const struct record *r)
{
	struct record_with_stack *out;
	__u32 share = share_find(r, sizeof(*out));
	long length;

	out = share == SHARE_REFUSED ? NULL : bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	if (!out) {
		__sync_fetch_and_add(&counters_here()->stack_full, 1);
		return false;
	}
	emit_fill(&out->record, r);
	out->record.share = share;
	share_use(share, sizeof(*out));
	out->stack.size = sizeof(out->stack);
	out->stack.bytes = 0;
	out->stack.registers = 0;
	copy_user(&out->stack, (struct task_struct *)bpf_get_current_task());
	length = bpf_get_stack(ctx, out->stack.kernel, sizeof(out->stack.kernel), 0);
	out->stack.frames = length > 0 ? length / sizeof(out->stack.kernel[0]) : 0;
	bpf_ringbuf_submit(out, 0);
	return true;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
