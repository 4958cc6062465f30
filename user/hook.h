/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hook.h - the table of hooks: what each tells and which BPF programs serve it */
#ifndef CLOSETRACE_HOOK_H
#define CLOSETRACE_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "types.h"

#define HOOK_ROOM 80	/* at least hook_count */

#define HOOK_SLOTS 5

/* Hooks that others ask for by name. */
#define HOOK_GRAFT	"security_sock_graft"
#define HOOK_ACCEPT	"sys_exit"
#define HOOK_FLUSH	"filp_flush"

/* How the function hooks of a run are attached. */
enum hook_way { HOOK_TRACEPOINT, HOOK_FENTRY, HOOK_KPROBE };

struct hook_info {
	const char *target;		/* tracepoint or function */
	const char *fact;		/* what it tells */
	const char *programs[HOOK_SLOTS];	/* all its copies, in this order */
	const char *type;		/* of the first program */
	const char *kprobe;		/* in their place, where fentry is refused */
	bool full;			/* a function hook */
	bool required;			/* nothing can be traced without it */
	bool owners;			/* only when processes are asked for */
	bool tree;			/* only with -f */
	bool held;			/* only with --held */
	const char *unless;		/* not where this hook, of an earlier row, is attached */
	bool replies;			/* only before 6.10 */
	bool notes;			/* only with --all */
	const char *needs;		/* an enum that the kernel must have */
	const char *replaced;		/* an enum by which kfree_skb tells the same */
	const char *module;		/* where the function is, when not in the kernel itself */
	int parameters;			/* of the function, at least; 0: whatever it takes */
};

extern const struct hook_info hook_table[];
extern const size_t hook_count;

/* The program in a slot; NULL: none. */
const char *hook_program(const struct hook_info *info, enum hook_way way, size_t slot);

/*
 * How many of its programs a hook needs on this kernel, so that none of its events is lost.  From
 * 5.12 on a program that would run inside itself is skipped; that of a tracepoint is interrupted by
 * one softirq at most, until tracepoints can be preempted.
 */
size_t hook_slots(const struct hook_info *info, const struct types *types);
bool hook_preempts(const struct types *types);

/* Whether a hook is there, and if not, whether anything is lost by it. */
enum hook_state {
	HOOK_ON,
	HOOK_MISSING,		/* what it tells is lost, or only inferred */
	HOOK_OPTION,		/* comes with an option that was not given */
	HOOK_ELSEWHERE,		/* another hook tells the same on this kernel */
};

/* Why a hook is not there. */
struct hook_lack {
	enum hook_state state;
	const char *reason;
	const char *mend;	/* a command where there is one; NULL: nothing is lost */
};

/* What decides whether a hook is loaded. */
struct hook_case {
	const struct types *types;	/* of the running kernel */
	const struct options *options;
	bool full;			/* function hooks are tried */
	enum hook_way way;
	bool no_notes;			/* tried before: the kernel refuses their hooks */
};

/* NULL when the hook is to be loaded, else why not. */
const struct hook_lack *hook_unwanted(const struct hook_info *info, const struct hook_case *when);

/* What would mend it that function hooks cannot be attached; and those at a function's end. */
#define HOOK_MEND_FUNCTIONS "a kernel with CONFIG_KPROBES=y, or BPF trampolines and no lockdown"
#define HOOK_MEND_FEXIT "a kernel with BPF trampolines (CONFIG_FUNCTION_TRACER=y)"

/*
 * Whether io_uring's close keeps a reference while it closes: as long as the function that takes
 * the descriptor away gave the file by its second parameter, up to 5.18.
 */
bool hook_uring_holds(const struct types *types);

/*
 * 0: nothing is known against it; or the negative errno with which the running kernel, whose types
 * these are, refuses each function hook of that way.
 */
int hook_way_refused(enum hook_way way, const struct types *types);

#endif
