/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stack.h - the stack of the closing call: from what the kernel copied to frames with names
 *
 * Programs that were seen are remembered, a few at a time, so that their later stacks are told when
 * they have ended.
 */
#ifndef CLOSETRACE_USER_STACK_H
#define CLOSETRACE_USER_STACK_H

#include <sys/types.h>

#include "act.h"
#include "frame.h"

struct stacks;

/* Reads the kernel's symbols.  NULL: no memory. */
struct stacks *stack_open(void);

/* A process whose acts are wanted: its program is read now, because it may end. */
void stack_learn(struct stacks *stacks, pid_t pid);

/* The same for the actor of an act that has just come. */
void stack_note(struct stacks *stacks, const struct act *act);

/* The frames of an act, valid until the next call. */
const struct act_frames *stack_frames(struct stacks *stacks, const struct act *act);

void stack_close(struct stacks *stacks);

/* Why stacks have no names here; NULL: they have. */
const char *stack_user_hidden(void);
const char *stack_kernel_hidden(void);

#endif
