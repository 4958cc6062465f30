/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /proc/net/snmp and /proc/net/netstat hold pairs of lines: "Group: NAME…" and "Group: VALUE…".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "path.h"

static const char *const names[COUNTER_COUNT] = {
#define COUNTER(name) [COUNTER_##name] = #name,
#include "counters.def"
#undef COUNTER
};

const char *counters_name(enum counter counter)
{
	return names[counter];
}

static void take(struct counters *counters, const char *name, const char *value)
{
	for (int i = 0; i < COUNTER_COUNT; i++) {
		if (!strcmp(names[i], name))
			counters->value[i] += strtoll(value, NULL, 10);
	}
}

/* One pair of lines; both are cut up. */
static void read_pair(struct counters *counters, char *heads, char *values)
{
	char *next_head = NULL, *next_value = NULL;
	char *head = strtok_r(heads, " \n", &next_head);
	char *value = strtok_r(values, " \n", &next_value);

	if (!head || !value || strcmp(head, value) ||
	    (strcmp(head, "Tcp:") && strcmp(head, "TcpExt:")))
		return;
	while ((head = strtok_r(NULL, " \n", &next_head)) &&
	       (value = strtok_r(NULL, " \n", &next_value)))
		take(counters, head, value);
}

static int read_file(struct counters *counters, int fd)
{
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *heads = NULL, *values = NULL;
	size_t head_size = 0, value_size = 0;

	if (!file)
		return fd < 0 ? fd : -ENOMEM;
	while (getline(&heads, &head_size, file) > 0 && getline(&values, &value_size, file) > 0)
		read_pair(counters, heads, values);
	free(heads);
	free(values);
	fclose(file);
	return 0;
}

int counters_collect(struct counters *counters, const struct path *path, int end)
{
	int rc = read_file(counters, path_file(path, end, "/proc/thread-self/net/snmp", O_RDONLY));

	if (rc < 0)
		return rc;
	return read_file(counters,
			 path_file(path, end, "/proc/thread-self/net/netstat", O_RDONLY));
}

void counters_subtract(struct counters *after, const struct counters *before)
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		after->value[i] -= before->value[i];
}
