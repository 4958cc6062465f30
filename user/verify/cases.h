/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases.h - which scenarios run, over which family and path
 */
#ifndef VERIFY_CASES_H
#define VERIFY_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "fleet.h"

struct cases_choice {
	const char *only;	/* names, separated by commas; NULL: all */
	bool slow;		/* also those whose kernel timers take long */
	bool global;		/* also those that change what all namespaces share */
	bool ipv4;
	bool ipv6;
	bool loopback;
	bool veth;
};

#define CASES_ALL { .ipv4 = true, .ipv6 = true, .loopback = true, .veth = true }

/* The first of these names that is no scenario's; false when there is none. */
bool cases_unknown(const char *only, char name[256]);
/* Those that were asked for, to be freed; 0, -ENOMEM, or -ENOENT when there is none. */
int cases_list(const struct cases_choice *choice, struct fleet_case **cases, size_t *count);

#endif
