/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Markdown: a table, a row for what the paths of a scenario have in common. */
#include <inttypes.h>
#include <stdlib.h>
#include <json-c/json.h>

#include "line.h"
#include "report.h"

/* A '|' would end the cell. */
static void print_cell(const char *text, FILE *out)
{
	fputs(" ", out);
	for (; *text; text++)
		fprintf(out, "%s%c", *text == '|' ? "\\" : "", *text);
	fputs(" |", out);
}

static void print_key(const struct json_object *line, const char *key, FILE *out)
{
	char *words = line_words(line, key);

	print_cell(words, out);
	free(words);
}

static void tell_case(const struct report *report, const struct json_object *line,
		      const char *paths, FILE *out)
{
	static const char *const keys[] = { "said", "wire", "counters", "errno", "note" };
	struct json_object *agree = line_get(line, "agree");

	(void)report;
	fprintf(out, "| `%s`%s%s |", line_text(line, "scenario"), *paths ? " " : "", paths);
	print_cell(!agree ? "-" : json_object_get_boolean(agree) ? "yes" : "**no**", out);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		print_key(line, keys[i], out);
	putc('\n', out);
}

static void print_head(const struct report *report, FILE *out)
{
	if (!report->quiet)
		fprintf(out, "# How connections end on Linux %s\n\nTier %s of closetrace %s.\n\n",
			line_text(report->start, "kernel"), line_text(report->start, "tier"),
			line_text(report->start, "version"));
}

static void print_sums(const struct report *report, FILE *out)
{
	const struct json_object *end = report->end;

	if (line_text(end, "stream"))
		fprintf(out, "\n**closetrace's own sums:** %s\n", line_text(end, "stream"));
	if (!report->quiet)
		fprintf(out, "\n%" PRId64 " cases ran: %" PRId64 " agree, %" PRId64
			" disagree; %" PRId64 " were left out.\n", line_number(end, "ran"),
			line_number(end, "agreed"), line_number(end, "disagreed"),
			line_number(end, "skipped"));
}

static void md_cases(const struct report *report, FILE *out)
{
	print_head(report, out);
	fputs("| scenario | agree | closetrace said | wire | counted | errno | note |\n"
	      "| --- | --- | --- | --- | --- | --- | --- |\n", out);
	report_each(report, report->lines, report_case_keys, tell_case, out);
	print_sums(report, out);
}

static void tell_change(const struct report *report, const struct json_object *line,
			const char *paths, FILE *out)
{
	(void)report;
	fprintf(out, "| `%s`%s%s |", line_text(line, "scenario"), *paths ? " " : "", paths);
	print_cell(line_text(line, "key"), out);
	print_cell(line_text(line, "was"), out);
	print_cell(line_text(line, "is"), out);
	putc('\n', out);
}

static void md_changes(const struct report *report, FILE *out)
{
	static const char *const keys[] = { "key", "was", "is", NULL };

	print_head(report, out);
	fputs("| scenario | what | was | is |\n| --- | --- | --- | --- |\n", out);
	report_each(report, report->changes, keys, tell_change, out);
	print_sums(report, out);
}

const struct report_format report_md = {
	.name = "md", .cases = md_cases, .changes = md_changes,
};
