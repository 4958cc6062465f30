// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* probe_count.c - the maps of --count-only, which have no room without it */
#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>

#include "probe_private.h"

#define SLOTS (TALLY_SLOTS + TALLY_OTHER_SLOTS)

void probe_size_counts(struct probe *probe)
{
	bpf_map__set_max_entries(probe->skel->maps.tallies, SLOTS);
	bpf_map__set_max_entries(probe->skel->maps.tally_counts, SLOTS);
	bpf_map__set_max_entries(probe->skel->maps.tally_free, TALLY_SLOTS);
	bpf_map__set_max_entries(probe->skel->maps.tally_free_others, TALLY_OTHER_SLOTS);
}

/* A queue has no keys: an update appends. */
int probe_fill_counts(struct probe *probe)
{
	int rc = 0;

	for (uint32_t slot = 0; slot < SLOTS && !rc; slot++) {
		const struct bpf_map *queue = slot < TALLY_SLOTS ?
					      probe->skel->maps.tally_free :
					      probe->skel->maps.tally_free_others;

		rc = bpf_map_update_elem(bpf_map__fd(queue), NULL, &slot, BPF_ANY);
	}
	return rc;
}

const volatile uint64_t *probe_counts(struct probe *probe)
{
	int fd = bpf_map__fd(probe->skel->maps.tally_counts);
	void *counts = mmap(NULL, TALLY_BYTES, PROT_READ, MAP_SHARED, fd, 0);

	if (counts != MAP_FAILED)
		probe->counts = counts;
	return probe->counts;
}
