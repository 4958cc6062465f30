/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hook.bpf.h - function hooks */
#ifndef CLOSETRACE_HOOK_BPF_H
#define CLOSETRACE_HOOK_BPF_H

#include "common.bpf.h"

/*
 * A function hook, as fentry and as kprobe; user space loads one of the two.  The body follows the
 * macro: it is on_NAME().
 */
#define HOOK(name, function, params, args)                                                         \
	static __always_inline int on_##name params;                                               \
	SEC("kprobe/" #function) int BPF_KPROBE(kprobe_##name, PARAMS params)                      \
	{                                                                                          \
		return on_##name args;                                                             \
	}                                                                                          \
	HOOK_FENTRY(name, name, function, params, args)                                            \
	static __always_inline int on_##name params
#define HOOK_FENTRY(program, name, function, params, args)                                         \
	SEC("fentry/" #function) int BPF_PROG(fentry_##program, PARAMS params)                     \
	{                                                                                          \
		return on_##name args;                                                             \
	}
#define PARAMS(...) __VA_ARGS__

/*
 * The same, with a second fentry that does all of it again: for hooks that only note a fact.  One
 * alone is skipped for all others as long as a task is preempted in it (see copies.bpf.h), and the
 * verdict of an act would be told from its absence.  A kprobe cannot be preempted.
 */
#define HOOK_TWICE(name, function, params, args)                                                   \
	static __always_inline int on_##name params;                                               \
	HOOK_FENTRY(name##_again, name, function, params, args)                                    \
	HOOK(name, function, params, args)

#endif
