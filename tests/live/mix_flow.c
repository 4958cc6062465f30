/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mix_flow.h"
#include "verify/line.h"

#define MAPPED "::ffff:"

static int compare_ends(const void *a, const void *b)
{
	const struct mix_flow *one = a, *other = b;

	if (one->family != other->family)
		return one->family < other->family ? -1 : 1;
	if (one->server_port != other->server_port)
		return one->server_port < other->server_port ? -1 : 1;
	if (one->client_port != other->client_port)
		return one->client_port < other->client_port ? -1 : 1;
	return 0;
}

/* A listener may get the port of one before it, and its client too. */
static int compare(const void *a, const void *b)
{
	const struct mix_flow *one = a, *other = b;

	return compare_ends(a, b) ?: (one->began_us > other->began_us) -
				     (one->began_us < other->began_us);
}

int mix_flows_open(struct mix_flows *flows, const struct mix *mix)
{
	struct mix_flow *flow = calloc((size_t)mix->count * LAB_CLIENTS, sizeof(*flow));

	*flows = (struct mix_flows){ .flow = flow };
	for (unsigned int i = 0; flow && i < mix->count; i++) {
		const struct mix_entry *entry = &mix->entry[i];

		for (int c = 0; c < LAB_CLIENTS; c++) {
			if (!entry->ends.client_port[c] || !entry->ends.server_port)
				continue;
			flow[flows->count++] = (struct mix_flow){
				.family = entry->scenario->mapped ? AF_INET : entry->family,
				.began_us = entry->began_us, .entry = i,
				.server_port = entry->ends.server_port,
				.client_port = entry->ends.client_port[c],
			};
		}
	}
	if (flow)
		qsort(flow, flows->count, sizeof(*flow), compare);
	return flow ? 0 : -ENOMEM;
}

void mix_flows_free(struct mix_flows *flows)
{
	free(flows->flow);
}

/* The last with these ends that had begun by then; NULL: none had. */
static const struct mix_flow *find(const struct mix_flows *flows, const struct mix_flow *key,
				   uint64_t time_us)
{
	const struct mix_flow *first = flows->flow, *end = first + flows->count, *last = NULL;
	const struct mix_flow *found = bsearch(key, first, flows->count, sizeof(*found),
					       compare_ends);

	while (found && found > first && !compare_ends(found - 1, key))
		found--;
	for (; found && found < end && !compare_ends(found, key); found++) {
		if (found->began_us <= time_us)
			last = found;
	}
	return last;
}

/* What is on the wire; a reply to an IPv4-mapped connection may be told of as that, too. */
static int family_of(const struct json_object *act)
{
	if (line_says(act, "family", "ipv4") ||
	    !strncmp(line_text(act, "laddr") ?: "", MAPPED, strlen(MAPPED)))
		return AF_INET;
	return AF_INET6;
}

int mix_flows_entry(const struct mix_flows *flows, const struct json_object *act)
{
	uint16_t lport = (uint16_t)line_number(act, "lport");
	uint16_t rport = (uint16_t)line_number(act, "rport");
	uint64_t time_us = (uint64_t)line_number(act, "ktime_ns") / 1000;
	int family = family_of(act);
	const struct mix_flow *one = find(flows, &(struct mix_flow){
		.family = family, .server_port = lport, .client_port = rport }, time_us);
	const struct mix_flow *other = find(flows, &(struct mix_flow){
		.family = family, .server_port = rport, .client_port = lport }, time_us);

	if (one && other)
		return (int)(one->began_us > other->began_us ? one : other)->entry;
	return one || other ? (int)(one ?: other)->entry : -1;
}
