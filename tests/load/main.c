// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "load.h"
#include "netns.h"

void load_fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

void load_name(const char *comm)
{
	prctl(PR_SET_NAME, comm);
}

double load_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Two lines a protocol: the names, then the numbers. */
uint64_t load_counter(const char *protocol, const char *name)
{
	FILE *file = fopen("/proc/self/net/snmp", "re");
	char names[1024], numbers[1024];
	uint64_t count = 0;

	while (file && fgets(names, sizeof(names), file) && fgets(numbers, sizeof(numbers), file)) {
		char *at = names, *number = numbers, *left, *right;

		if (strncmp(names, protocol, strlen(protocol)))
			continue;
		while ((left = strsep(&at, " \n")) && (right = strsep(&number, " \n"))) {
			if (!strcmp(left, name))
				count = strtoull(right, NULL, 10);
		}
	}
	if (file)
		fclose(file);
	return count;
}

static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		load_fail("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		load_fail("setrlimit");
}

static void begin(void)
{
	char line[16];
	int rc = netns_enter_private();

	if (rc) {
		errno = -rc;
		load_fail("no network namespace");
	}
	printf("netns %" PRIu64 "\n", netns_inode());
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

static unsigned long number(char *const *argv, int at)
{
	return argv[at] ? strtoul(argv[at], NULL, 10) : 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: load storm SEGMENTS RATE RARE | load kill COUNT | "
		"load churn COUNT | load pace RATE COUNT | load entries PID\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *kind = argv[1];

	if (argc < 3 || (!strcmp(kind, "storm") && argc != 5) ||
	    (!strcmp(kind, "pace") && argc != 4))
		return usage();
	if (!strcmp(kind, "entries")) {
		load_entries(argv[2]);
		return 0;
	}
	allow_files();
	begin();
	if (!strcmp(kind, "storm"))
		load_storm(number(argv, 2), number(argv, 3), number(argv, 4));
	else if (!strcmp(kind, "kill"))
		load_kill(number(argv, 2));
	else if (!strcmp(kind, "pace"))
		load_pace(number(argv, 2), number(argv, 3));
	else if (!strcmp(kind, "churn"))
		load_churn(number(argv, 2));
	else
		return usage();
	printf("out_rsts %" PRIu64 "\ndone 1\n", load_counter("Tcp:", "OutRsts"));
	return fflush(stdout) ? 1 : 0;
}
