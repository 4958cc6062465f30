// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sums.h"

void sums_add(struct totals *sum, const struct totals *run)
{
#define SUM(member) sum->member += run->member;
	SUMS(SUM)
#undef SUM
	sum->all |= run->all;
	for (size_t i = 0; i < NOTES; i++)
		sum->note[i] += run->note[i];
	if (run->end_wall_ns)
		sum->end_wall_ns = run->end_wall_ns;
}

void sums_close(struct totals *totals, const struct run *run, uint64_t last_ns)
{
	totals->seen = totals->emitted + totals->filtered + totals->unowned + totals_lost(totals);
	totals->notes += totals->notes_filtered + totals->notes_lost;
	if (!totals->end_wall_ns)
		totals->end_wall_ns = wall_at(&run->wall, last_ns);
}
