/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "line.h"
#include "report.h"

static void print_row(const struct json_object *line, const char *name, const char *key, FILE *out)
{
	char *words = line_words(line, key);

	fprintf(out, "        %-8s  %s\n", name, words);
	free(words);
}

static void print_rest(const struct report *report, const struct json_object *line, FILE *out)
{
	print_row(line, "said", "said", out);
	if (report->verbose)
		print_row(line, "reasons", "reasons", out);
	if (json_object_array_length(line_get(line, "notes")))
		print_row(line, "noted", "notes", out);
	print_row(line, "wire", "wire", out);
	print_row(line, "counted", "counters", out);
	if (!json_object_equal(line_get(line, "counters"), line_get(line, "counters_expected")))
		print_row(line, "expected", "counters_expected", out);
	print_row(line, "errno", "errno", out);
	if (line_get(line, "note"))
		print_row(line, "note", "note", out);
	if (report->verbose) {
		print_row(line, "did", "did", out);
		print_row(line, "packets", "packets", out);
	}
}

static void tell_case(const struct report *report, const struct json_object *line,
		      const char *paths, FILE *out)
{
	struct json_object *agree = line_get(line, "agree");

	fprintf(out, "%-6s  %s%s%s%s: %s\n",
		!agree ? "skip" : json_object_get_boolean(agree) ? "agree" : "DIFFER",
		line_text(line, "scenario"), *paths ? " (" : "", paths, *paths ? ")" : "",
		line_text(line, "summary"));
	if (agree)
		print_rest(report, line, out);
	else
		print_row(line, "because", "note", out);
}

static void print_head(const struct report *report, FILE *out)
{
	if (!report->quiet)
		fprintf(out, "kernel  %s %s\ntier    %s\n\n", line_text(report->start, "kernel"),
			line_text(report->start, "machine"), line_text(report->start, "tier"));
}

static void print_sums(const struct report *report, FILE *out)
{
	const struct json_object *end = report->end;
	const char *stream = line_text(end, "stream");

	if (stream)
		fprintf(out, "%sDIFFER  closetrace's own sums: %s\n", report->quiet ? "" : "\n",
			stream);
	if (report->quiet)
		return;
	fprintf(out, "\n%" PRId64 " cases ran: %" PRId64 " agree, %" PRId64 " disagree; %" PRId64
		" left out", line_number(end, "ran"), line_number(end, "agreed"),
		line_number(end, "disagreed"), line_number(end, "skipped"));
	if (line_number(end, "again"))
		fprintf(out, "; %" PRId64 " agree only when run again", line_number(end, "again"));
	if (report->changes)
		fprintf(out, "; %" PRId64 " changes", line_number(end, "changed"));
	putc('\n', out);
}

static void text_cases(const struct report *report, FILE *out)
{
	print_head(report, out);
	report_each(report, report->lines, report_case_keys, tell_case, out);
	print_sums(report, out);
}

static void tell_change(const struct report *report, const struct json_object *line,
			const char *paths, FILE *out)
{
	(void)report;
	fprintf(out, "%s%s%s%s: %s\n        was  %s\n        is   %s\n",
		line_text(line, "scenario"), *paths ? " (" : "", paths, *paths ? ")" : "",
		line_text(line, "key"), line_text(line, "was"), line_text(line, "is"));
}

static void text_changes(const struct report *report, FILE *out)
{
	static const char *const keys[] = { "key", "was", "is", NULL };

	print_head(report, out);
	report_each(report, report->changes, keys, tell_change, out);
	print_sums(report, out);
}

const struct report_format report_text = {
	.name = "text", .cases = text_cases, .changes = text_changes,
};
