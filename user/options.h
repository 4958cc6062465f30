/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - the command line, parsed and checked; nothing else reads argv */
#ifndef CLOSETRACE_OPTIONS_H
#define CLOSETRACE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "abi/settings.h"

/* Exit statuses; the contract is in closetrace(8). */
enum status {
	STATUS_DONE = 0,
	STATUS_USAGE = 2,
	STATUS_CANNOT_TRACE = 3,
	STATUS_INCOMPLETE = 4,
	STATUS_IO = 5,
};

enum verb { VERB_TRACE, VERB_CHECK };
enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };
enum options_tier { TIER_AUTO, TIER_FULL, TIER_BASE };

/* What was on the wire; several bits: either. 0: everything. */
enum options_wire {
	SHOW_FIN	= 1 << 0,
	SHOW_RST_OUT	= 1 << 1,
	SHOW_RST_IN	= 1 << 2,
	SHOW_SILENT	= 1 << 3,
};

struct options {
	enum options_action action;
	enum verb verb;
	enum options_tier tier;
	pid_t pids[SETTINGS_PIDS];
	size_t pid_count;
	uint16_t ports[SETTINGS_PORTS];		/* wanted ones; host byte order */
	size_t port_count;
	uint16_t not_ports[SETTINGS_PORTS];	/* excluded ones */
	size_t not_port_count;
	unsigned int show;			/* enum options_wire */
	const char *format;			/* of -o */
	uint64_t count;				/* -c, 0: no limit */
	uint64_t duration_ns;			/* -d, 0: no limit */
	uint64_t buffer;			/* bytes of the ring, 0: by memory */
	uint32_t owners;			/* entries of the owner map, 0: as compiled */
	const char *btf;			/* NULL: the running kernel's */
	bool no_fentry;				/* function hooks as kprobes only */
	bool stacks;				/* -k */
	bool quiet, verbose, debug;
	char error[256];			/* one line, when options_parse() fails */
};

/* 0, or -EINVAL with options->error saying what is wrong and what to do. */
int options_parse(struct options *options, int argc, char **argv);

void options_help(FILE *out);

/* "30s", "5m", "2h", "1d", "250ms" or plain seconds, into ns.  0 or -EINVAL. */
int options_duration(const char *text, uint64_t *ns);

#endif
