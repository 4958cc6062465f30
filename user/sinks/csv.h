/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* csv.h - a cell that no spreadsheet takes for a formula, for others than acts */
#ifndef CLOSETRACE_CSV_H
#define CLOSETRACE_CSV_H

#include <stdio.h>

#include "../field.h"

/* What is absent or null is an empty cell. */
void csv_value(FILE *out, const struct value *value);

#endif
