// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stddef.h>

#include "counters.h"

static uint64_t sum_fate(const struct record_counters *here, enum record_fate fate)
{
	uint64_t sum = 0;

	for (size_t kind = 0; kind < RECORD_ACTS; kind++)
		sum += here->fate[kind][fate];
	return sum;
}

static void add_slot(const struct record_counters *here, struct totals *totals)
{
	for (size_t kind = 0; kind < RECORD_ACTS; kind++)
		totals->seen += here->seen[kind];
	totals->filtered += sum_fate(here, FATE_FILTERED);
	totals->unowned += sum_fate(here, FATE_UNOWNED);
	totals->lost_ring += sum_fate(here, FATE_RING_FULL);
	totals->lost_pending += sum_fate(here, FATE_PENDING_FULL);
	totals->lost_table += sum_fate(here, FATE_TABLE_FULL);
	totals->suppressed += sum_fate(here, FATE_SUPPRESSED);
	totals->lost_amend += here->amend_lost;
	totals->held += here->seen[RECORD_HELD];
	totals->held_lost += here->fate[RECORD_HELD][FATE_RING_FULL] +
			     here->fate[RECORD_HELD][FATE_PENDING_FULL] +
			     here->fate[RECORD_HELD][FATE_SUPPRESSED];
	totals->owner_full += here->owner_full;
	totals->note_full += here->note_full;
	totals->children_full += here->children_full;
	totals->unfinished += here->unfinished;
	totals->stack_full += here->stack_full;
}

static void add_notes(const struct record_counters *here, struct totals *totals)
{
	const __u64 *fate = here->fate[RECORD_NOTE];

	totals->notes += here->seen[RECORD_NOTE];
	totals->notes_filtered += fate[FATE_FILTERED] + fate[FATE_UNOWNED];
	totals->notes_lost += fate[FATE_RING_FULL] + fate[FATE_PENDING_FULL] +
			      fate[FATE_SUPPRESSED];
	for (size_t note = 0; note < NOTES; note++)
		totals->note[note] += here->note[note];
}

static void add_ring(const struct record_counters *here, struct totals *totals)
{
	if (here->ring_peak > totals->ring_peak)
		totals->ring_peak = here->ring_peak;
}

void counters_add(const struct record_counters *slots, struct totals *totals)
{
	for (size_t i = 0; i < RECORD_SLOTS; i++) {
		add_slot(&slots[i], totals);
		add_notes(&slots[i], totals);
		add_ring(&slots[i], totals);
	}
}

void counters_suppressed(const struct record_counters *slots, uint64_t suppressed[SHARES])
{
	for (size_t i = 0; i < RECORD_SLOTS; i++) {
		for (size_t share = 0; share < SHARES; share++)
			suppressed[share] += slots[i].suppressed[share];
	}
}

uint64_t counters_amends_lost(const struct record_counters *slots)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < RECORD_SLOTS; i++)
		lost += slots[i].amend_lost;
	return lost;
}

bool counters_crowded(const struct record_counters *slots)
{
	for (size_t i = 0; i < RECORD_SLOTS; i++) {
		if (slots[i].crowded)
			return true;
	}
	return false;
}

uint64_t counters_subjects(const struct record_counters *slots)
{
	uint64_t opened = 0, closed = 0;

	for (size_t i = 0; i < RECORD_SLOTS; i++) {
		opened += slots[i].subjects_opened;
		closed += slots[i].subjects_closed;
	}
	return opened - closed;
}

uint64_t counters_children(const struct record_counters *slots)
{
	uint64_t born = 0, gone = 0;

	for (size_t i = 0; i < RECORD_SLOTS; i++) {
		born += slots[i].children_born;
		gone += slots[i].children_gone;
	}
	return born - gone;
}
