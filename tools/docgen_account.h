/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docgen_account.h - the keys of lines that tell what became of all acts, and at what cost */
#ifndef DOCGEN_ACCOUNT_H
#define DOCGEN_ACCOUNT_H

#include "docgen_verify.h"

/* What became of all acts. */
#define ACCOUNT_KEYS                                                                               \
	{ "seen", "integer", "acts = emitted + filtered + unowned + lost" },                       \
	{ "emitted", "integer", "acts written as lines" },                                         \
	{ "filtered", "integer", "acts that the filters left out" },                               \
	{ "unowned", "integer", "with -p: acts of which no owner is known" },                      \
	{ "lost", "integer", "acts that are missing: lost_ring + lost_pending + lost_table + "     \
			     "suppressed + lost_store + undecodable" },                            \
	{ "lost_ring", "integer", "for want of room in the ring" },                                \
	{ "lost_pending", "integer", "for want of room to hold a sample" },                        \
	{ "lost_table", "integer", "--count-only: for want of room for their like" },              \
	{ "suppressed", "integer", "of a storm that filled the ring" },                            \
	{ "lost_store", "integer", "of a record that could not be written" },                      \
	{ "lost_amend", "integer", "second halves lost: that many verdicts stayed provisional" },  \
	{ "missed", "integer", "program runs that the kernel skipped; each may have been an act" }

static const struct key suppressed_keys[] = {
	{ "time", "string", "RFC 3339, UTC" },
	{ "run", "string", "as in start" },
	{ "share", "string", "which kind of acts fills the ring; see closetrace(8)" },
	{ "suppressed", "integer", "acts of it without a line, since the last such line" },
};

static const struct key count_keys[] = {
	{ "time", "string", "RFC 3339, UTC" },
	{ "run", "string", "as in start" },
	{ "cause", "string", "as in act, like all to dir" },
	{ "class", "string", "" },
	{ "certainty", "string", "" },
	{ "wire", "string", "" },
	{ "dir", "string", "" },
	{ "owner_pid", "integer?", "of the owner, else of the actor" },
	{ "owner_comm", "string?", "its name" },
	{ "lport", "integer?", "port of the service, when that is on our side" },
	{ "rport", "integer?", "the same, when it is on the other side" },
	{ "others", "boolean", "of owners and ports for which there is no room" },
	{ "acts", "integer", "since the start" },
};

static const struct key stats_keys[] = {
	{ "time", "string", "RFC 3339, UTC" },
	{ "run", "string", "as in start" },
	{ "interval_us", "integer", "since the line of this type before, or the start" },
	{ "acts_per_s", "integer", "seen in that time, a second" },
	ACCOUNT_KEYS,
	{ "ring_size", "integer", "bytes of the ring between kernel and closetrace" },
	{ "ring_peak", "integer", "the most bytes that were in it" },
	{ "bpf_ns", "integer?", "that all programs have run; null: the kernel does not tell" },
	{ "bpf_runs", "integer?", "how often they have run" },
	{ "cpu_us", "integer", "that closetrace has run" },
	{ "memory", "integer", "bytes resident, what it has touched of the ring included" },
};

static const struct key end_keys[] = {
	{ "time", "string", "RFC 3339, UTC" },
	{ "run", "string", "as in start" },
	ACCOUNT_KEYS,
	{ "undecodable", "integer", "records that were rejected" },
	{ "owner_full", "integer", "owners not remembered" },
	{ "note_full", "integer", "facts not remembered" },
	{ "children_full", "integer", "-f: processes that could not be followed" },
	{ "held", "integer", "closes that were not the last; with --held" },
	{ "held_lost", "integer", "no room for them, or a run that the kernel skipped" },
	{ "unfinished", "integer", "resets that the kernel could not send" },
	{ "stack_full", "integer", "stacks not taken for want of room in the ring" },
	{ "amended", "integer", "acts told in two records" },
	{ "late", "integer", "acts shown after a younger one" },
	{ "notes", "integer?", "with --all: what is no act; lines + filtered + lost" },
	{ "notes_filtered", "integer?", "notes that the filters left out" },
	{ "notes_lost", "integer?", "notes for which there was no room" },
	{ "status", "integer", "exit status to come; with a command, what it would be without" },
};

#endif
