// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "kernel.h"
#include "settings.h"

static void fill_filters(struct settings *settings, const struct options *options)
{
	settings->ports = options->ports;
	memcpy(settings->port, options->port, sizeof(settings->port));
	settings->addresses = options->addresses;
	memcpy(settings->address, options->address, sizeof(settings->address));
	settings->comms = options->comms;
	memcpy(settings->comm, options->comm, sizeof(settings->comm));
	settings->uids = options->uids;
	memcpy(settings->uid, options->uid, sizeof(settings->uid));
	settings->netns = options->netns;
	memcpy(settings->ns, options->ns, sizeof(settings->ns));
}

/* What is asked of processes; a value with '!' wants nobody in particular. */
static void fill_who(struct settings *settings, const struct options *options)
{
	for (uint32_t i = 0; i < options->pids; i++)
		settings->pids += !options->pid[i].not;
	settings->who = options->pids || options->comms || options->uids;
	settings->who_wants = settings->pids;
	for (uint32_t i = 0; i < options->comms; i++)
		settings->who_wants |= !options->comm[i].not;
	for (uint32_t i = 0; i < options->uids; i++)
		settings->who_wants |= !options->uid[i].not;
}

/* A ring in which a share would not hold one record has none: it is a queue, and no more. */
static void fill_shares(struct settings *settings, uint32_t ring)
{
	uint32_t quarter = ring / 4, share = quarter / SHARES_ROOM;

	settings->common = ring - quarter;
	settings->share = share < sizeof(struct record) ? 0 : share;
}

void settings_fill(struct settings *settings, const struct options *options, const struct run *run)
{
	settings->run = run->id;
	settings->hz = kernel_hz(run->host.release);
	settings->stacks = options->stacks;
	settings->all = options->all;
	settings->count_only = options->count_only;
	settings->pidns = kernel_pid_namespace();
	fill_shares(settings, kernel_ring_size(options));
	fill_filters(settings, options);
	fill_who(settings, options);
}
