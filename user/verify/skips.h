/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What may be left out, and the proof that it must be: the rows of skips.def.
 */
#ifndef VERIFY_SKIPS_H
#define VERIFY_SKIPS_H

#include <stdbool.h>
#include <stddef.h>

struct skips_row {
	const char *kernel;
	const char *tier;
	const char *family;	/* ipv4, ipv6, ipv4-veth, ipv6-veth */
	const char *scenario;
	const char *cause;	/* NULL: the whole scenario */
	const char *proof;
	const char *reason;
	unsigned int line;	/* of skips.def */
};

#define SKIPS_MOST 128

struct skips {
	const char *kernel;	/* rows of others are ignored; NULL: the proof alone decides */
	const char *tier;
	bool used[SKIPS_MOST];
	int proved[SKIPS_MOST];	/* what each proof came to; 0: not asked yet */
};

/* The row that applies, marked as used; NULL when there is none. cause NULL: whole scenarios. */
const struct skips_row *skips_find(struct skips *skips, const char *family, const char *scenario,
				   const char *cause);
/* 1 when the proof holds, 0 when not, negative errno when it cannot be checked. */
int skips_prove(struct skips *skips, const struct skips_row *row);
/* The next row from *at on of what no scenario performs, marked as used; NULL after the last. */
const struct skips_row *skips_unperformed(struct skips *skips, size_t *at);
/* The next row from *at on that should have been used and was not; NULL after the last. */
const struct skips_row *skips_unused(const struct skips *skips, size_t *at);

#endif
