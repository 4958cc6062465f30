// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cases.h"

#define CASES_EACH 4	/* IPv4 and IPv6, loopback and veth */

/* What is slow, or disturbs others, has to be asked for, by its name or by an option. */
static bool wanted(const struct options *options, const struct scenario *scenario)
{
	const char *name = scenario->name;
	size_t len = strlen(name);

	if (!options->only)
		return (!scenario->slow || options->with_slow) &&
		       (!scenario->global || options->with_global);
	for (const char *at = options->only; *at; at += strcspn(at, ","), at += *at == ',') {
		if (strcspn(at, ",") == len && !strncmp(at, name, len))
			return true;
	}
	return false;
}

static void add(struct fleet_case *cases, size_t *count, const struct options *options,
		const struct scenario *scenario, bool veth)
{
	struct fleet_case one = { .scenario = scenario, .veth = veth, .path = PATH_NONE };

	one.family = AF_INET;
	if (options->ipv4 && !scenario->mapped)
		cases[(*count)++] = one;
	one.family = AF_INET6;
	if (options->ipv6 && !scenario->ipv4)
		cases[(*count)++] = one;
}

int cases_list(const struct options *options, struct fleet_case **cases, size_t *count)
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
		if (!wanted(options, scenario))
			continue;
		if (options->loopback && !scenario->veth)
			add(*cases, count, options, scenario, false);
		if (options->veth && !scenario->loopback)
			add(*cases, count, options, scenario, true);
	}
	return *count ? 0 : -ENOENT;
}
