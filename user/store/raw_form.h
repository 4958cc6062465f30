/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * raw_form.h - the raw form of a record, .ctr: what the kernel told, before it is judged
 *
 * A header, then frames, each with its length and a checksum.  A RAW_START begins a run and is
 * followed by the names that its host has; one with the id of the run before goes on with that.
 * All that user space adds to a live trace is there, so that another host prints the same lines.
 *
 * Byte order is the host's, which the header tells.  A frame may grow at its end, and new types
 * may come: readers skip both.  For all else raise RAW_VERSION, and teach raw_read.c the older.
 */
#ifndef CLOSETRACE_RAW_FORM_H
#define CLOSETRACE_RAW_FORM_H

#include <stdint.h>

#include "abi/record.h"

#define RAW_MAGIC	"\x89" "CTR\r\n\x1a\n"	/* as PNG's: a transfer as text hurts it */
#define RAW_VERSION	1
#define RAW_ORDER	0x01020304U
#define RAW_PAYLOAD	65536			/* the longest */

struct raw_header {
	char magic[8];
	uint32_t order;			/* RAW_ORDER */
	uint16_t version;		/* RAW_VERSION */
	uint16_t record_size;		/* sizeof(struct record): that of all that follow */
};

struct raw_frame {
	uint32_t crc;			/* crc32() of what follows, the payload included */
	uint16_t type;			/* enum raw_type */
	uint16_t reserved;
	uint32_t size;			/* of the payload, which follows */
};

enum raw_type {
	RAW_START = 1,		/* struct raw_start */
	RAW_NAME,		/* struct raw_name and its text */
	RAW_CGROUP,		/* struct raw_cgroup and its path */
	RAW_RECORD,		/* struct record or record_cgroup */
	RAW_DRAIN,		/* struct raw_drain */
	RAW_CLOCK,		/* struct raw_clock */
	RAW_END,		/* struct raw_end */
	RAW_TURN,		/* struct raw_end: the run goes on in another file */
	RAW_SUPPRESSED,		/* struct raw_suppressed and the share */
	RAW_GAP,		/* struct raw_gap; behind a RAW_START of the same run */
	RAW_KEY,		/* struct raw_key, once in a file, before the first run */
};

/* For report --anonymize, so that a file has the same names whenever it is read. */
struct raw_key {
	uint8_t key[16];		/* random */
};

struct raw_start {
	uint64_t run;
	uint64_t start_wall_ns;		/* CLOCK_REALTIME, of what the file has of the run */
	uint64_t ktime_ns;		/* CLOCK_MONOTONIC at which the next holds */
	int64_t wall_ns;		/* CLOCK_REALTIME - CLOCK_MONOTONIC */
	char host[65];			/* of uname(2); all NUL-terminated */
	char kernel[65];
	char machine[65];
	char boot_id[37];
	char tier[8];
	char version[24];		/* of closetrace */
};

/* Whose number it is that has a name. */
enum raw_names { RAW_STATES, RAW_REASONS, RAW_CALLS };

struct raw_name {
	uint32_t of;			/* enum raw_names */
	uint32_t number;
	char text[];			/* without NUL, to the end of the frame */
};

struct raw_cgroup {
	uint64_t id;
	char path[];
};

/* The ring was drained: what waited long enough by then was told. */
struct raw_drain {
	uint64_t now_ns;		/* CLOCK_MONOTONIC */
	uint32_t amends_lost;		/* nothing provisional is settled any more */
	uint32_t reserved;
};

/* struct wall_step */
struct raw_clock {
	uint64_t ktime_ns;
	uint64_t wall_ns;
	int64_t step_ns;
	int64_t slept_ns;
};

/* So many acts of a share of the ring had no room in it. */
struct raw_suppressed {
	uint64_t now_ns;		/* CLOCK_MONOTONIC */
	uint64_t count;
	char share[];
};

enum raw_gap_kind { RAW_GAP_FULL = 1 };

/* The file took nothing. */
struct raw_gap {
	uint32_t kind;			/* enum raw_gap_kind */
	uint32_t reserved;
	uint64_t since_ns, until_ns;	/* CLOCK_REALTIME */
	uint64_t count;			/* acts that are missing */
};

/* Members of struct totals; new ones behind the last. */
#define RAW_TOTALS(COUNT)                                                                          \
	COUNT(seen) COUNT(emitted) COUNT(filtered) COUNT(unowned) COUNT(lost_ring)                 \
	COUNT(lost_pending) COUNT(lost_amend) COUNT(owner_full) COUNT(note_full)                   \
	COUNT(children_full) COUNT(missed) COUNT(stack_full) COUNT(unfinished) COUNT(held)         \
	COUNT(held_lost) COUNT(undecodable) COUNT(all) COUNT(notes) COUNT(notes_filtered)          \
	COUNT(notes_lost) COUNT(end_wall_ns) COUNT(suppressed) COUNT(ring_peak)                    \
	COUNT(lost_store)

#define RAW_COUNT(member) RAW_TOTAL_##member,
enum raw_total { RAW_TOTALS(RAW_COUNT) RAW_TOTAL_COUNT };
#undef RAW_COUNT

/* Of what the file has of the run: those of several files add up.  Once a turn was empty. */
struct raw_end {
	uint64_t note[RECORD_NOTES_ROOM];	/* struct totals' by enum note_kind */
	uint64_t total[RAW_TOTAL_COUNT];	/* by enum raw_total */
};

#endif
