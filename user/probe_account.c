// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* probe_account.c - what the attached programs have counted, and what they cost */
#include "counters.h"
#include "kernel.h"
#include "probe_private.h"
#include "verifier.h"

void probe_count(const struct probe *probe, struct totals *totals)
{
	counters_add(probe->skel->bss->counters, totals);
}

void probe_taken(struct probe *probe, const void *data, size_t size)
{
	const struct record *record = data;

	if (size >= sizeof(*record) && record->kind < RECORD_KINDS &&
	    record->share > SHARE_COMMON && record->share < SHARES)
		probe->skel->bss->shares[record->share].read += size;
}

void probe_suppressed(const struct probe *probe, uint64_t suppressed[SHARES])
{
	counters_suppressed(probe->skel->bss->counters, suppressed);
}

/* Events that found no copy free skipped all of them: the least skipped one is their bound. */
static uint64_t missed_by(const struct probe *probe, const struct hook_info *info)
{
	uint64_t least = UINT64_MAX;

	for (size_t slot = 0; slot < HOOK_SLOTS; slot++) {
		const struct bpf_program *prog = probe_find(probe, hook_program(info, probe->way,
										slot));
		uint64_t missed = least;

		if (prog)
			missed = kernel_program_number(bpf_program__fd(prog), "recursion_misses");
		least = missed < least ? missed : least;
	}
	return least;
}

/* Copies are skipped, but others tell of the event, unless few were free. */
static uint64_t missed_of(const struct probe *probe, bool held)
{
	uint64_t missed = 0;

	if (!counters_crowded(probe->skel->bss->counters))
		return 0;
	for (size_t i = 0; i < hook_count; i++) {
		bool counts = held ? hook_table[i].held : hook_table[i].required;

		if (counts && probe->hooks[i].attached)
			missed += missed_by(probe, &hook_table[i]);
	}
	return missed;
}

uint64_t probe_missed(const struct probe *probe)
{
	return missed_of(probe, false);
}

uint64_t probe_held_missed(const struct probe *probe)
{
	return missed_of(probe, true);
}

void probe_usage(const struct probe *probe, struct usage *usage)
{
	struct bpf_program *prog;

	usage->ring_size = probe_ring_size(probe);
	usage->bpf_known = probe->stats_fd >= 0;
	bpf_object__for_each_program(prog, probe->skel->obj) {
		int fd = bpf_program__fd(prog);

		if (fd < 0)
			continue;
		usage->bpf_ns += kernel_program_number(fd, "run_time_ns");
		usage->bpf_runs += kernel_program_number(fd, "run_cnt");
	}
}

const char *probe_program(const struct probe *probe, size_t hook, size_t slot,
			  unsigned long *instructions)
{
	const char *name = hook_program(&hook_table[hook], probe->way, slot);
	const struct bpf_program *prog = probe_find(probe, name);

	if (!prog || !bpf_program__autoload(prog))
		return NULL;
	*instructions = verifier_instructions(prog);
	return name;
}

uint64_t probe_amends_lost(const struct probe *probe)
{
	return counters_amends_lost(probe->skel->bss->counters);
}

uint64_t probe_subject_sockets(const struct probe *probe)
{
	return counters_subjects(probe->skel->bss->counters);
}

uint64_t probe_children(const struct probe *probe)
{
	return counters_children(probe->skel->bss->counters);
}
