// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sums.h"

void sums_add(struct totals *sum, const struct totals *run)
{
	sum->filtered += run->filtered;
	sum->unowned += run->unowned;
	sum->lost_ring += run->lost_ring;
	sum->lost_pending += run->lost_pending;
	sum->suppressed += run->suppressed;
	sum->lost_store += run->lost_store;
	sum->lost_amend += run->lost_amend;
	sum->owner_full += run->owner_full;
	sum->note_full += run->note_full;
	sum->children_full += run->children_full;
	sum->missed += run->missed;
	sum->undecodable += run->undecodable;
	sum->unfinished += run->unfinished;
	sum->held += run->held;
	sum->held_lost += run->held_lost;
	sum->all |= run->all;
	sum->notes += run->notes;
	sum->notes_filtered += run->notes_filtered;
	sum->notes_lost += run->notes_lost;
	for (size_t i = 0; i < NOTES; i++)
		sum->note[i] += run->note[i];
	sum->end_wall_ns = run->end_wall_ns;
}

void sums_close(struct totals *totals, const struct run *run, uint64_t last_ns)
{
	totals->seen = totals->emitted + totals->filtered + totals->unowned + totals_lost(totals);
	if (!totals->end_wall_ns)
		totals->end_wall_ns = wall_at(&run->wall, last_ns);
}
