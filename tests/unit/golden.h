/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* golden.h - a text against a file of tests/golden, byte for byte */
#ifndef UNIT_GOLDEN_H
#define UNIT_GOLDEN_H

/* Changes @actual.  Only in the suite golden: tests/run --golden writes what that has. */
void golden_check(const char *file, char *actual);

#endif
