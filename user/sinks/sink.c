// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "../words.h"
#include "sink.h"

/* The linker marks the bounds of a section whose name is a C identifier. */
extern const struct sink *const __start_closetrace_sinks[];
extern const struct sink *const __stop_closetrace_sinks[];

const struct sink *sink_by_name(const char *name)
{
	for (const struct sink *const *entry = __start_closetrace_sinks;
	     entry < __stop_closetrace_sinks; entry++) {
		if (!strcmp((*entry)->name, name))
			return *entry;
	}
	return NULL;
}

void sink_greet(const struct sink_options *options, const struct run *run, const char *doing)
{
	char start[WORDS_TIME];

	if (!options->messages)
		return;
	words_time(run->start_wall_ns, start);
	if (options->recorded)
		fprintf(options->messages, "closetrace: recorded by %s in the %s tier from %s on\n",
			run->host.nodename, run->tier, start);
	else
		fprintf(options->messages, "closetrace: %s in the %s tier, Ctrl-C ends\n", doing,
			run->tier);
}

int sink_failed(FILE *out)
{
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}

void sink_names(char *buffer, size_t size)
{
	size_t used = 0;

	for (const struct sink *const *entry = __start_closetrace_sinks;
	     entry < __stop_closetrace_sinks && used < size; entry++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "",
					 (*entry)->name);
}
