// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "filter.h"

bool filter_passes(const struct options *options, const struct act *act)
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
