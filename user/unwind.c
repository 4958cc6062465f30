// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unwind.c - libdwfl goes from frame to frame as long as there are tables
 *
 * Code that a runtime made has none, nor have some functions in assembly.  There the next frame is
 * looked for as a convention has it, and libdwfl goes on from that.
 */
#include <stdlib.h>
#include <string.h>

#include "unwind.h"

/* As DWARF numbers them. */
#if defined(__x86_64__)
#define FRAME_POINTER	6
#define STACK_POINTER	7
#elif defined(__aarch64__)
#define FRAME_POINTER	29
#define STACK_POINTER	31
#else
#error "add the architecture: numbers of frame and stack pointer"
#endif

/* Registers of one frame. */
struct registers {
	struct unwind_frame at;
	Dwarf_Word value[STACK_REGISTERS];
	bool known[STACK_REGISTERS];
};

struct walk {
	struct image *image;
	const struct record_stack *stack;
	struct registers registers;	/* to begin with; then those of a frame without a table */
	bool begun;			/* the frame to begin with was taken */
	bool stopped;			/* at a frame without a table, whose registers are kept */
	bool beyond;			/* the stack was read behind its end */
	struct unwind_frame *frames;
	size_t count, room;
	size_t guess;			/* the first frame that was guessed */
	enum unwind_end end;
};

static pid_t next_thread(Dwfl *dwfl, void *dwfl_arg, void **thread_arg)
{
	(void)dwfl;
	(void)dwfl_arg;
	(void)thread_arg;
	return 0;
}

/* There is one thread at a time: that of the stack. */
static bool get_thread(Dwfl *dwfl, pid_t tid, void *dwfl_arg, void **thread_arg)
{
	const struct image *image = dwfl_arg;

	(void)dwfl;
	(void)tid;
	*thread_arg = image->walk;
	return true;
}

static bool read_word(struct walk *walk, uint64_t address, uint64_t *word)
{
	const struct record_stack *stack = walk->stack;
	uint64_t at = address - stack->address;

	if (address < stack->address)
		return false;
	if (at > STACK_MEMORY || at + sizeof(*word) > stack->bytes) {
		walk->beyond = true;
		return false;
	}
	memcpy(word, stack->memory + at, sizeof(*word));
	return true;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *dwfl_arg)
{
	const struct image *image = dwfl_arg;
	uint64_t word;

	(void)dwfl;
	if (!read_word(image->walk, address, &word))
		return false;
	*result = word;
	return true;
}

/* libdwfl takes the first address as exact: so it gets one within the call. */
static bool set_registers(Dwfl_Thread *thread, void *thread_arg)
{
	const struct registers *registers = &((struct walk *)thread_arg)->registers;

	dwfl_thread_state_register_pc(thread, registers->at.pc - !registers->at.exact);
	for (unsigned int i = 0; i < STACK_REGISTERS; i++) {
		if (registers->known[i] &&
		    !dwfl_thread_state_registers(thread, (int)i, 1, &registers->value[i]))
			return false;
	}
	return true;
}

static const Dwfl_Thread_Callbacks callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = memory_read,
	.set_initial_registers = set_registers,
};

void unwind_attach(struct image *image)
{
	/* It fails where no file can be opened: then there is nothing to unwind by. */
	dwfl_attach_state(image->dwfl, NULL, image->pid, &callbacks, image);
}

static bool has_row(Dwarf_CFI *table, uint64_t address)
{
	Dwarf_Frame *row;

	if (!table || dwarf_cfi_addrframe(table, address, &row))
		return false;
	free(row);
	return true;
}

static bool has_table(const struct image *image, uint64_t address)
{
	Dwfl_Module *module = image_module(image, address);
	Dwarf_Addr bias = 0;
	Dwarf_CFI *table;

	if (!module)
		return false;
	table = dwfl_module_eh_cfi(module, &bias);
	if (has_row(table, address - bias))
		return true;
	table = dwfl_module_dwarf_cfi(module, &bias);
	return has_row(table, address - bias);
}

static void keep_registers(struct walk *walk, Dwfl_Frame *state, const struct unwind_frame *at)
{
	struct registers *registers = &walk->registers;

	registers->at = *at;
	for (unsigned int i = 0; i < STACK_REGISTERS; i++)
		registers->known[i] = i < walk->stack->registers &&
				      !dwfl_frame_reg(state, i, &registers->value[i]);
}

static int take(Dwfl_Frame *state, void *arg)
{
	struct walk *walk = arg;
	struct unwind_frame *frame = &walk->frames[walk->count];
	uint64_t address;

	walk->beyond = false;
	walk->end = UNWIND_FULL;
	if (walk->count == walk->room)
		return DWARF_CB_ABORT;
	if (!walk->begun) {
		*frame = walk->registers.at;
		walk->begun = true;
	} else if (!dwfl_frame_pc(state, &frame->pc, &frame->exact)) {
		walk->end = UNWIND_NO_TABLE;
		return DWARF_CB_ABORT;
	}
	address = frame->pc - !frame->exact;
	walk->end = UNWIND_NO_CODE;
	if (!maps_executable(&walk->image->maps, address))
		return DWARF_CB_ABORT;
	walk->count++;
	walk->end = UNWIND_NO_TABLE;
	if (has_table(walk->image, address))
		return DWARF_CB_OK;
	keep_registers(walk, state, frame);
	walk->stopped = true;
	return DWARF_CB_ABORT;
}

/* From the registers of a frame to those of its caller, of which no others are known. */
static void set_caller(struct walk *walk, uint64_t pc, uint64_t sp, uint64_t fp)
{
	struct registers *registers = &walk->registers;

	memset(registers->known, 0, sizeof(registers->known));
	registers->at.pc = pc;
	registers->at.exact = false;
	registers->value[STACK_POINTER] = sp;
	registers->value[FRAME_POINTER] = fp;
	registers->known[STACK_POINTER] = true;
	registers->known[FRAME_POINTER] = true;
}

/*
 * CPython (-X perf) enters each Python function by a few instructions of its own, which leave one
 * word on the stack (x86_64; up to 3.13) and touch no other register.
 */
static bool step_python(struct walk *walk)
{
	struct registers *registers = &walk->registers;
	uint64_t sp = registers->value[STACK_POINTER], offset, pc;
	const char *name;

	name = symbols_find_runtime(&walk->image->runtime, registers->at.pc - 1, &offset);
	if (!name || strncmp(name, "py::", 4) || registers->value[FRAME_POINTER] == sp ||
	    !read_word(walk, sp + 8, &pc))
		return false;
	registers->at.pc = pc;
	registers->value[STACK_POINTER] = sp + 16;
	return true;
}

/* A system call in a function of assembly that has not touched the stack, as in Go. */
static bool step_leaf(struct walk *walk)
{
	const struct registers *registers = &walk->registers;
	uint64_t sp = registers->value[STACK_POINTER], pc;

	if (!registers->at.exact || !read_word(walk, sp, &pc) ||
	    !maps_executable(&walk->image->maps, pc))
		return false;
	set_caller(walk, pc, sp + 8, registers->value[FRAME_POINTER]);
	return true;
}

/* Most runtimes keep the frame pointer: it points at the caller's, the return address follows. */
static bool step_frame_pointer(struct walk *walk)
{
	const struct registers *registers = &walk->registers;
	uint64_t sp = registers->value[STACK_POINTER], fp = registers->value[FRAME_POINTER];
	uint64_t pc, next;

	if (!registers->known[FRAME_POINTER] || fp < sp || fp % sizeof(fp) ||
	    !read_word(walk, fp, &next) || !read_word(walk, fp + 8, &pc))
		return false;
	set_caller(walk, pc, fp + 16, next);
	return true;
}

/* Past a frame without a table; false: no way is known. */
static bool step(struct walk *walk)
{
	if (!walk->stopped || !walk->registers.known[STACK_POINTER])
		return false;
	walk->beyond = false;
	if (step_python(walk))
		return true;
	if (walk->guess > walk->count)
		walk->guess = walk->count;
	return step_leaf(walk) || step_frame_pointer(walk);
}

static void follow_tables(struct walk *walk)
{
	int rc;

	walk->begun = false;
	walk->stopped = false;
	walk->beyond = false;
	rc = dwfl_getthread_frames(walk->image->dwfl, walk->image->pid, take, walk);
	if (rc == DWARF_CB_ABORT)
		return;
	/* A return address that cannot be read looks to libdwfl like the start of the thread. */
	if (walk->begun && !rc && !walk->beyond)
		walk->end = UNWIND_COMPLETE;
	else
		walk->end = UNWIND_NO_TABLE;
}

enum unwind_end unwind_stack(struct image *image, const struct record_stack *stack,
			     struct unwind_frame *frames, size_t room, size_t *count)
{
	struct walk walk = {
		.image = image,
		.stack = stack,
		.registers.at = { .pc = stack->pc, .exact = true },
		.frames = frames,
		.room = room,
		.guess = SIZE_MAX,
	};

	for (size_t i = 0; i < stack->registers; i++) {
		walk.registers.value[i] = stack->reg[i];
		walk.registers.known[i] = true;
	}
	image->walk = &walk;
	do
		follow_tables(&walk);
	while (step(&walk));
	image->walk = NULL;
	if (!walk.count)
		frames[walk.count++] = walk.registers.at;
	if (walk.end == UNWIND_NO_TABLE && walk.beyond)
		walk.end = UNWIND_BEYOND;
	/* What a convention found is believed when it leads somewhere. */
	if ((walk.end == UNWIND_NO_TABLE || walk.end == UNWIND_NO_CODE) && walk.guess < walk.count)
		walk.count = walk.guess;
	*count = walk.count;
	return walk.end;
}
