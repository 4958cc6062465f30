// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "subject.h"

const struct variant variants[] = {
	{ "json", { "@closetrace", "-j" }, .tiered = true },
	{ "-p other", { "@closetrace", "-j", "-p", "@pid" }, .tiered = true },
	{ "text", { "@closetrace", "-o", "text" }, .tiered = true },
	{ "raw", { "@closetrace", "record", "--format", "raw", "-w", "@out" },
	  .tiered = true },
	{ "sqlite", { "@closetrace", "record", "--format", "sqlite", "-w", "@out" },
	  .tiered = true },
	{ "--held", { "@closetrace", "-j", "--held" }, .tiered = true },
	{ "-k", { "@closetrace", "-j", "-k" }, .tiered = true },
	{ .name = "tcplife", .word = { "tcplife" } },
	{ .name = "tcpstates", .word = { "tcpstates" } },
	{ "tcpdump", { "tcpdump", "-i", "lo", "-n", "-Z", "root", "-w", "@out",
		       "tcp[tcpflags] & (tcp-fin|tcp-rst) != 0" },
	  .inside = true, .no_programs = true },
};

const unsigned int variant_count = sizeof(variants) / sizeof(variants[0]);

const struct variant *variant_find(const char *name)
{
	for (unsigned int i = 0; i < variant_count; i++) {
		if (!strcmp(variants[i].name, name))
			return &variants[i];
	}
	return NULL;
}
