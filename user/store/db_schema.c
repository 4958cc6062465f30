// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stddef.h>

#include "db_schema.h"

#define STRING(number)	STRING_(number)
#define STRING_(number)	#number

#define DB_TIME(time)                                                                              \
	"strftime('%Y-%m-%dT%H:%M:%S', " time " / 1000000000, 'unixepoch') || "                    \
	"printf('.%09dZ', " time " % 1000000000)"

/* A byte of a BLOB, from 1: instr() finds no 0. */
#define DIGIT(blob, at)	"instr('123456789ABCDEF', substr(hex(" blob "), " at ", 1))"
#define PAIR(blob, at)	"substr(hex(" blob "), " at ", 4)"

#define DB_ADDRESS(blob)                                                                           \
	"CASE s.family WHEN 'ipv4' THEN printf('%d.%d.%d.%d', "                                    \
	DIGIT(blob, "25") " * 16 + " DIGIT(blob, "26") ", "                                        \
	DIGIT(blob, "27") " * 16 + " DIGIT(blob, "28") ", "                                        \
	DIGIT(blob, "29") " * 16 + " DIGIT(blob, "30") ", "                                        \
	DIGIT(blob, "31") " * 16 + " DIGIT(blob, "32") ") ELSE "                       \
	"lower(printf('%s:%s:%s:%s:%s:%s:%s:%s', "                                                 \
	PAIR(blob, "1") ", " PAIR(blob, "5") ", " PAIR(blob, "9") ", " PAIR(blob, "13") ", "       \
	PAIR(blob, "17") ", " PAIR(blob, "21") ", " PAIR(blob, "25") ", " PAIR(blob, "29") ")) END"

#define DB_NAME(id, column)	"(SELECT " column " FROM names WHERE id = " id ")"
#define DB_PID(task, known)	"CASE WHEN s.known & " known " THEN nullif(" task ".pid, 0) END"
#define DB_COMM(task, known)                                                                       \
	"CASE WHEN s.known & " known " THEN " DB_NAME(task ".comm", "text") " END"
#define DB_CGROUP		"(CASE WHEN s.known & 8192 THEN a.cgroup ELSE o.cgroup END)"

/* Of an act that has a socket: no reply, or one that was joined with what the socket told. */
#define DB_BYTES(column)                                                                           \
	"CASE WHEN s.known & 2 AND (NOT s.facts_low & 4 OR s.amended) THEN r." column " END"

static const char tables[] =
	"CREATE TABLE rows (id INTEGER PRIMARY KEY"
#define ROW_NUMBER(column, value) ", " #column " INTEGER"
#define ROW_BYTES(column, value) ", " #column " BLOB"
#define ROW_AGO(column, value) ", " #column " INTEGER"
#define ROW_LINK(column) ", " #column " INTEGER"
#include "columns.def"
#undef ROW_NUMBER
#undef ROW_BYTES
#undef ROW_AGO
#undef ROW_LINK
	") STRICT;"
	"CREATE TABLE shapes (id INTEGER PRIMARY KEY, type TEXT, note TEXT, lossy INTEGER,"
	" extra INTEGER, clock INTEGER"
#define SHAPE_NUMBER(column, value) ", " #column " INTEGER"
#define SHAPE_FACTS(column, shift) ", " #column " INTEGER"
#define SHAPE_WORD(key, type) ", " #key " " #type
#include "columns.def"
#undef SHAPE_NUMBER
#undef SHAPE_FACTS
#undef SHAPE_WORD
	") STRICT;"
	"CREATE TABLE tasks (id INTEGER PRIMARY KEY, pid INTEGER, tid INTEGER, uid INTEGER,"
	" comm INTEGER, cgroup INTEGER, cgroup_number INTEGER) STRICT;"
	"CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT, container TEXT, raw BLOB) STRICT;"
	"CREATE TABLE extras (id INTEGER PRIMARY KEY, held_ago INTEGER, held_known INTEGER,"
	" held_pid INTEGER, held_comm INTEGER, holders TEXT, stack INTEGER, kstack INTEGER) STRICT;"
	"CREATE TABLE minutes (id INTEGER PRIMARY KEY AUTOINCREMENT, minute INTEGER, shape INTEGER,"
	" comm INTEGER, owner_comm INTEGER, cgroup INTEGER, port INTEGER, away INTEGER,"
	" acts INTEGER) STRICT;"
	"CREATE TABLE chunks (id INTEGER PRIMARY KEY, first INTEGER, first_shape INTEGER,"
	" first_task INTEGER, first_name INTEGER, first_minute INTEGER, rolled INTEGER,"
	" since INTEGER, until INTEGER) STRICT;"
	"CREATE TABLE runs (id INTEGER PRIMARY KEY, run TEXT, host TEXT, boot_id TEXT, kernel TEXT,"
	" machine TEXT, tier TEXT, version TEXT, start INTEGER, alive INTEGER, stop INTEGER,"
	" ended TEXT, status INTEGER, seen INTEGER, emitted INTEGER, filtered INTEGER,"
	" unowned INTEGER, lost INTEGER, lost_ring INTEGER, lost_pending INTEGER,"
	" suppressed INTEGER, lost_amend INTEGER, lost_store INTEGER, missed INTEGER,"
	" undecodable INTEGER, owner_full INTEGER, note_full INTEGER, children_full INTEGER,"
	" held INTEGER, held_lost INTEGER, unfinished INTEGER, stack_full INTEGER,"
	" amended INTEGER, late INTEGER, notes INTEGER, notes_filtered INTEGER,"
	" notes_lost INTEGER) STRICT;"
	"CREATE TABLE gaps (id INTEGER PRIMARY KEY, run TEXT, kind TEXT, since INTEGER,"
	" until INTEGER, count INTEGER) STRICT;"
	"CREATE TABLE clocks (id INTEGER PRIMARY KEY, run TEXT, time INTEGER, ktime_ns INTEGER,"
	" step_us INTEGER, slept_us INTEGER) STRICT;"
	"CREATE TABLE keys (id INTEGER PRIMARY KEY, anonym BLOB) STRICT;"
	"INSERT INTO keys (anonym) VALUES (randomblob(16));";

static const struct { const char *key, *sql; } acts[] = {
#define VIEW(key, sql) { #key, sql },
#include "columns.def"
#undef VIEW
};

static const char acts_from[] =
	" FROM rows r JOIN shapes s ON s.id = r.shape"
	" LEFT JOIN tasks a ON a.id = r.actor LEFT JOIN tasks o ON o.id = r.owner"
	" LEFT JOIN tasks p ON p.id = r.peer LEFT JOIN extras x ON s.extra AND x.id = r.id"
	" WHERE r.id >= " DB_OLDEST("first") " AND s.type = 'act'";

/* The service's port: where nothing tells which side it is, the lower one. */
#define AWAY	"(s.role_number = 1 OR (s.role_number <> 2 AND r.rport < r.lport))"

/* Acts after a row, as minutes has them: of what the roll-up has not yet. */
#define TAIL(row)                                                                                  \
	"SELECT r.time / " STRING(DB_MINUTE) " AS minute, r.shape AS shape,"                       \
	" iif(s.known & 16, a.comm, NULL) AS comm, iif(s.known & 32, o.comm, NULL) AS owner_comm," \
	" " DB_CGROUP " AS cgroup, iif(" AWAY ", r.rport, r.lport) AS port, " AWAY " AS away,"     \
	" 1 AS acts FROM rows r JOIN shapes s ON s.id = r.shape"                                   \
	" LEFT JOIN tasks a ON a.id = r.actor LEFT JOIN tasks o ON o.id = r.owner"                 \
	" WHERE r.id > " row " AND s.type = 'act'"

static const char counts_from[] =
	" FROM (SELECT minute, shape, comm, owner_comm, cgroup, port, away, acts FROM minutes"
	" WHERE id >= " DB_OLDEST("first_minute")
	" UNION ALL " TAIL("(SELECT max(rolled) FROM chunks)") ") m"
	" JOIN shapes s ON s.id = m.shape";

static const char counts[] =
	"CREATE VIEW counts AS SELECT m.minute * " STRING(DB_MINUTE) " AS minute, m.acts, m.port,"
	" m.away, " DB_NAME("m.comm", "text") " AS comm, "
	DB_NAME("m.owner_comm", "text") " AS owner_comm, "
	DB_NAME("m.cgroup", "text") " AS cgroup, " DB_NAME("m.cgroup", "container") " AS container"
#define SHAPE_WORD(key, type) ", s." #key
#include "columns.def"
#undef SHAPE_WORD
	;

static int create_views(sqlite3 *sql)
{
	sqlite3_str *text = sqlite3_str_new(sql);
	char *statements;
	int rc;

	sqlite3_str_appendall(text, "CREATE VIEW acts AS SELECT ");
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		sqlite3_str_appendf(text, "%s%s AS %s", i ? ", " : "", acts[i].sql, acts[i].key);
	sqlite3_str_appendf(text, "%s; %s%s;", acts_from, counts, counts_from);
	statements = sqlite3_str_finish(text);
	rc = statements ? sqlite3_exec(sql, statements, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(statements);
	return rc;
}

int db_schema_create(sqlite3 *sql)
{
	int rc = sqlite3_exec(sql, tables, NULL, NULL, NULL);

	return rc ? rc : create_views(sql);
}

int db_schema_roll(sqlite3 *sql)
{
	static const char text[] =
		"INSERT INTO minutes (minute, shape, comm, owner_comm, cgroup, port, away, acts)"
		" SELECT minute, shape, comm, owner_comm, cgroup, port, away, count(*)"
		" FROM (" TAIL("(SELECT max(rolled) FROM chunks)") ") GROUP BY 1, 2, 3, 4, 5, 6, 7;"
		"UPDATE chunks SET rolled = max(rolled, (SELECT max(id) FROM rows))"
		" WHERE id = (SELECT max(id) FROM chunks) AND EXISTS (SELECT 1 FROM rows);";

	return sqlite3_exec(sql, text, NULL, NULL, NULL);
}
