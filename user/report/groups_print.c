// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* groups_print.c - what has been counted: a table, JSON lines, CSV */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "json_line.h"
#include "sinks/csv.h"
#include "words.h"

#define WIDEST	48	/* columns of a key; a longer value moves the rest of its line */

struct rows {
	const struct groups *groups;
	const struct group **row;
	size_t count;		/* that are shown */
	FILE *out;
	bool header;
};

static const char *cell(const struct value *value, char number[32])
{
	switch (value->kind) {
	case VALUE_TEXT:
		return value->text;
	case VALUE_INTEGER:
		snprintf(number, 32, "%" PRId64, value->integer);
		return number;
	case VALUE_BOOLEAN:
		return value->boolean ? "true" : "false";
	default:
		return "-";
	}
}

static void measure(const struct rows *rows, size_t width[GROUPS_KEYS])
{
	for (size_t i = 0; i < rows->groups->keys; i++)
		width[i] = strlen(rows->groups->key[i]->key);
	for (size_t i = 0; i < rows->count; i++) {
		size_t at = 0;

		for (size_t key = 0; key < rows->groups->keys; key++) {
			struct value value;
			char number[32];
			size_t columns;

			group_value(rows->row[i], &at, &value);
			columns = words_columns(cell(&value, number));
			if (columns > width[key] && columns <= WIDEST)
				width[key] = columns;
		}
	}
}

/* Behind the last one there are no blanks. */
static void put(const struct rows *rows, size_t key, const char *text, const size_t *width)
{
	size_t columns = words_columns(text);
	bool last = key + 1 == rows->groups->keys;

	fprintf(rows->out, "  %s%*s", text, last || columns >= width[key] ? 0 :
		(int)(width[key] - columns), "");
}

static void text_rest(const struct rows *rows)
{
	struct numbers sum = { 0 };
	size_t others = rows->groups->count - rows->count;

	if (!others)
		return;
	for (size_t i = rows->count; i < rows->groups->count; i++)
		numbers_add(&sum, &rows->row[i]->tally);
	numbers_print(rows->out, &sum);
	fprintf(rows->out, "  %zu other%s\n", others, others == 1 ? "" : "s");
}

static int print_text(const struct rows *rows)
{
	size_t width[GROUPS_KEYS];

	measure(rows, width);
	if (rows->header) {
		numbers_head(rows->out);
		for (size_t key = 0; key < rows->groups->keys; key++)
			put(rows, key, rows->groups->key[key]->key, width);
		fputc('\n', rows->out);
	}
	for (size_t i = 0; i < rows->count; i++) {
		size_t at = 0;

		numbers_print(rows->out, &rows->row[i]->tally);
		for (size_t key = 0; key < rows->groups->keys; key++) {
			struct value value;
			char number[32];

			group_value(rows->row[i], &at, &value);
			put(rows, key, cell(&value, number), width);
		}
		fputc('\n', rows->out);
	}
	text_rest(rows);
	return sink_failed(rows->out);
}

/* NULL stands for null. */
static struct json_object *json_value(const struct value *value)
{
	switch (value->kind) {
	case VALUE_TEXT:
		return json_object_new_string(value->text);
	case VALUE_INTEGER:
		return json_object_new_int64(value->integer);
	case VALUE_BOOLEAN:
		return json_object_new_boolean(value->boolean);
	default:
		return NULL;
	}
}

static int print_json(const struct rows *rows)
{
	int rc = 0;

	for (size_t i = 0; i < rows->count && !rc; i++) {
		struct json_object *line = json_line_new("group");
		size_t at = 0;

		for (enum number n = 0; n < NUMBERS; n++)
			json_line_count(line, numbers_keys[n], rows->row[i]->tally.number[n]);
		for (size_t key = 0; key < rows->groups->keys; key++) {
			struct value value;

			group_value(rows->row[i], &at, &value);
			json_line_add(line, rows->groups->key[key]->key, json_value(&value));
		}
		rc = json_line_write(rows->out, line);
	}
	return rc;
}

static int print_csv(const struct rows *rows)
{
	if (rows->header) {
		for (enum number n = 0; n < NUMBERS; n++)
			fprintf(rows->out, "%s%s", n ? "," : "", numbers_keys[n]);
		for (size_t key = 0; key < rows->groups->keys; key++)
			fprintf(rows->out, ",%s", rows->groups->key[key]->key);
		fputs("\r\n", rows->out);
	}
	for (size_t i = 0; i < rows->count; i++) {
		size_t at = 0;

		for (enum number n = 0; n < NUMBERS; n++)
			fprintf(rows->out, "%s%" PRIu64, n ? "," : "",
				rows->row[i]->tally.number[n]);
		for (size_t key = 0; key < rows->groups->keys; key++) {
			struct value value;

			group_value(rows->row[i], &at, &value);
			fputc(',', rows->out);
			csv_value(rows->out, &value);
		}
		fputs("\r\n", rows->out);
	}
	return sink_failed(rows->out);
}

int groups_print(const struct groups *groups, const struct sink_options *options,
		 const char *format, uint64_t top)
{
	struct rows rows = { .groups = groups, .row = groups_sorted(groups), .out = options->out,
			     .count = groups->count, .header = options->messages };
	int rc;

	if (!rows.row)
		return -ENOMEM;
	if (top && top < rows.count)
		rows.count = top;
	if (!strcmp(format, "json"))
		rc = print_json(&rows);
	else
		rc = (!strcmp(format, "csv") ? print_csv : print_text)(&rows);
	free(rows.row);
	return rc;
}
