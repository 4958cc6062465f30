// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "note.h"

#define TASK	true
#define KERNEL	false

const struct note_info note_table[NOTES] = {
#define NOTE(number, name, who, text) [number] = { #name, text, who },
#include "abi/notes.def"
#undef NOTE
};

static const struct {
	const char *name;
	bool task;		/* only of notes that a task decided */
} keys[] = {
	{ "time", false },	 { "ktime_ns", false },	    { "run", false },
	{ "socket", false },	 { "netns", false },	    { "family", false },
	{ "laddr", false },	 { "lport", false },	    { "raddr", false },
	{ "rport", false },	 { "state", false },	    { "late", false },
	{ "pid", true },	 { "comm", true },	    { "owner_pid", false },
	{ "owner_comm", false }, { "owner_known_by", false },
};

bool note_has_field(const struct field *field, bool task)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(field->key, keys[i].name))
			return task || !keys[i].task;
	}
	return false;
}
