/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sums.h - the account of a record: what was counted when it was made, and what became of it now */
#ifndef REPORT_SUMS_H
#define REPORT_SUMS_H

#include "run.h"

/* Adds what a run counted that is still true of its record. */
void sums_add(struct totals *sum, const struct totals *run);

/* Each act is counted in exactly one; a run that did not tell its end has that of its last act. */
void sums_close(struct totals *totals, const struct run *run, uint64_t last_ns);

#endif
