// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>
#include <sys/socket.h>

#include "../wrap.h"
#include "line.h"

#define FOLD_COLUMNS	100	/* narrower: two lines an act */
#define TIGHT_COLUMNS	80	/* narrower: no room for the padding of names either */
#define LEAST_COLUMNS	24	/* of evidence; where there is less it stands below */
#define BELOW		4	/* in this column */

enum { WIDTH_WHO = 18, WIDTH_END = 21, WIDTH_WIRE = 5, WIDTH_WHAT = 22 };

bool line_folds(const struct sink_options *options)
{
	return options->columns && options->columns < FOLD_COLUMNS;
}

/* "nginx[812]"; "nginx[-]": its number is not one of our pid namespace. */
static void task(const struct record_task *task, char *buffer, size_t size)
{
	char comm[WORDS_COMM];

	words_comm(task->comm, sizeof(task->comm), comm);
	if (task->pid)
		snprintf(buffer, size, "%s[%u]", comm, task->pid);
	else
		snprintf(buffer, size, "%s[-]", comm);
}

/*
 * "nginx[812]" decided it, "(nginx[812])" only owned the socket, "(~nginx[812])": that is inferred,
 * "-": not known.
 */
void line_who(const struct act *act, char who[LINE_WHO])
{
	const struct record *r = &act->record;
	char name[LINE_WHO - 4];

	if (r->known & KNOWN_ACTOR) {
		task(&r->actor, who, LINE_WHO);
	} else if (r->known & KNOWN_OWNER) {
		task(&r->owner, name, sizeof(name));
		snprintf(who, LINE_WHO, "(%s%s)", r->owner_by == OWNER_LISTENER ? "~" : "", name);
	} else {
		strcpy(who, "-");
	}
}

void line_port(const struct sink_options *options, uint16_t port, char name[SERVICES_NAME])
{
	const char *service = options->services ? services_name(port) : NULL;

	if (service)
		strcpy(name, service);
	else
		snprintf(name, SERVICES_NAME, "%u", port);
}

void line_end(const struct sink_options *options, const uint8_t address[16], int family,
	      uint16_t port, char out[LINE_END])
{
	char text[WORDS_ADDRESS], name[SERVICES_NAME];

	words_address(address, family, text);
	line_port(options, port, name);
	snprintf(out, LINE_END, family == AF_INET6 ? "[%s]:%s" : "%s:%s", text, name);
}

static void paint(const struct sink_options *options, enum paint color, bool bold)
{
	static const char *const codes[] = {
		[PAINT_NONE] = "",	       [PAINT_ASIDE] = "\033[2m",
		[PAINT_GOOD] = "\033[32m",    [PAINT_OURS] = "\033[31m",
		[PAINT_THEIRS] = "\033[33m",  [PAINT_REPLY] = "\033[36m",
		[PAINT_ALARM] = "\033[35m",
	};

	if (!options->color)
		return;
	fputs(codes[color], options->out);
	if (bold)
		fputs("\033[1m", options->out);
}

static void unpaint(const struct sink_options *options, enum paint color)
{
	if (options->color && color != PAINT_NONE)
		fputs("\033[0m", options->out);
}

/* The cells of one line, already as text. */
struct cells {
	const char *when, *who, *local, *peer, *wire, *what, *evidence;
};

/* Columns of text and of the blanks that follow it, so that the next column is in its place. */
static int span(const char *text, int width)
{
	int columns = (int)words_columns(text);

	return (columns < width ? width : columns) + 2;
}

static int column(FILE *out, const char *text, int width)
{
	int columns = span(text, width);

	fprintf(out, "%s%*s", text, columns - (int)words_columns(text), "");
	return columns;
}

/* Behind the verdict, where that leaves hardly any room below it; in files all is one line. */
static void print_evidence(const struct sink_options *options, const struct cells *cells, int at,
			   int width, enum paint color)
{
	int columns = (int)options->columns, begin = at + span(cells->what, width);
	bool below = columns && begin + LEAST_COLUMNS > columns &&
		     begin + (int)words_columns(cells->evidence) > columns;

	/* Where nothing follows there are no blanks either. */
	if (cells->evidence[0] && !below)
		column(options->out, cells->what, width);
	else
		fputs(cells->what, options->out);
	unpaint(options, color);
	if (below)
		fprintf(options->out, "\n%*s", BELOW, "");
	wrap_within(options->out, cells->evidence, below ? BELOW : begin, columns);
}

static void print(const struct sink_options *options, const struct cells *cells, enum paint color,
		  bool bold)
{
	bool folds = line_folds(options);
	bool tight = folds && options->columns < TIGHT_COLUMNS;
	FILE *out = options->out;
	int at = 0;

	if (options->stamp != STAMP_NONE)
		at += column(out, cells->when, stamp_columns(options->stamp));
	at += column(out, cells->who, tight ? 0 : WIDTH_WHO);
	if (folds) {
		fprintf(out, "%s > %s\n  ", cells->local, cells->peer);
		at = 2;
	} else {
		at += column(out, cells->local, WIDTH_END);
		at += column(out, cells->peer, WIDTH_END);
	}
	paint(options, color, bold);
	at += column(out, cells->wire, WIDTH_WIRE);
	print_evidence(options, cells, at, tight ? 0 : WIDTH_WHAT, color);
}

void line_head(const struct sink_options *options)
{
	const struct cells cells = { "TIME", "WHO", "LOCAL", "PEER", "WIRE", "CAUSE", "EVIDENCE" };

	print(options, &cells, PAINT_NONE, false);
}

void line_print(const struct sink_options *options, const struct line *line)
{
	const struct record *r = &line->act->record;
	char when[WORDS_TIME], who[LINE_WHO], local[LINE_END], peer[LINE_END];
	const struct cells cells = { when, who, local, peer, line->wire, line->what,
				     line->evidence };

	stamp_text(options->stamp, line->act->wall_ns, line->since_ns, when);
	line_who(line->act, who);
	line_end(options, r->laddr, r->family, r->lport, local);
	line_end(options, r->raddr, r->family, r->rport, peer);
	print(options, &cells, line->paint, line->bold);
}
