// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * db.c - a record in SQLite that somebody has changed, and what is asked of it
 *
 * Whole files as input would be a test of SQLite.  An input is a list of changes to a file of the
 * real writer, or to the sample of a released version, without STRICT, as a stranger can make it:
 *
 *	question, file, then: table, row, column, form, value of that form (a cell); or TABLES,
 *	three bytes of a place, bytes there with their count before them (damage of the file itself)
 *
 * Each number is taken modulo what there is, so that any bytes are an input.
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cause.h"
#include "frame.h"
#include "fuzz.h"
#include "message.h"
#include "report/report.h"
#include "store/db.h"

#define COLUMNS_MAX	64
#define NAME		24	/* of a column */
#define WORDS_MAX	8	/* of a question */
#define TEXT_REPEATS	64	/* of a long text: beyond any buffer for names */
#define SAMPLE		"tests/samples/sqlite-1.db"
#define SECOND		1000000000ULL

static const char *const tables[] = { "rows", "shapes", "tasks", "names", "extras", "minutes",
				      "chunks", "runs", "gaps", "clocks", "keys" };
#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* Of each way to read a record one. */
static const char *const questions[][WORDS_MAX] = {
	{ "-j", "--all", "--held" },
	{ "-v", "--anonymize", "-k" },
	{ "-o", "csv" },
	{ "--by", "cause,comm,cgroup" },
	{ "--by", "raddr,pid,owner_comm", "-j" },
	{ "--by", "unread,peer_comm", "-P", "!22" },
	{ "--histogram" },
	{ "--histogram=1s", "--rst", "-j" },
	{ "--socket", "7" },
	{ "--socket", "10.0.0.5:443-10.0.0.9:40112" },
	{ "--unexpected", "--comm", "nginx", "-a", "10.0.0.0/8" },
	{ "--since", "2026-11-23T12:00:00Z", "--until", "2026-11-23T12:04:00Z" },
	{ "--by", "comm", "--top", "3", "--since", "2026-11-23T12:00:30Z" },
	{ "-p", "812", "-p", "!814", "--uid", "0" },
	{ "-p", "813", "-p", "12", "--by", "owner_pid", "-j" },
};
#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static struct options options[QUESTIONS];
static char path[256];
static int file;
static sqlite3 *sql;
static struct image { unsigned char *bytes; sqlite3_int64 size; } images[2];
static char columns[TABLES][COLUMNS_MAX][NAME];
static size_t column_count[TABLES];

/* What is left of an input. */
struct input {
	const uint8_t *at, *end;
};

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz db: %s\n", what);
	abort();
}

static void run_sql(const char *text)
{
	need(!sqlite3_exec(sql, text, NULL, NULL, NULL), sqlite3_errmsg(sql));
}

/* Of any kind of record; they are of several minutes and of two families. */
static void make_act(struct act *act, const struct run *run, uint8_t kind)
{
	struct record *r = &act->record;

	*act = (struct act){ .cgroup = "/user.slice/\x1b[2J", .owner_cgroup = "/system.slice/a" };
	*r = (struct record){
		.size = sizeof(*r), .version = RECORD_VERSION, .kind = kind, .run = run->id,
		.family = kind % 2 ? AF_INET6 : AF_INET, .state = TCP_ESTABLISHED, .socket = 7,
		.time_ns = run->wall.last.ktime_ns + 20 * SECOND * kind,
		.facts = FACT(fin_sent) | FACT(owned) | FACT(closing), .lport = 443,
		.note = kind == RECORD_NOTE, .rport = 40112,
		.syscall = SYS_close, .owner_by = OWNER_ACCEPT,
		.known = KNOWN_SEQ | KNOWN_BYTES | KNOWN_BORN | KNOWN_OWNER | KNOWN_SOCKET |
			 KNOWN_ERRNO | KNOWN_ACTOR | KNOWN_SYSCALL | KNOWN_CGROUP | KNOWN_PEER,
		.laddr = { [10] = 0xff, 0xff, 10, 0, 0, 5 },
		.raddr = { [10] = 0xff, 0xff, 10, 0, 0, 9 },
		.actor = { .pid = 812, .tid = 812, .comm = "nginx" },
		.owner = { .pid = 813, .tid = 813, .comm = "\x1b]0;x\xff" },
		.peer = { .pid = 814, .tid = 814, .comm = "curl" },
	};
	r->born_ns = r->time_ns - SECOND;
	act->wall_ns = wall_at(&run->wall, r->time_ns);
	if (kind >= RECORD_ACTS)
		return;
	act_derive(act);
	cause_classify(act);
}

static void make_frames(struct act_frames *frames)
{
	struct frame *frame;

	frames_start(&frames->user);
	frames_start(&frames->kernel);
	frame = frames_next(&frames->user);
	strcpy(frame->symbol, "main");
	strcpy(frame->module, "a.out");
	frames_cut(&frames->user, "stripped");
}

/* A run with one of each kind, the first with all that few acts have. */
static void add_run(bool clean)
{
	static struct act_frames frames;
	const struct db_options asked = { .path = path };
	struct wall_reading clock = { .ktime_ns = SECOND, .wall_ns = 1795435201118000000 };
	struct totals totals = { .all = true, .lost_ring = 3 };
	struct wall_step step = { .ktime_ns = 30 * SECOND, .step_ns = 5, .slept_ns = 7 };
	char message[MESSAGE] = "";
	struct run run;
	struct db *db;

	need(!run_init(&run), "no identity");
	run.tier = "base";
	run.start_wall_ns = (uint64_t)clock.wall_ns + SECOND;
	wall_start(&run.wall, &clock);
	need(!db_open(&db, &asked, &run, message), message);
	make_frames(&frames);
	for (uint8_t kind = 0; kind < RECORD_KINDS; kind++) {
		struct held held = { .pids = { 12, 3456 }, .count = 2, .more = true };
		struct record before;
		struct act act;

		make_act(&act, &run, kind);
		before = act.record;
		act.held = kind ? NULL : &before;
		act.frames = kind ? NULL : &frames;
		db_add(db, &act, kind == RECORD_HELD ? &held : NULL);
	}
	db_add_clock(db, &step);
	db_tick(db, run_now(), &totals);
	if (clean)
		need(!db_end(db, &totals), "cannot write");
	db_close(db);
}

/* A copy of a file, to work on. */
static void load(const char *name)
{
	sqlite3_int64 size = 0;
	unsigned char *bytes = NULL;

	if (!sqlite3_open_v2(name, &sql, SQLITE_OPEN_READONLY, NULL))
		bytes = sqlite3_serialize(sql, "main", &size, 0);
	need(bytes, "it wants to run where tests/samples is");
	sqlite3_close(sql);
	need(!sqlite3_open(":memory:", &sql) &&
	     !sqlite3_deserialize(sql, "main", bytes, size, size, SQLITE_DESERIALIZE_FREEONCLOSE |
				  SQLITE_DESERIALIZE_RESIZEABLE), "no memory");
}

/* What a stranger can make of it: any type in any column.  Few pages and rows. */
static void open_up(struct image *image)
{
	run_sql("PRAGMA writable_schema = ON;"
		"UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')');"
		"DELETE FROM sqlite_schema WHERE type = 'view'; PRAGMA writable_schema = RESET;"
		"DELETE FROM rows WHERE id > (SELECT min(id) FROM rows) + 20;"
		"PRAGMA auto_vacuum = NONE; VACUUM");
	image->bytes = sqlite3_serialize(sql, "main", &image->size, 0);
	need(image->bytes, "no memory");
}

static void read_columns(void)
{
	for (size_t i = 0; i < TABLES; i++) {
		char *text = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q)", tables[i]);
		sqlite3_stmt *row = NULL;

		need(text && !sqlite3_prepare_v2(sql, text, -1, &row, NULL), "no columns");
		while (sqlite3_step(row) == SQLITE_ROW && column_count[i] < COLUMNS_MAX)
			snprintf(columns[i][column_count[i]++], NAME, "%s",
				 (const char *)sqlite3_column_text(row, 0));
		sqlite3_finalize(row);
		sqlite3_free(text);
	}
}

static void forget_file(void)
{
	unlink(path);
}

/* The file that is read; SQLite wants one with a name. */
static void make_file(void)
{
	snprintf(path, sizeof(path), "%s/fuzz-db-XXXXXX", getenv("TMPDIR") ?: "/tmp");
	file = mkstemp(path);
	need(file >= 0, "no temporary file");
	atexit(forget_file);
}

static void make_images(void)
{
	make_file();
	add_run(false);
	add_run(true);
	load(path);
	open_up(&images[0]);
	sqlite3_close(sql);
	load(SAMPLE);
	open_up(&images[1]);
	read_columns();
}

static void parse_questions(void)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		char *argv[WORDS_MAX + 4] = { "closetrace", "report", path };
		int argc = 3;

		for (const char *const *word = questions[i]; *word; word++)
			argv[argc++] = (char *)*word;
		need(!options_parse(&options[i], argc, argv), options[i].error);
	}
}

static void start(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	need(freopen("/dev/null", "w", stdout), "no /dev/null");
	parse_questions();
	make_images();
}

static uint8_t byte(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

/* As many bytes as their count says, or as there are. */
static const uint8_t *bytes(struct input *input, size_t *size)
{
	const uint8_t *first;

	*size = byte(input);
	first = input->at;
	if (*size > (size_t)(input->end - first))
		*size = (size_t)(input->end - first);
	input->at += *size;
	return first;
}

static int64_t number(struct input *input)
{
	size_t size;
	const uint8_t *from = bytes(input, &size);
	uint64_t value = size && from[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | from[i];
	return (int64_t)value;
}

enum form { FORM_NULL, FORM_NUMBER, FORM_REAL, FORM_TEXT, FORM_LONG, FORM_BYTES, FORM_GONE, FORMS };

static void bind_value(sqlite3_stmt *update, enum form form, struct input *input)
{
	static char text[256 * TEXT_REPEATS];
	const uint8_t *from;
	size_t size;

	if (form == FORM_NUMBER)
		sqlite3_bind_int64(update, 1, number(input));
	if (form == FORM_REAL)
		sqlite3_bind_double(update, 1, (double)number(input) * 1e300);
	if (form < FORM_TEXT || form > FORM_BYTES)
		return;
	from = bytes(input, &size);
	if (form == FORM_BYTES)
		sqlite3_bind_blob(update, 1, from, (int)size, SQLITE_TRANSIENT);
	if (form == FORM_TEXT)
		sqlite3_bind_text(update, 1, (const char *)from, (int)size, SQLITE_TRANSIENT);
	for (size_t i = 0; form == FORM_LONG && i < TEXT_REPEATS; i++)
		memcpy(text + i * size, from, size);
	if (form == FORM_LONG)
		sqlite3_bind_text(update, 1, text, (int)size * TEXT_REPEATS, SQLITE_STATIC);
}

/* Applied when the tables are open; what is refused, as a number that is taken, changes nothing. */
static void change_cell(struct input *input, size_t table, bool tables_open)
{
	unsigned int row = byte(input), column = byte(input) % column_count[table];
	enum form form = byte(input) % FORMS;
	char *text = sqlite3_mprintf(form == FORM_GONE ? "DELETE FROM %s" : "UPDATE %s SET %s = ?",
				     tables[table], columns[table][column]);
	char *whole = sqlite3_mprintf("%s WHERE rowid = (SELECT rowid FROM %s LIMIT 1 OFFSET %u)",
				      text, tables[table], row);
	sqlite3_stmt *update = NULL;

	if (tables_open && whole)
		sqlite3_prepare_v2(sql, whole, -1, &update, NULL);
	bind_value(update, form, input);
	sqlite3_step(update);
	sqlite3_finalize(update);
	sqlite3_free(whole);
	sqlite3_free(text);
}

static void damage(struct input *input, struct image *image)
{
	size_t place = (size_t)byte(input) << 16, size;
	const uint8_t *from;

	place |= (size_t)byte(input) << 8;
	place |= byte(input);
	from = bytes(input, &size);
	for (size_t i = 0; image->bytes && i < size; i++)
		image->bytes[(place + i) % (size_t)image->size] = from[i];
}

/* First the cells, in tables that are open; then the bytes of the file that came of it. */
static void change(struct input input, struct image *image)
{
	while (input.at < input.end) {
		size_t table = byte(&input) % (TABLES + 1);

		if (table == TABLES)
			damage(&input, image);
		else
			change_cell(&input, table, !image->bytes);
	}
}

static void write_file(const struct image *image)
{
	need(!ftruncate(file, 0) &&
	     pwrite(file, image->bytes, (size_t)image->size, 0) == image->size, "cannot write");
}

static void fill_file(struct input input, const struct image *from)
{
	struct image image = { NULL, from->size };
	unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)from->size);

	need(copy, "no memory");
	memcpy(copy, from->bytes, (size_t)from->size);
	need(!sqlite3_deserialize(sql, "main", copy, from->size, from->size,
				  SQLITE_DESERIALIZE_FREEONCLOSE |
				  SQLITE_DESERIALIZE_RESIZEABLE), "cannot copy");
	change(input, &image);
	image.bytes = sqlite3_serialize(sql, "main", &image.size, 0);
	need(image.bytes, "no memory");
	change(input, &image);
	write_file(&image);
	sqlite3_free(image.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, data + size };
	const struct options *asked;

	start();
	asked = &options[byte(&input) % QUESTIONS];
	fill_file(input, &images[byte(&input) % 2]);
	report_run(asked);
	return 0;
}
