// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "process.h"
#include "seed.h"

void seed_run(const struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char nothing[64];

	if (fd < 0)
		return;
	while (read(fd, nothing, sizeof(nothing)) > 0)
		;
	close(fd);
}

int seed_subjects(const struct bpf_map *map, const struct options *options)
{
	for (size_t i = 0; i < options->pid_count; i++) {
		__u32 pid = (__u32)options->pids[i];
		__u64 start_ticks = process_start_ticks(options->pids[i]);

		if (bpf_map__update_elem(map, &pid, sizeof(pid), &start_ticks, sizeof(start_ticks),
					 BPF_ANY))
			return -errno;
	}
	return 0;
}
