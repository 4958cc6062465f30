// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* probe_maps.c - how large the maps are, and those of --count-only, which else have no room */
#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>

#include "kernel.h"
#include "probe_private.h"

#define SLOTS (TALLY_SLOTS + TALLY_OTHER_SLOTS)
#define TREE_ROOM 16384	/* processes of -f; a pid is free again when its process is */
#define OWNERS 65536	/* sockets, by default */

static void size_counts(struct probe *probe)
{
	bpf_map__set_max_entries(probe->skel->maps.tallies, SLOTS);
	bpf_map__set_max_entries(probe->skel->maps.tally_counts, SLOTS);
	bpf_map__set_max_entries(probe->skel->maps.tally_free, TALLY_SLOTS);
	bpf_map__set_max_entries(probe->skel->maps.tally_free_others, TALLY_OTHER_SLOTS);
}

/*
 * Room for the owners of so many sockets; how many sets that is.  A key has two sets, so that
 * nearly all places are taken before one finds none; an eighth more, for those that would.
 */
static uint32_t size_owners(struct probe *probe, uint32_t sockets)
{
	uint32_t places = sockets + sockets / 8, sets = 1;

	while (sets < places / SETTINGS_OWNER_WAYS)
		sets *= 2;
	bpf_map__set_max_entries(probe->skel->maps.owner_sets, sets);
	return sets;
}

uint32_t probe_size_maps(struct probe *probe, const struct options *options)
{
	bpf_map__set_max_entries(probe->skel->maps.ring, kernel_ring_size(options));
	if (options->count_only)
		size_counts(probe);
	if (options->samples)
		bpf_map__set_max_entries(probe->skel->maps.pendings, options->samples);
	if (options->tree)
		bpf_map__set_max_entries(probe->skel->maps.subjects, TREE_ROOM);
	return size_owners(probe, options->owners ?: OWNERS);
}

/* The numbers that are free.  A queue has no keys: an update appends. */
int probe_fill_maps(struct probe *probe, const struct options *options)
{
	int rc = 0;

	for (uint32_t slot = 0; options->count_only && slot < SLOTS && !rc; slot++) {
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

void probe_unmap(struct probe *probe)
{
	if (probe->counts)
		munmap(probe->counts, TALLY_BYTES);
}
