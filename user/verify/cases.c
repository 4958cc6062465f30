// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cases.h"

#define CASES_EACH 4	/* IPv4 and IPv6, loopback and veth */

/* What is slow, or disturbs others, has to be asked for, by its name or by an option. */
static bool wanted(const struct cases_choice *choice, const struct scenario *scenario)
{
	const char *name = scenario->name;
	size_t len = strlen(name);

	if (!choice->only)
		return (!scenario->slow || choice->slow) &&
		       (!scenario->global || choice->global);
	for (const char *at = choice->only; *at; at += strcspn(at, ","), at += *at == ',') {
		if (strcspn(at, ",") == len && !strncmp(at, name, len))
			return true;
	}
	return false;
}

static void add(struct fleet_case *cases, size_t *count, const struct cases_choice *choice,
		const struct scenario *scenario, bool veth)
{
	struct fleet_case one = { .scenario = scenario, .veth = veth, .path = PATH_NONE };

	one.family = AF_INET;
	if (choice->ipv4 && !scenario->mapped)
		cases[(*count)++] = one;
	one.family = AF_INET6;
	if (choice->ipv6 && !scenario->ipv4)
		cases[(*count)++] = one;
}

bool cases_unknown(const char *only, char name[256])
{
	for (const char *at = only; at && *at; at += strcspn(at, ","), at += *at == ',') {
		snprintf(name, 256, "%.*s", (int)strcspn(at, ","), at);
		if (!scenario_find(name))
			return true;
	}
	*name = '\0';
	return only && !*only;
}

int cases_list(const struct cases_choice *choice, struct fleet_case **cases, size_t *count)
{
	const struct scenario *scenario;
	size_t all = 0;

	while (scenario_at(all))
		all++;
	*count = 0;
	*cases = calloc(all * CASES_EACH, sizeof(**cases));
	if (!*cases)
		return -ENOMEM;
	for (size_t i = 0; (scenario = scenario_at(i)); i++) {
		if (!wanted(choice, scenario))
			continue;
		if (choice->loopback && !scenario->veth)
			add(*cases, count, choice, scenario, false);
		if (choice->veth && !scenario->loopback)
			add(*cases, count, choice, scenario, true);
	}
	return *count ? 0 : -ENOENT;
}
