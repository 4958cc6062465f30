/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * subject.h - what the programs decide of a live trace, decided for a record: processes and places
 */
#ifndef CLOSETRACE_SUBJECT_H
#define CLOSETRACE_SUBJECT_H

#include "abi/record.h"
#include "options.h"

/* FATE_EMITTED, FATE_FILTERED or FATE_UNOWNED, as bpf/filter.bpf.c has it. */
enum record_fate subject_fate(const struct options *options, const struct record *record);

#endif
