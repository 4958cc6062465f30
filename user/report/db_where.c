// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "cause.h"
#include "db_tasks.h"
#include "db_where.h"
#include "store/db_schema.h"

static void address(sqlite3_str *sql, const uint8_t bytes[16])
{
	sqlite3_str_appendall(sql, "x'");
	for (int i = 0; i < 16; i++)
		sqlite3_str_appendf(sql, "%02x", bytes[i]);
	sqlite3_str_appendall(sql, "'");
}

/* "(NOT) (r.lport = 80 OR r.rport = 80)": of one side, or of either. */
static void on_sides(sqlite3_str *sql, enum settings_side side, const char *local,
		     const char *remote, const char *condition)
{
	if (side != SIDE_REMOTE)
		sqlite3_str_appendf(sql, "r.%s%s", local, condition);
	if (side == SIDE_EITHER)
		sqlite3_str_appendall(sql, " OR ");
	if (side != SIDE_LOCAL)
		sqlite3_str_appendf(sql, "r.%s%s", remote, condition);
}

/* Of one side: those that are wanted are alternatives, and none of those that are excluded. */
static void ports(sqlite3_str *sql, const struct options *options, enum settings_side side,
		  bool not)
{
	bool any = false;

	for (uint32_t i = 0; i < options->ports; i++) {
		const struct settings_port *port = &options->port[i];
		char condition[16];

		if (port->side != side || port->not != not)
			continue;
		sqlite3_str_appendall(sql, any ? " OR " : not ? " AND NOT (" : " AND (");
		sqlite3_snprintf(sizeof(condition), condition, " = %d", port->port);
		on_sides(sql, side, "lport", "rport", condition);
		any = true;
	}
	if (any)
		sqlite3_str_appendall(sql, ")");
}

static void range(sqlite3_str *sql, const struct settings_address *net)
{
	uint8_t first[16], last[16], mask[16];

	memcpy(first, net->address, sizeof(first));
	memcpy(mask, net->mask, sizeof(mask));
	for (int i = 0; i < 16; i++)
		last[i] = first[i] | (uint8_t)~mask[i];
	sqlite3_str_appendall(sql, " BETWEEN ");
	address(sql, first);
	sqlite3_str_appendall(sql, " AND ");
	address(sql, last);
}

static void addresses(sqlite3_str *sql, const struct options *options, enum settings_side side,
		      bool not)
{
	bool any = false;

	for (uint32_t i = 0; i < options->addresses; i++) {
		const struct settings_address *net = &options->address[i];
		sqlite3_str *condition;
		char *text;

		if (net->side != side || net->not != not)
			continue;
		condition = sqlite3_str_new(NULL);
		range(condition, net);
		text = sqlite3_str_finish(condition);
		sqlite3_str_appendall(sql, any ? " OR " : not ? " AND NOT (" : " AND (");
		on_sides(sql, side, "laddr", "raddr", text ?: "");
		sqlite3_free(text);
		any = true;
	}
	if (any)
		sqlite3_str_appendall(sql, ")");
}

#define UNEXPECTED "(class NOT IN ('orderly', 'refused', 'reply') OR lossy)"

/* The causes that are wanted; a class of a younger version is not for SQL to know. */
static void wanted_causes(sqlite3_str *sql, const struct choice *choice)
{
	sqlite3_str_appendall(sql, " AND (cause IN (''");
	for (size_t i = 0; i < cause_count; i++) {
		if (choice->wanted >> i & 1)
			sqlite3_str_appendf(sql, ", %Q", cause_rows[i].slug);
	}
	sqlite3_str_appendall(sql, ")");
	for (enum cause_class class = 0; class < CAUSE_CLASSES; class++) {
		if (choice_wants_class(choice, class))
			sqlite3_str_appendf(sql, " OR class = %Q", cause_class_name(class));
	}
	if (choice->wants_unexpected)
		sqlite3_str_appendall(sql, " OR " UNEXPECTED);
	sqlite3_str_appendall(sql, ")");
}

static void excluded_causes(sqlite3_str *sql, const struct choice *choice)
{
	sqlite3_str_appendall(sql, " AND cause NOT IN (''");
	for (size_t i = 0; i < cause_count; i++) {
		if (choice->excluded >> i & 1)
			sqlite3_str_appendf(sql, ", %Q", cause_rows[i].slug);
	}
	sqlite3_str_appendall(sql, ")");
}

static void wires(sqlite3_str *sql, unsigned int show)
{
	sqlite3_str_appendall(sql, " AND (0");
	if (show & SHOW_FIN)
		sqlite3_str_appendall(sql, " OR wire = 'fin'");
	if (show & SHOW_SILENT)
		sqlite3_str_appendall(sql, " OR wire = 'none'");
	if (show & SHOW_RST_IN)
		sqlite3_str_appendall(sql, " OR (wire = 'rst' AND dir = 'in')");
	if (show & SHOW_RST_OUT)
		sqlite3_str_appendall(sql, " OR (wire = 'rst' AND dir <> 'in')");
	sqlite3_str_appendall(sql, ")");
}

static void namespaces(sqlite3_str *sql, const struct options *options)
{
	bool any = false;

	for (uint32_t i = 0; i < options->netns; i++) {
		if (options->ns[i].not)
			continue;
		sqlite3_str_appendf(sql, any ? ", %u" : " AND netns_number IN (%u",
				    options->ns[i].inode);
		any = true;
	}
	if (any)
		sqlite3_str_appendall(sql, ")");
}

static void verdicts(sqlite3_str *sql, const struct options *options)
{
	if (options->show)
		wires(sql, options->show);
	if (options->cause.wants)
		wanted_causes(sql, &options->cause);
	if (options->cause.excluded)
		excluded_causes(sql, &options->cause);
	if (options->unexpected)
		sqlite3_str_appendall(sql, " AND " UNEXPECTED);
}

void db_where_shapes(sqlite3_str *sql, const struct options *options, bool everything)
{
	bool judges = options->show || options->cause.used || options->unexpected;

	sqlite3_str_appendall(sql, "id >= " DB_OLDEST("first_shape"));
	if (!everything)
		sqlite3_str_appendf(sql, " AND type IN ('act', %Q, %Q)",
				    options->held ? "held" : "", options->all ? "note" : "");
	if (judges) {
		/* A close that was not the last has no verdict: it is shown whichever is wanted. */
		sqlite3_str_appendall(sql, " AND (type = 'held' OR (type = 'act'");
		verdicts(sql, options);
		sqlite3_str_appendall(sql, "))");
	}
	namespaces(sql, options);
}

static void ends(sqlite3_str *sql, const struct which_end *local, const struct which_end *remote)
{
	sqlite3_str_appendf(sql, "(r.lport = %d AND r.rport = %d AND r.raddr = ", local->port,
			    remote->port);
	address(sql, remote->address);
	sqlite3_str_appendall(sql, " AND r.laddr = ");
	address(sql, local->address);
	sqlite3_str_appendall(sql, ")");
}

static void lives(sqlite3_str *sql, const struct which *which)
{
	if (!which->lives)
		return;
	sqlite3_str_appendall(sql, " AND (0");
	for (size_t i = 0; i < which->lives; i++) {
		const struct which_life *life = &which->life[i];

		sqlite3_str_appendf(sql, " OR (r.time BETWEEN %lld AND %lld AND "
				    "coalesce(r.socket, 0) IN (0, %lld, %lld))",
				    (sqlite3_int64)life->first_wall_ns,
				    (sqlite3_int64)life->last_wall_ns,
				    (sqlite3_int64)life->socket[0], (sqlite3_int64)life->socket[1]);
	}
	sqlite3_str_appendall(sql, ")");
}

static void connection(sqlite3_str *sql, const struct which *which)
{
	if (!which)
		return;
	/* Its runs and gaps are told all the same. */
	if (which->nowhere) {
		sqlite3_str_appendall(sql, " AND 0");
		return;
	}
	sqlite3_str_appendall(sql, " AND (");
	if (which->ends) {
		ends(sql, &which->end[0], &which->end[1]);
		sqlite3_str_appendall(sql, " OR ");
		ends(sql, &which->end[1], &which->end[0]);
	} else {
		sqlite3_str_appendf(sql, "r.socket = %lld", (sqlite3_int64)which->socket);
	}
	sqlite3_str_appendall(sql, ")");
	lives(sql, which);
}

void db_where_asked(struct db_part *part, const struct report *report)
{
	const struct which *which = &report->which;

	part->since_ns = report->options->report.since_ns;
	part->until_ns = report->options->report.until_ns;
	/* They are in the order of their time. */
	if (!which->lives)
		return;
	if (which->life[0].first_wall_ns > part->since_ns)
		part->since_ns = which->life[0].first_wall_ns;
	if (!part->until_ns || which->life[which->lives - 1].last_wall_ns < part->until_ns)
		part->until_ns = which->life[which->lives - 1].last_wall_ns;
}

/* Chunks tell which rows can be of that time at all. */
void db_where_part(sqlite3_str *sql, const struct db_part *part)
{
	const int64_t last = part->last ?: INT64_MAX;

	sqlite3_str_appendf(sql, "r.id > max(%lld, " DB_OLDEST("first") " - 1",
			    (sqlite3_int64)part->after);
	if (part->since_ns)
		sqlite3_str_appendf(sql, ", (SELECT coalesce(min(first), %lld) FROM chunks WHERE "
				    "until IS NULL OR until >= %lld) - 1) AND r.time >= %lld",
				    INT64_MAX, (sqlite3_int64)part->since_ns,
				    (sqlite3_int64)part->since_ns);
	else
		sqlite3_str_appendall(sql, ")");
	if (part->until_ns)
		sqlite3_str_appendf(sql, " AND r.id <= min(%lld, (SELECT coalesce(min(first) - 1, "
				    "%lld) FROM chunks WHERE first > (SELECT coalesce(max(first), "
				    "0) FROM chunks WHERE since IS NULL OR since <= %lld))) AND "
				    "r.time <= %lld", (sqlite3_int64)last, INT64_MAX,
				    (sqlite3_int64)part->until_ns,
				    (sqlite3_int64)part->until_ns);
	else if (part->last)
		sqlite3_str_appendf(sql, " AND r.id <= %lld", (sqlite3_int64)last);
}

void db_where_rows(sqlite3_str *sql, const struct options *options, const struct which *which,
		   const struct db_part *part)
{
	db_where_part(sql, part);
	connection(sql, which);
	for (enum settings_side side = 0; side < SIDES; side++) {
		ports(sql, options, side, false);
		ports(sql, options, side, true);
		addresses(sql, options, side, false);
		addresses(sql, options, side, true);
	}
}

/* What rows of the same shape share is asked once a shape. */
void db_where(sqlite3_str *sql, const struct options *options, const struct which *which,
	      const struct db_part *part, bool everything)
{
	db_where_rows(sql, options, which, part);
	if (db_tasks_asked(options))
		sqlite3_str_appendall(sql, " AND " DB_TASKS_ASKED);
	sqlite3_str_appendall(sql, " AND r.shape IN (SELECT id FROM shapes WHERE ");
	db_where_shapes(sql, options, everything);
	sqlite3_str_appendall(sql, ")");
}
