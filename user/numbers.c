// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "numbers.h"

const char *const numbers_keys[NUMBERS] = {
	[ACTS] = "acts",     [FIN] = "fin",	  [RST_OUT] = "rst_out",
	[RST_IN] = "rst_in", [SILENT] = "silent", [LOSSY] = "lossy",
};

static enum number wire_of(const struct act *act)
{
	if (act_wire(act) == WIRE_FIN)
		return FIN;
	if (act_wire(act) == WIRE_NONE)
		return SILENT;
	return act_direction(act) == DIRECTION_IN ? RST_IN : RST_OUT;
}

void numbers_act(struct numbers *tally, const struct act *act, uint64_t times)
{
	tally->number[ACTS] += times;
	tally->number[wire_of(act)] += times;
	tally->number[LOSSY] += act_loses_data(act) ? times : 0;
}

void numbers_add(struct numbers *tally, const struct numbers *other)
{
	for (enum number i = 0; i < NUMBERS; i++)
		tally->number[i] += other->number[i];
}

void numbers_head(FILE *out)
{
	static const char *const heads[NUMBERS] = { "ACTS", "FIN>", "RST>", "<RST", "-", "LOSSY" };

	for (enum number i = 0; i < NUMBERS; i++)
		fprintf(out, "%8s", heads[i]);
}

void numbers_print(FILE *out, const struct numbers *tally)
{
	for (enum number i = 0; i < NUMBERS; i++) {
		if (tally->number[i])
			fprintf(out, "%8" PRIu64, tally->number[i]);
		else
			fprintf(out, "%8s", ".");
	}
}
