/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which ending of a mix an act belongs to: by its ports, and by its time where two had the same.
 */
#ifndef LIVE_MIX_FLOW_H
#define LIVE_MIX_FLOW_H

#include <stddef.h>
#include <stdint.h>
#include <json-c/json.h>

#include "mix.h"

/* One connection of an entry. */
struct mix_flow {
	int family;			/* on the wire: AF_INET for IPv4-mapped addresses */
	uint16_t server_port;
	uint16_t client_port;
	uint64_t began_us;
	unsigned int entry;
};

struct mix_flows {
	struct mix_flow *flow;		/* by family and ports, and by time */
	size_t count;
};

/* 0 or a negative errno; mix_flows_free() in either case. */
int mix_flows_open(struct mix_flows *flows, const struct mix *mix);
void mix_flows_free(struct mix_flows *flows);

/* The number of the entry, or -1. */
int mix_flows_entry(const struct mix_flows *flows, const struct json_object *act);

#endif
