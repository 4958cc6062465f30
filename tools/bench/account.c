// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "account.h"

#define MB	(1024.0 * 1024.0)

/* Calls back with each value of this key in /proc/PID/fdinfo. */
static void each_fdinfo(pid_t pid, const char *key, void (*take)(void *context, uint64_t value),
			void *context)
{
	char path[512], line[128];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", pid, entry->d_name);
		file = *entry->d_name == '.' ? NULL : fopen(path, "re");
		while (file && fgets(line, sizeof(line), file)) {
			if (!strncmp(line, key, strlen(key)))
				take(context, strtoull(line + strlen(key), NULL, 10));
		}
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
}

static void count_one(void *context, uint64_t value)
{
	(void)value;
	++*(unsigned int *)context;
}

unsigned int account_links(pid_t pid)
{
	unsigned int links = 0;

	each_fdinfo(pid, "link_type:", count_one, &links);
	return links;
}

/* A program is named by its own descriptor and by that of its link. */
static void take_program(void *context, uint64_t id)
{
	struct bpf_cost *cost = context;
	struct bpf_prog_info info = {};
	struct program_cost *program = &cost->program[cost->programs];
	__u32 size = sizeof(info);
	int fd;

	for (unsigned int i = 0; i < cost->programs; i++) {
		if (cost->program[i].id == id)
			return;
	}
	fd = bpf_prog_get_fd_by_id((__u32)id);
	if (fd < 0 || cost->programs == ACCOUNT_PROGRAMS)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &size)) {
		program->id = (uint32_t)id;
		snprintf(program->name, sizeof(program->name), "%s", info.name);
		program->runs = info.run_cnt;
		program->ns = info.run_time_ns;
		program->missed = info.recursion_misses;
		cost->programs++;
	}
	close(fd);
}

void account_programs(pid_t pid, struct bpf_cost *cost)
{
	cost->programs = 0;
	each_fdinfo(pid, "prog_id:", take_program, cost);
}

unsigned int account_strangers(void)
{
	unsigned int count = 0;
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size))
			count += info.type == BPF_PROG_TYPE_RAW_TRACEPOINT ||
				 info.type == BPF_PROG_TYPE_TRACEPOINT ||
				 info.type == BPF_PROG_TYPE_TRACING ||
				 info.type == BPF_PROG_TYPE_KPROBE;
		close(fd);
	}
	return count;
}

void account_since(struct bpf_cost *cost, const struct bpf_cost *before)
{
	for (unsigned int i = 0; i < cost->programs; i++) {
		for (unsigned int j = 0; j < before->programs; j++) {
			if (cost->program[i].id != before->program[j].id)
				continue;
			cost->program[i].runs -= before->program[j].runs;
			cost->program[i].ns -= before->program[j].ns;
			cost->program[i].missed -= before->program[j].missed;
		}
	}
}

double account_ns(const struct bpf_cost *cost)
{
	double sum = 0;

	for (unsigned int i = 0; i < cost->programs; i++)
		sum += (double)cost->program[i].ns;
	return sum;
}

double account_runs(const struct bpf_cost *cost)
{
	double sum = 0;

	for (unsigned int i = 0; i < cost->programs; i++)
		sum += (double)cost->program[i].runs;
	return sum;
}

double account_missed(const struct bpf_cost *cost)
{
	double sum = 0;

	for (unsigned int i = 0; i < cost->programs; i++)
		sum += (double)cost->program[i].missed;
	return sum;
}

/* utime is the 14th field; the second, the name, may hold anything but ends at the last ')'. */
double account_user(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[64], text[1024] = "";
	FILE *file;
	char *rest;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	rest = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	if (rest)
		sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu", &ticks);
	fclose(file);
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

double account_cpu(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void add_value(void *context, uint64_t value)
{
	*(double *)context += (double)value;
}

/* Resident pages of mappings of BPF maps, kB. */
static double mapped_kb(pid_t pid)
{
	unsigned long long kb, low, high;
	char path[64], line[512];
	double sum = 0;
	bool bpf = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx-%llx ", &low, &high) == 2)
			bpf = strstr(line, "bpf-map") || strstr(line, "bpf_ringbuf");
		else if (bpf && sscanf(line, "Rss: %llu", &kb) == 1)
			sum += (double)kb;
	}
	if (file)
		fclose(file);
	return sum;
}

bool account_memory(pid_t pid, struct memory *memory)
{
	unsigned long long now = 0, peak = 0;
	char path[64], line[128];
	double maps = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "VmRSS: %llu", &now);
		sscanf(line, "VmHWM: %llu", &peak);
	}
	fclose(file);
	memory->ring_mb = mapped_kb(pid) / 1024;
	memory->resident_mb = (double)now / 1024 - memory->ring_mb;
	memory->peak_mb = (double)peak / 1024;
	each_fdinfo(pid, "memlock:", add_value, &maps);
	memory->maps_mb = maps / MB;
	return true;
}
