// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * undisturbed.bpf.c - no other task on this CPU while a program runs
 *
 * From 5.12 on the kernel skips a program that would run inside itself.  A task that is preempted
 * in one keeps it from running on that CPU for a whole time slice: acts would vanish, or lose the
 * fact that decides.  Function hooks are preemptible wherever the kernel is, and from 7.2 on
 * tracepoints are.
 */
#include "common.bpf.h"

/*
 * since: 6.10
 * delete when: 6.9 is no longer supported
 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

void __hidden undisturbed_begin(void)
{
	if (bpf_preempt_disable)
		bpf_preempt_disable();
}

void __hidden undisturbed_end(void)
{
	if (bpf_preempt_enable)
		bpf_preempt_enable();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
