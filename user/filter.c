// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "cause.h"
#include "cgroup.h"
#include "filter.h"

static bool is_at(const char *path, const struct option_place *place)
{
	char container[CGROUP_CONTAINER];

	if (!path)
		return false;
	switch (place->kind) {
	case PLACE_CGROUP:
		return cgroup_is_below(path, place->name);
	case PLACE_UNIT:
		return cgroup_is_unit(path, place->name);
	default:
		/* As docker does: the first digits are enough. */
		return cgroup_container(path, container) &&
		       !strncmp(container, place->name, strlen(place->name));
	}
}

/* Of each kind one must be met, if any is wanted, and none that is excluded. */
bool filter_passes_place(const struct options *options, const struct act *act)
{
	bool wanted[PLACE_KINDS] = { 0 }, found[PLACE_KINDS] = { 0 };

	for (uint32_t i = 0; i < options->places; i++) {
		const struct option_place *place = &options->place[i];
		bool here = is_at(act->cgroup, place) || is_at(act->owner_cgroup, place);

		if (place->not && here)
			return false;
		wanted[place->kind] |= !place->not;
		found[place->kind] |= here;
	}
	for (size_t kind = 0; kind < PLACE_KINDS; kind++) {
		if (wanted[kind] && !found[kind])
			return false;
	}
	return true;
}

static bool wire_passes(const struct options *options, const struct act *act)
{
	unsigned int shown = SHOW_SILENT;

	if (!options->show)
		return true;
	if (act_wire(act) == WIRE_FIN)
		shown = SHOW_FIN;
	else if (act_wire(act) == WIRE_RST)
		shown = act_direction(act) == DIRECTION_IN ? SHOW_RST_IN : SHOW_RST_OUT;
	return options->show & shown;
}

bool filter_passes_note(const struct options *options, const struct act *note)
{
	return !options->show && !options->cause.used && !options->unexpected &&
	       filter_passes_place(options, note);
}

bool filter_passes(const struct options *options, const struct act *act)
{
	return wire_passes(options, act) && choice_takes(&options->cause, act) &&
	       (!options->unexpected || cause_unexpected(act)) && filter_passes_place(options, act);
}
