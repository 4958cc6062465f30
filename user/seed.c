// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
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
	for (uint32_t i = 0; i < options->pids; i++) {
		const struct option_pid *wanted = &options->pid[i];
		__u32 pid = (__u32)wanted->pid;
		struct subject subject = {
			.start_ticks = process_start_ticks(wanted->pid),
			.not = wanted->not,
		};

		if (bpf_map__update_elem(map, &pid, sizeof(pid), &subject, sizeof(subject),
					 BPF_ANY))
			return -errno;
	}
	return 0;
}

struct family {
	pid_t pid;
	struct process_stat stat;
	bool member;
};

/* All processes that run now.  The caller frees *families. */
static int list_processes(struct family **families, size_t *count)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	size_t room = 0;

	*families = NULL;
	*count = 0;
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct family one = { .pid = atoi(entry->d_name) };

		if (one.pid <= 0 || !process_stat(one.pid, &one.stat))
			continue;
		if (*count == room) {
			struct family *more = reallocarray(*families, room += 1024, sizeof(one));

			if (!more)
				break;
			*families = more;
		}
		(*families)[(*count)++] = one;
	}
	closedir(dir);
	return entry ? -ENOMEM : 0;
}

static bool is_member(const struct family *families, size_t count, pid_t pid,
		      const struct options *options)
{
	for (uint32_t i = 0; i < options->pids; i++) {
		if (options->pid[i].pid == pid)
			return !options->pid[i].not;
	}
	for (size_t i = 0; i < count; i++) {
		if (families[i].pid == pid)
			return families[i].member;
	}
	return false;
}

/* Its end is seen from now on; one that came before this is found out by looking again. */
static int add_member(const struct bpf_map *map, const struct family *one,
		      struct record_counters *counters)
{
	struct subject subject = { .start_ticks = one->stat.start_ticks, .forked = true };
	__u32 pid = (__u32)one->pid;
	struct process_stat now;

	if (bpf_map__update_elem(map, &pid, sizeof(pid), &subject, sizeof(subject), BPF_NOEXIST))
		return errno == EEXIST ? 0 : -errno;
	if (!process_stat(one->pid, &now) &&
	    !bpf_map__lookup_elem(map, &pid, sizeof(pid), &subject, sizeof(subject), 0) &&
	    subject.forked) {
		bpf_map__delete_elem(map, &pid, sizeof(pid), 0);
		return 0;
	}
	__atomic_fetch_add(&counters->children_born, 1, __ATOMIC_RELAXED);
	return 0;
}

int seed_tree(const struct bpf_map *map, const struct options *options,
	      struct record_counters *counters)
{
	struct family *families;
	size_t count;
	int rc = list_processes(&families, &count);
	bool more = true;

	/* Children have no order: until a round finds none. */
	while (!rc && more) {
		more = false;
		for (size_t i = 0; !rc && i < count; i++) {
			struct family *one = &families[i];

			if (one->member || !is_member(families, count, one->stat.parent, options))
				continue;
			one->member = more = true;
			rc = add_member(map, one, counters);
		}
	}
	free(families);
	return rc;
}
