/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* round.h - cases that run under one closetrace, which this one starts */
#ifndef VERIFY_ROUND_H
#define VERIFY_ROUND_H

#include <stdbool.h>
#include <stddef.h>

#include "fleet.h"
#include "options.h"
#include "tracer.h"

struct round {
	struct tracer tracer;
	unsigned int slow;		/* multiplies all waits; from how long the start took */
	unsigned int jobs;		/* at a time */
	bool once;			/* no second try: --sysctl may be why it fails */
	void (*ended)(void *context);	/* called after each case */
	void *context;
};

#define ROUND_NONE { .tracer = { .out_fd = -1, .err_fd = -1 } }

/* Starts the trace; 0, or a negative errno after a line on stderr. */
int round_start(struct round *round, const struct options *options);
/* Runs those that are not to be skipped, and reads all that was said; the same. */
int round_run(struct round *round, struct fleet_case *cases, size_t count);

#endif
