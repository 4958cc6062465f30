/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All scenarios, group by group.
 */
#include <string.h>

#include "scenario.h"

static const struct scenario *const groups[] = {
	scenario_fin, scenario_unsent, scenario_unread, scenario_linger,
	scenario_listen, scenario_disconnect, scenario_peer, scenario_nothing,
	scenario_timer, scenario_icmp, scenario_destroy, scenario_abort, scenario_fastopen,
	scenario_reply, scenario_orphan, scenario_late, scenario_ignored, scenario_key,
	scenario_thread, scenario_ways, scenario_held, scenario_mptcp, scenario_smc,
	scenario_reject, scenario_note, scenario_link, scenario_write,
};

const struct scenario *scenario_at(size_t i)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		for (const struct scenario *row = groups[g]; row->name; row++) {
			if (i-- == 0)
				return row;
		}
	}
	return NULL;
}

const struct scenario *scenario_find(const char *name)
{
	const struct scenario *row;

	for (size_t i = 0; (row = scenario_at(i)); i++) {
		if (!strcmp(row->name, name))
			return row;
	}
	return NULL;
}
