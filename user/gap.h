/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* gap.h - what is missing in a record, and from when to when */
#ifndef CLOSETRACE_GAP_H
#define CLOSETRACE_GAP_H

#include <stdint.h>

#include "message.h"

enum gap_kind { GAP_STOPPED, GAP_FULL, GAP_LOST, GAP_KINDS };

struct gap {
	enum gap_kind kind;
	uint64_t run;
	uint64_t since_ns, until_ns;	/* ns since 1970 */
	uint64_t count;			/* acts that are missing; not of a stop: nobody knows */
};

/* As JSON and the record have it: stopped (no recorder), full (the disk took nothing), lost. */
const char *gap_kind_name(enum gap_kind kind);

/* GAP_KINDS: none is called so. */
enum gap_kind gap_kind_by_name(const char *name);

/* In one line for people, with local times. */
void gap_text(const struct gap *gap, char message[MESSAGE]);

#endif
