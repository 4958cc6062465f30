// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "kernel.h"
#include "settings.h"

static void fill_ports(struct settings *settings, const struct options *options)
{
	uint32_t used = 0;

	for (size_t i = 0; i < options->port_count; i++)
		settings->port[used++] = options->ports[i];
	settings->ports_wanted = used;
	for (size_t i = 0; i < options->not_port_count; i++)
		settings->port[used++] = options->not_ports[i];
	settings->ports = used;
}

void settings_fill(struct settings *settings, const struct options *options, const struct run *run)
{
	settings->run = run->id;
	settings->pids = (uint32_t)options->pid_count;
	settings->hz = kernel_hz(run->host.release);
	fill_ports(settings, options);
}
