/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * db_schema.h - the tables of a record in SQLite
 *
 * For people and their tools there are two views, with the keys of fields.def and nothing else:
 *
 *   acts     a row for each act, with values as JSON has them: select cause, raddr from acts;
 *            IPv6 addresses are written in full, stacks have a line for each frame
 *   counts   how many acts of a minute (ns since 1970, of its beginning) share the keys that it
 *            has: comm, owner_comm, cgroup, container, and those of shapes; port is that of the
 *            service, away: it is the peer's.  Fast where acts takes long.
 *
 * Behind them, with ids that are never used twice in a file:
 *
 *   rows     an act, or with --all and --held a note or a close that was not the last, in the order
 *            in which they were shown.  time: ns since 1970.  Addresses: 16 bytes, IPv4 as
 *            ::ffff:a.b.c.d, so that a prefix is a range.  A value that is not known is NULL or 0:
 *            shapes.known tells, enum record_known.
 *   extras   of few rows, by their id: stacks, holders, the close before (--held)
 *   shapes   what many rows share: the run, the facts, the verdict; as numbers for closetrace and
 *            as words.  type is act, note or held; lossy: data was lost; extra: extras has a row.
 *            clock: CLOCK_REALTIME - CLOCK_MONOTONIC, ns.
 *   tasks    processes of rows: actor, owner, peer; cgroup and comm are names
 *   names    strings; raw: the bytes of those whose text had to be made inert
 *   minutes  the roll-up: how many acts share (minute, shape, comm, owner_comm, cgroup, port).
 *            In each minute DB_MINUTE_ROWS combinations are told apart; of others the shape alone.
 *   chunks   rows from first on, until the next chunk: the unit that is forgotten when the record
 *            is full or old.  Shapes, tasks, names and roll-up of a chunk are its own, so that
 *            they go with it: first_shape, ... are the first of each.  since and until: times of
 *            its oldest and youngest row, for --since.  rolled: the last row that the roll-up has;
 *            those after it are counted one by one, as the view counts does.  Rows of all these
 *            tables before the first chunk are on their way out and must not be read: DB_OLDEST.
 *   runs     one start of the recorder each: where, when, and what it counted so far, with the keys
 *            of the JSON types start and end.  Where the run began in a file that was renamed,
 *            start is when it turned to this one, and it counted since then.  alive: the last
 *            commit.  stop is NULL while it runs and after it was killed; ended says how:
 *            running, clean, killed.
 *   gaps     what is missing, and from when to when: kind is stopped (no recorder), full (the disk
 *            took nothing), lost (the kernel or the recorder lost count acts)
 *   clocks   when the wall clock was set, in us, or the host slept
 *   keys     anonym: 16 random bytes, for the names of report --anonymize
 */
#ifndef CLOSETRACE_DB_SCHEMA_H
#define CLOSETRACE_DB_SCHEMA_H

#include <sqlite3.h>

#define DB_APPLICATION	0x636c7472	/* "cltr": application_id */
#define DB_VERSION	1		/* user_version; raised when a table changes */

/* In WHERE: the first row of a table that may be read, by its column of chunks. */
#define DB_OLDEST(first)	"(SELECT min(" first ") FROM chunks)"

#define DB_MINUTE	60000000000	/* ns; minutes.minute counts them */
#define DB_MINUTE_ROWS	2048

/* Makes all tables and views in an empty file.  SQLITE_OK or what sqlite3_exec() returned. */
int db_schema_create(sqlite3 *sql);

/* Adds to the roll-up what a recorder that was killed could not.  The same. */
int db_schema_roll(sqlite3 *sql);

#endif
