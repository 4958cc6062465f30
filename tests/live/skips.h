/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What may be left out, and the proof that it must be. One row a line, '#' begins a comment,
 * columns separated by a tab or two blanks:
 *
 *     kernel  tier  family  scenario  reason  proof
 *
 * The first four are shell patterns; "scenario:cause" leaves out that one act only. The proof is
 * something this kernel must not have: btf:NAME (a type or function), sysctl:net.ipv4.NAME,
 * config:CONFIG_NAME, link:veth (a kind of interface); program:NAME, which this machine must not
 * have; release:PATTERN, which the kernel's release must not be. With a '!' before it, it must be
 * so. It is checked each time. With "if:" before all that, the row only applies where the proof
 * holds.
 *
 * "-:NAME" in the place of a scenario is a path of the catalogue that none can perform. The proof
 * of such a row is checked in every run.
 */
#ifndef LIVE_SKIPS_H
#define LIVE_SKIPS_H

#include <stdbool.h>
#include <stddef.h>

struct skips_row {
	char *text;		/* the line, cut up; the other members point into it */
	char *kernel;
	char *tier;
	char *family;		/* ipv4, ipv6, ipv4-veth, ipv6-veth */
	char *scenario;
	char *cause;		/* NULL: the whole scenario */
	char *reason;
	char *proof;
	unsigned int line;
	bool used;
};

struct skips {
	struct skips_row *row;
	size_t rows;
	const char *kernel;	/* the rows of other kernels and tiers are ignored */
	const char *tier;
};

/* 0, or a negative errno; -EINVAL: *bad_line is not a row. */
int skips_load(struct skips *skips, const char *path, unsigned int *bad_line);
/* The row that applies, marked as used; NULL when there is none. cause NULL: whole scenarios. */
struct skips_row *skips_find(struct skips *skips, const char *family, const char *scenario,
			     const char *cause);
/* 1 when the proof holds, 0 when not, negative errno when it cannot be checked. */
int skips_prove(const struct skips_row *row);
/* The next row from *at on of what no scenario performs, marked as used; NULL after the last. */
const struct skips_row *skips_unperformed(struct skips *skips, size_t *at);
/* The next row from *at on that should have been used and was not; NULL after the last. */
const struct skips_row *skips_unused(const struct skips *skips, size_t *at);
void skips_free(struct skips *skips);

#endif
