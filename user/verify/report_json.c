/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One flat object a line: docs/schema.json. */
#include <json-c/json.h>

#include "report.h"

static void print(const struct json_object *line, FILE *out)
{
	fputs(json_object_to_json_string_ext((struct json_object *)line,
					     JSON_C_TO_STRING_PLAIN |
						     JSON_C_TO_STRING_NOSLASHESCAPE), out);
	putc('\n', out);
}

static void print_all(const struct report *report, const struct json_object *lines, FILE *out)
{
	size_t count = json_object_array_length(lines);

	print(report->start, out);
	for (size_t i = 0; i < count; i++)
		print(json_object_array_get_idx(lines, i), out);
	print(report->end, out);
}

static void json_cases(const struct report *report, FILE *out)
{
	print_all(report, report->lines, out);
}

static void json_changes(const struct report *report, FILE *out)
{
	print_all(report, report->changes, out);
}

const struct report_format report_json = {
	.name = "json", .cases = json_cases, .changes = json_changes,
};
