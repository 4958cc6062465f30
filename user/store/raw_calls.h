/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* raw_calls.h - the system calls that end connections: their numbers differ between machines */
#ifndef CLOSETRACE_RAW_CALLS_H
#define CLOSETRACE_RAW_CALLS_H

#include <stddef.h>

struct raw_call {
	const char *name;
	int number;		/* on this machine */
};

extern const struct raw_call raw_calls[];
extern const size_t raw_call_count;

#endif
