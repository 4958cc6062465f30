// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "abi/tally.h"
#include "cause.h"
#include "numbers.h"
#include "services.h"
#include "summary.h"
#include "words.h"

#define TOP	10	/* rows shown of a section */
#define ROWS	8192	/* kept of a section; those after them share one */
#define NAME	(WORDS_COMM + 16)
#define SECOND	1000000000ULL

enum section { BY_CAUSE, BY_OWNER, BY_PORT, SECTIONS };
enum span { RUN, INTERVAL, SPANS };

struct row {
	char key[NAME];
	uint32_t pid;			/* of an owner; 0: there were several */
	uint16_t port;
	bool away;			/* the port is the other side's */
	struct numbers tally[SPANS];
};

struct table {
	void *tree;
	size_t rows;
};

struct summary {
	uint64_t start_ns, last_ns, every_ns;
	struct table table[SECTIONS];
	uint64_t acts[SPANS];
};

struct summary *summary_new(uint64_t start_ns, uint64_t every_ns)
{
	struct summary *summary = calloc(1, sizeof(*summary));

	if (summary) {
		summary->start_ns = summary->last_ns = start_ns;
		summary->every_ns = every_ns;
	}
	return summary;
}

void summary_free(struct summary *summary)
{
	for (size_t i = 0; summary && i < SECTIONS; i++)
		tdestroy(summary->table[i].tree, free);
	free(summary);
}

static int by_key(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	return strcmp(a->key, b->key);
}

/* The row of that key, or the one of all others; NULL without memory. */
static struct row *find(struct table *table, struct row *wanted)
{
	struct row **known = tfind(wanted, &table->tree, by_key), *row;

	if (known)
		return *known;
	if (table->rows >= ROWS) {
		*wanted = (struct row){ .key = "[others]" };
		known = tfind(wanted, &table->tree, by_key);
		if (known)
			return *known;
	}
	row = malloc(sizeof(*row));
	if (!row)
		return NULL;
	*row = *wanted;
	if (!tsearch(row, &table->tree, by_key)) {
		free(row);
		return NULL;
	}
	table->rows++;
	return row;
}

static int count(struct table *table, struct row *wanted, const struct act *act, uint64_t acts)
{
	struct row *row = find(table, wanted);

	if (!row)
		return -ENOMEM;
	if (row->pid != wanted->pid)
		row->pid = 0;
	for (enum span span = 0; span < SPANS; span++)
		numbers_act(&row->tally[span], act, acts);
	return 0;
}

static void name_owner(struct row *row, const struct act *act)
{
	const struct record_task *task = act_task(act);

	if (task) {
		words_comm(task->comm, sizeof(task->comm), row->key);
		row->pid = task->pid;
	} else {
		strcpy(row->key, "-");
	}
}

static void name_port(struct row *row, const struct record *r)
{
	row->away = tally_away(r);
	row->port = row->away ? r->rport : r->lport;
	if (!row->port)
		strcpy(row->key, "-");
	else
		snprintf(row->key, sizeof(row->key), "%s%u", row->away ? "to " : "",
			 row->port);
}

int summary_add(struct summary *summary, const struct act *act, uint64_t acts)
{
	struct row cause = { 0 }, owner = { 0 }, port = { 0 };
	struct table *table = summary->table;

	strcpy(cause.key, act->cause->slug);
	name_owner(&owner, act);
	name_port(&port, &act->record);
	for (enum span span = 0; span < SPANS; span++)
		summary->acts[span] += acts;
	return count(&table[BY_CAUSE], &cause, act, acts) ?:
	       count(&table[BY_OWNER], &owner, act, acts) ?:
	       count(&table[BY_PORT], &port, act, acts);
}

/* Rows of a table in an array. */
struct list {
	struct row **row;
	size_t count;
};

static void collect(const void *node, VISIT visit, void *context)
{
	struct list *list = context;

	if (visit == postorder || visit == leaf)
		list->row[list->count++] = *(struct row *const *)node;
}

static int most_first(const void *left, const void *right, void *context)
{
	const struct row *a = *(struct row *const *)left, *b = *(struct row *const *)right;
	const enum span *span = context;
	uint64_t x = a->tally[*span].number[ACTS], y = b->tally[*span].number[ACTS];

	return x == y ? strcmp(a->key, b->key) : (x < y) - (x > y);
}

static void print_name(FILE *out, const struct row *row, bool services)
{
	const char *service = row->port && services ? services_name(row->port) : NULL;

	if (service)
		fprintf(out, "  %s%s", row->away ? "to " : "", service);
	else
		fprintf(out, "  %s", row->key);
	if (row->pid)
		fprintf(out, "[%u]", row->pid);
	fputc('\n', out);
}

static void print_others(FILE *out, const struct list *list, enum span span)
{
	struct numbers sum = { 0 };
	size_t others = 0;

	for (size_t i = TOP; i < list->count; i++) {
		others += list->row[i]->tally[span].number[ACTS] > 0;
		numbers_add(&sum, &list->row[i]->tally[span]);
	}
	if (!others)
		return;
	numbers_print(out, &sum);
	fprintf(out, "  %zu other%s\n", others, others == 1 ? "" : "s");
}

static void print_table(FILE *out, const struct table *table, const char *title, enum span span,
			bool services)
{
	struct list list = { .row = calloc(table->rows + 1, sizeof(struct row *)) };

	if (!list.row)
		return;
	twalk_r(table->tree, collect, &list);
	qsort_r(list.row, list.count, sizeof(list.row[0]), most_first, &span);
	numbers_head(out);
	fprintf(out, "  %s\n", title);
	for (size_t i = 0; i < list.count && i < TOP && list.row[i]->tally[span].number[ACTS];
	     i++) {
		numbers_print(out, &list.row[i]->tally[span]);
		print_name(out, list.row[i], services);
	}
	print_others(out, &list, span);
	free(list.row);
}

/* It is the output when there are no lines; beside them it is for people, as totals are. */
static void print(const struct summary *summary, const struct sink_options *options,
		  enum span span, uint64_t since_ns)
{
	FILE *out = options->silent ? options->out : options->messages ?: stderr;
	uint64_t ms = (options->now_ns - since_ns) / 1000000, acts = summary->acts[span];
	static const char *const titles[SECTIONS] = { "CAUSE", "OWNER", "PORT" };

	fprintf(out, "%s %" PRIu64 ".%" PRIu64 " s: %" PRIu64 " act%s", span == RUN ?
		"summary of" : "summary of the last", ms / 1000, ms / 100 % 10, acts,
		acts == 1 ? "" : "s");
	if (ms && acts)
		fprintf(out, ", %.1f/s", (double)acts * 1000 / (double)ms);
	fputc('\n', out);
	for (enum section i = 0; acts && i < SECTIONS; i++)
		print_table(out, &summary->table[i], titles[i], span, options->services);
}

static void clear(const void *node, VISIT visit, void *context)
{
	struct row *row = *(struct row *const *)node;

	(void)context;
	if (visit == postorder || visit == leaf)
		row->tally[INTERVAL] = (struct numbers){ 0 };
}

uint64_t summary_due(const struct summary *summary)
{
	return summary->every_ns ? summary->last_ns + summary->every_ns : UINT64_MAX;
}

uint64_t summary_tick(struct summary *summary, const struct sink_options *options)
{
	if (!summary->every_ns)
		return UINT64_MAX;
	/* Of a record the clock may have begun below 0. */
	if ((int64_t)(options->now_ns - summary->last_ns) >= (int64_t)summary->every_ns) {
		print(summary, options, INTERVAL, summary->last_ns);
		for (size_t i = 0; i < SECTIONS; i++)
			twalk_r(summary->table[i].tree, clear, NULL);
		summary->acts[INTERVAL] = 0;
		summary->last_ns = options->now_ns;
	}
	return summary->last_ns + summary->every_ns;
}

void summary_go_on(struct summary *summary, uint64_t ended_ns, uint64_t now_ns)
{
	summary->start_ns += now_ns - ended_ns;
	summary->last_ns += now_ns - ended_ns;
}

void summary_end(struct summary *summary, const struct sink_options *options)
{
	print(summary, options, RUN, summary->start_ns);
}
