/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verifier.h - what the kernel's verifier had to look at, for closetrace check -v */
#ifndef CLOSETRACE_VERIFIER_H
#define CLOSETRACE_VERIFIER_H

struct bpf_object;
struct bpf_program;

/* Before the load: asks for the statistics of each program that will be loaded.  0 or -ENOMEM. */
int verifier_watch(struct bpf_object *object);

/* After it: the instructions that were processed; 0 when it was not watched. */
unsigned long verifier_instructions(const struct bpf_program *program);

/* Before the object is closed. */
void verifier_release(struct bpf_object *object);

#endif
