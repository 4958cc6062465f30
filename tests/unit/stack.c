// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stack.c - the stack of this very process, copied as the kernel would, through all of user space
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "abi/stack.h"
#include "act.h"
#include "fixture.h"
#include "order.h"
#include "process.h"
#include "stack.h"

/* What is handed in may be gone at once; what is handed out is valid for the call. */
static void check_stack(void *context, struct act *act)
{
	unsigned int *seen = context;

	cr_assert(act->stack);
	cr_expect_eq(act->stack->pc, act->record.socket);
	cr_expect_eq(act->stack->bytes, act->record.socket % 3 * STACK_PIECE);
	for (size_t i = 0; i < act->stack->bytes; i++)
		cr_assert_eq(act->stack->memory[i], (uint8_t)act->record.socket);
	(*seen)++;
}

Test(stack, order_keeps_copies)
{
	struct record_stack *stack = malloc(sizeof(*stack));
	struct order order = { 0 };
	unsigned int seen = 0;

	cr_assert(stack);
	for (unsigned int i = 1; i <= 100; i++) {
		struct act act = { .stack = stack };

		fixture_plain(&act.record);
		act.record.time_ns = 1000 + i * 7919 % 100;
		act.record.socket = i;
		memset(stack, (int)i, sizeof(*stack));
		stack->pc = i;
		stack->bytes = i % 3 * STACK_PIECE;
		cr_assert_eq(order_add(&order, &act), 0);
	}
	free(stack);
	order_release(&order, UINT64_MAX, check_stack, &seen);
	cr_expect_eq(seen, 100);
	order_free(&order);
}

#if defined(__x86_64__)

/* DWARF's number of each register of a ucontext. */
static const int order[] = {
	REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
	REG_R9,	 REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

static void copy_registers(struct record_stack *stack, const ucontext_t *context)
{
	stack->registers = sizeof(order) / sizeof(order[0]);
	for (size_t i = 0; i < stack->registers; i++)
		stack->reg[i] = (uint64_t)context->uc_mcontext.gregs[order[i]];
	stack->pc = stack->reg[16];
}

/* Whole pieces from the stack pointer on, as stack.bpf.c copies them. */
static void copy_memory(struct record_stack *stack, size_t most)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	stack->address = stack->reg[7] & ~(STACK_PIECE - 1ULL);
	while (stack->bytes < most) {
		/* write() says whether it is mapped; a read would be fatal. */
		const void *from = (const void *)(stack->address + stack->bytes);

		if (write(ends[1], from, STACK_PIECE) != STACK_PIECE)
			break;
		cr_assert_eq(read(ends[0], stack->memory + stack->bytes, STACK_PIECE), STACK_PIECE);
		stack->bytes += STACK_PIECE;
	}
	close(ends[0]);
	close(ends[1]);
}

static void init(struct act *act, struct record_stack *stack)
{
	memset(stack, 0, sizeof(*stack));
	memset(act, 0, sizeof(*act));
	fixture_plain(&act->record);
	stack->size = sizeof(*stack);
	stack->start_ticks = process_start_ticks(getpid());
	stack->exec_id = 7;
	act->record.known |= KNOWN_ACTOR | KNOWN_SYSCALL;
	act->record.known &= ~KNOWN_EXIT;
	act->record.syscall = SYS_close;
	act->record.actor.pid = (uint32_t)getpid();
	act->record.actor.tid = (uint32_t)gettid();
	act->stack = stack;
}

/* A chain whose names are known; the calls are no tail calls. */
__attribute__((noipa))
static void unit_stack_inner(struct record_stack *stack, size_t most)
{
	ucontext_t context;

	cr_assert_eq(getcontext(&context), 0);
	copy_registers(stack, &context);
	copy_memory(stack, most);
}

__attribute__((noipa))
static void unit_stack_middle(struct record_stack *stack, size_t most)
{
	volatile char room[3000];

	room[0] = 1;
	unit_stack_inner(stack, most);
	room[1] = room[0];
}

__attribute__((noipa))
static void unit_stack_outer(struct record_stack *stack, size_t most)
{
	volatile char room[100];

	room[0] = 1;
	unit_stack_middle(stack, most);
	room[1] = room[0];
}

/* The index of the frame of this function, or -1. */
static int frame_of(const struct frames *frames, const char *symbol)
{
	for (size_t i = 0; i < frames->count; i++) {
		if (!strcmp(frames->frame[i].symbol, symbol))
			return (int)i;
	}
	return -1;
}

static const char *last_of(const struct frames *frames)
{
	return frames->count ? frames->frame[frames->count - 1].symbol : "";
}

static void expect_chain(const struct frames *frames)
{
	int inner = frame_of(frames, "unit_stack_inner");

	cr_expect(frames->known);
	cr_expect_eq(inner, 0, "inner is frame %d", inner);
	cr_expect_eq(frame_of(frames, "unit_stack_middle"), inner + 1);
	cr_expect_eq(frame_of(frames, "unit_stack_outer"), inner + 2);
	cr_expect_str_eq(frames->frame[0].module, "unit");
}

Test(stack, own_stack_is_told_to_its_beginning)
{
	static struct record_stack stack;
	const struct act_frames *frames;
	struct stacks *stacks = stack_open();
	struct act act;

	init(&act, &stack);
	unit_stack_outer(&stack, STACK_MEMORY);
	frames = stack_frames(stacks, &act);
	expect_chain(&frames->user);
	cr_expect_str_eq(last_of(&frames->user), "_start", "ends in %s", last_of(&frames->user));
	cr_expect(!frames->kernel.known);
	/* A second time by what is remembered. */
	frames = stack_frames(stacks, &act);
	expect_chain(&frames->user);
	cr_expect_str_eq(last_of(&frames->user), "_start");
	stack_close(stacks);
}

static void *thread(void *context)
{
	unit_stack_outer(context, STACK_MEMORY);
	return NULL;
}

Test(stack, a_thread_begins_in_clone)
{
	static struct record_stack stack;
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	pthread_t id;
	struct act act;

	init(&act, &stack);
	cr_assert_eq(pthread_create(&id, NULL, thread, &stack), 0);
	pthread_join(id, NULL);
	frames = stack_frames(stacks, &act);
	expect_chain(&frames->user);
	cr_expect(!frames->user.frame[frames->user.count - 1].mark, "%s", last_of(&frames->user));
	stack_close(stacks);
}

Test(stack, a_piece_that_is_too_short_is_marked)
{
	static struct record_stack stack;
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	struct act act;

	init(&act, &stack);
	unit_stack_outer(&stack, 2 * STACK_PIECE);
	frames = stack_frames(stacks, &act);
	cr_expect_eq(frame_of(&frames->user, "unit_stack_inner"), 0);
	cr_expect_str_eq(last_of(&frames->user), "[partial: deeper than what was copied]");
	stack_close(stacks);
}

Test(stack, what_exit_and_exec_took_away_is_marked)
{
	static struct record_stack stack;
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	struct act act;

	init(&act, &stack);
	unit_stack_outer(&stack, 0);
	act.record.known |= KNOWN_EXIT;
	act.record.known &= ~KNOWN_SYSCALL;
	frames = stack_frames(stacks, &act);
	cr_expect_eq(frames->user.count, 2);
	cr_expect_str_eq(frames->user.frame[0].symbol, "unit_stack_inner");
	cr_expect_str_eq(last_of(&frames->user),
			 "[partial: the process was exiting, its memory was gone]");
	init(&act, &stack);
	unit_stack_outer(&stack, STACK_MEMORY);
	act.record.syscall = SYS_execve;
	frames = stack_frames(stacks, &act);
	cr_expect_eq(frames->user.count, 1);
	cr_expect_str_eq(last_of(&frames->user),
			 "[partial: execve() had replaced the program]");
	stack_close(stacks);
}

/* A kernel thread, or no actor: no stack, which is not an empty one. */
Test(stack, nothing_is_not_an_empty_stack)
{
	static struct record_stack stack;
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	struct act act;

	init(&act, &stack);
	frames = stack_frames(stacks, &act);
	cr_expect(!frames->user.known && !frames->kernel.known);
	act.stack = NULL;
	frames = stack_frames(stacks, &act);
	cr_expect(!frames->user.known && !frames->kernel.known);
	stack_note(stacks, &act);
	stack_close(stacks);
}

/* Registers that cannot be of the program: of a process that had its number, or before execve(). */
Test(stack, a_stranger_is_not_named_by_our_program)
{
	static struct record_stack stack;
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	struct act act;

	init(&act, &stack);
	unit_stack_outer(&stack, STACK_MEMORY);
	stack.start_ticks++;
	frames = stack_frames(stacks, &act);
	cr_expect_eq(frames->user.count, 2);
	cr_expect_str_eq(frames->user.frame[0].symbol, "");
	cr_expect_eq(frames->user.frame[0].offset, stack.pc);
	cr_expect_str_eq(last_of(&frames->user),
			 "[partial: the process ended before its program was read]");
	stack.start_ticks--;
	stack.address = 0x1000;
	frames = stack_frames(stacks, &act);
	cr_expect_eq(frames->user.count, 2, "another program has other memory");
	stack_close(stacks);
}

/* A child that has ended is told by what its parent is; one that called execve() is not. */
Test(stack, a_child_has_the_program_of_its_parent)
{
	struct record_stack *stack = mmap(NULL, sizeof(*stack), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	struct act act;
	pid_t pid;

	cr_assert_neq(stack, MAP_FAILED);
	init(&act, stack);
	pid = fork();
	if (!pid) {
		unit_stack_outer(stack, STACK_MEMORY);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	act.record.actor.pid = (uint32_t)pid;
	frames = stack_frames(stacks, &act);
	cr_expect_eq(frames->user.count, 2);
	stack->parent = (uint32_t)getpid();
	frames = stack_frames(stacks, &act);
	expect_chain(&frames->user);
	cr_expect_str_eq(last_of(&frames->user), "_start");
	stack_close(stacks);
}

/* What was learned before the process ended is enough. */
Test(stack, a_process_that_ended_was_learned)
{
	struct record_stack *stack = mmap(NULL, sizeof(*stack), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct stacks *stacks = stack_open();
	const struct act_frames *frames;
	struct act act;
	int ends[2];
	pid_t pid;
	char byte;

	cr_assert_neq(stack, MAP_FAILED);
	cr_assert_eq(pipe(ends), 0);
	init(&act, stack);
	pid = fork();
	if (!pid) {
		unit_stack_outer(stack, STACK_MEMORY);
		_exit(read(ends[0], &byte, 1) != 1);
	}
	act.record.actor.pid = (uint32_t)pid;
	stack->start_ticks = process_start_ticks(pid);
	stack_learn(stacks, pid);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	frames = stack_frames(stacks, &act);
	expect_chain(&frames->user);
	cr_expect_str_eq(last_of(&frames->user), "_start");
	stack_close(stacks);
}

/* Any bytes in the place of the stack: an end, and a mark when it is not the right one. */
Test(stack, rubbish_comes_to_an_end)
{
	static struct record_stack stack;
	struct stacks *stacks = stack_open();
	struct act act;

	init(&act, &stack);
	unit_stack_outer(&stack, STACK_MEMORY);
	srandom(4711);
	for (unsigned int round = 0; round < 300; round++) {
		const struct frames *user;

		for (size_t i = 0; i < stack.bytes; i += 8) {
			uint64_t word = stack.address + (uint64_t)random() % STACK_MEMORY;

			if (random() % 2)
				word = stack.pc + (uint64_t)random() % 65536;
			memcpy(stack.memory + i, &word, sizeof(word));
		}
		user = &stack_frames(stacks, &act)->user;
		cr_assert(user->known && user->count && user->count <= FRAMES_ROOM);
		cr_expect(user->frame[user->count - 1].mark || !strcmp(last_of(user), "_start"),
			  "round %u ends in %s", round, last_of(user));
	}
	stack_close(stacks);
}

#endif
