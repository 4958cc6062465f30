// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stddef.h>

#include "counters.h"

static uint64_t sum_fate(const struct record_counters *here, enum record_fate fate)
{
	uint64_t sum = 0;

	for (size_t kind = 0; kind < RECORD_KINDS; kind++)
		sum += here->fate[kind][fate];
	return sum;
}

static void add_slot(const struct record_counters *here, struct totals *totals)
{
	for (size_t kind = 0; kind < RECORD_KINDS; kind++)
		totals->seen += here->seen[kind];
	totals->filtered += sum_fate(here, FATE_FILTERED);
	totals->unowned += sum_fate(here, FATE_UNOWNED);
	totals->lost_ring += sum_fate(here, FATE_RING_FULL);
	totals->lost_pending += sum_fate(here, FATE_PENDING_FULL);
	totals->lost_amend += here->amend_lost;
	totals->owner_full += here->owner_full;
	totals->note_full += here->note_full;
	totals->unfinished += here->unfinished;
	totals->stack_full += here->stack_full;
}

void counters_add(const struct record_counters *slots, struct totals *totals)
{
	for (size_t i = 0; i < RECORD_SLOTS; i++)
		add_slot(&slots[i], totals);
}

uint64_t counters_amends_lost(const struct record_counters *slots)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < RECORD_SLOTS; i++)
		lost += slots[i].amend_lost;
	return lost;
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
