/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "line.h"
#include "report.h"

const char *const report_case_keys[] = {
	"agree", "said", "reasons", "notes", "wire", "counters", "errno", "failed", "note", NULL,
};

const struct report_format *report_format(const char *name)
{
	static const struct report_format *const formats[] = {
		&report_text, &report_json, &report_md,
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	}
	return NULL;
}

static bool same(const struct json_object *one, const struct json_object *other,
		 const char *const *keys)
{
	for (; *keys; keys++) {
		if (!json_object_equal(line_get(one, *keys), line_get(other, *keys)))
			return false;
	}
	return true;
}

static void add_path(char *paths, size_t size, const struct json_object *line)
{
	size_t used = strlen(paths);

	snprintf(paths + used, size - used, "%s%s%s", used ? ", " : "", line_text(line, "family"),
		 line_says(line, "path", "veth") ? "-veth" : "");
}

/* One group: those from first on that are like it; told[] marks them. */
static void tell_group(const struct report *report, struct json_object *lines, size_t first,
		       const char *const *keys, bool *told, report_tell *tell, FILE *out)
{
	const struct json_object *line = json_object_array_get_idx(lines, first);
	size_t count = json_object_array_length(lines);
	const char *name = line_text(line, "scenario");
	char paths[64] = "";
	bool all = true;

	for (size_t i = 0; i < count; i++) {
		const struct json_object *other = json_object_array_get_idx(lines, i);

		if (!line_says(other, "scenario", name))
			continue;
		if (told[i] || !same(line, other, keys)) {
			all = false;
			continue;
		}
		told[i] = true;
		add_path(paths, sizeof(paths), other);
	}
	tell(report, line, all ? "" : paths, out);
}

void report_each(const struct report *report, struct json_object *lines, const char *const *keys,
		 report_tell *tell, FILE *out)
{
	size_t count = json_object_array_length(lines);
	bool *told = calloc(count + 1, sizeof(*told));

	if (!told)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (!told[i])
			tell_group(report, lines, i, keys, told, tell, out);
	}
	free(told);
}
