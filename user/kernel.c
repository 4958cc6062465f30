// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "kernel.h"

#define USUAL_HZ	250
#define RING_MAX	(16U << 20)	/* bytes */

/* zlib reads plain files too. */
static uint32_t config_hz(const char *path)
{
	gzFile file = gzopen(path, "re");
	uint32_t hz = 0;
	char line[256];

	if (!file)
		return 0;
	while (!hz && gzgets(file, line, sizeof(line)))
		sscanf(line, "CONFIG_HZ=%u", &hz);
	gzclose(file);
	return hz;
}

uint32_t kernel_hz(const char *release)
{
	char path[128];

	snprintf(path, sizeof(path), "/boot/config-%s", release);
	return config_hz("/proc/config.gz") ?: config_hz(path) ?: USUAL_HZ;
}

bool kernel_capable(unsigned int capability)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long effective = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "CapEff: %llx", &effective);
	if (file)
		fclose(file);
	return effective >> capability & 1;
}

#define INITIAL_PID_NAMESPACE 0xEFFFFFFCU	/* PROC_PID_INIT_INO, since 3.8 */

uint32_t kernel_pid_namespace(void)
{
	struct stat info;

	if (stat("/proc/self/ns/pid", &info) || info.st_ino == INITIAL_PID_NAMESPACE)
		return 0;
	return (uint32_t)info.st_ino;
}

uint64_t kernel_program_number(int program_fd, const char *name)
{
	char path[64], line[128];
	size_t length = strlen(name);
	uint64_t number = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", program_fd);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, length) && line[length] == ':')
			number = strtoull(line + length + 1, NULL, 10);
	}
	fclose(file);
	return number;
}

uint32_t kernel_ring_size(const struct options *options)
{
	uint64_t wanted = options->buffer;
	uint32_t size = (uint32_t)sysconf(_SC_PAGESIZE);
	struct sysinfo info;

	if (!wanted && !sysinfo(&info)) {
		wanted = (uint64_t)info.totalram * info.mem_unit / 1024;
		wanted = wanted > RING_MAX ? RING_MAX : wanted;
		wanted <<= options->stacks ? 2 : 0;
	}
	while (size < wanted)
		size <<= 1;
	return size;
}
