/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * account - what a process costs, read from outside: its BPF programs, its CPU time, its memory
 */
#ifndef BENCH_ACCOUNT_H
#define BENCH_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ACCOUNT_PROGRAMS 128

struct program_cost {
	uint32_t id;
	char name[32];
	uint64_t runs, ns, missed;
};

/* Of all programs that a process holds, as far as the kernel counts (BPF_ENABLE_STATS). */
struct bpf_cost {
	struct program_cost program[ACCOUNT_PROGRAMS];
	unsigned int programs;
};

struct memory {
	double resident_mb;	/* without the ring */
	double peak_mb;		/* resident, with what loading took */
	double ring_mb;		/* mapped pages of the ring */
	double maps_mb;		/* what the kernel holds for its maps and programs */
};

/* The BPF links that a process holds. */
unsigned int account_links(pid_t pid);
void account_programs(pid_t pid, struct bpf_cost *cost);
/* What was added between the two. */
void account_since(struct bpf_cost *cost, const struct bpf_cost *before);
double account_ns(const struct bpf_cost *cost);
double account_runs(const struct bpf_cost *cost);
double account_missed(const struct bpf_cost *cost);

/* Programs on tracepoints and functions that anybody has loaded: they take part in every churn. */
unsigned int account_strangers(void);

/* Seconds of CPU time: of user mode, and of all. */
double account_user(pid_t pid);
double account_cpu(pid_t pid);
bool account_memory(pid_t pid, struct memory *memory);

#endif
