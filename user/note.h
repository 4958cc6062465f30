/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* note.h - what notes are called and which keys they have: bpf/abi/notes.def */
#ifndef CLOSETRACE_NOTE_H
#define CLOSETRACE_NOTE_H

#include <stdbool.h>

#include "act.h"
#include "field.h"

struct note_info {
	const char *name;	/* interface key note */
	const char *text;	/* one line for people */
	bool task;		/* the running task did it */
};

/* By enum note_kind, from 1 to NOTES - 1. */
extern const struct note_info note_table[NOTES];

/* What looks like an act and is none. */
static inline bool note_is(const struct act *act)
{
	return act->record.kind == RECORD_NOTE;
}

static inline const struct note_info *note_info(const struct act *act)
{
	return &note_table[act->record.note];
}

/* Whether a note, decided by a task or not, has this key of fields.def. */
bool note_has_field(const struct field *field, bool task);

#endif
