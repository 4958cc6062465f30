// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "docgen_names.h"

#define OURS NULL

/* As in user/fields.def and tools/names.def; OURS: only we have it. */
static const struct name {
	const char *key, *otel, *ecs;
} names[] = {
#define FIELD(key, kind, otel, ecs, text) { #key, otel, ecs },
#include "fields.def"
#undef FIELD
#define NAME(key, otel, ecs) { #key, otel, ecs },
#include "names.def"
#undef NAME
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static const char head[] =
	"# Keys in other words\n\n"
	"Made from `user/fields.def` and `tools/names.def` by `make docs`.\n\n"
	"What the keys of the lines of `trace` are called in the semantic conventions of\n"
	"OpenTelemetry and in the Elastic Common Schema (ECS). Where they have no name it is\n"
	"`closetrace.` and the key. An act also is `network.transport` = `tcp` (both), and in\n"
	"ECS `event.kind` = `event`, `event.category` = `network`, `event.type` =\n"
	"`connection`, `end`, `event.module` = `closetrace`.\n\n"
	"Of two names the first is that of a client, the second that of a server: see `role`.\n"
	"Values that change:\n\n"
	"* `age_us`: `event.duration` is in ns.\n"
	"* `role`: `network.direction` is `egress` of a client, `ingress` of a server.\n"
	"* `dir`: `network.io.direction` is `transmit` for `out`, `receive` for `in`.\n"
	"* `class`: `event.outcome` is `success` for `orderly`, `unknown` for `unknown`, else\n"
	"  `failure`.\n"
	"* `state`: `network.connection.state` is in small letters: `established`, `fin_wait_1`.\n"
	"* `machine`: `host.arch` is `amd64` for `x86_64`, `arm64` for `aarch64`.\n"
	"* `stack`: one string, a frame a line.\n";

static const struct name *find(const char *key)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (!strcmp(names[i].key, key))
			return &names[i];
	}
	return NULL;
}

/* "`a`"; "`a` or `b`" is written in the table as "a or b". */
static void cell(const char *key, const char *name)
{
	const char *or = name ? strstr(name, " or ") : NULL;

	if (!name)
		printf(" `closetrace.%s` |", key);
	else if (or)
		printf(" `%.*s`, `%s` |", (int)(or - name), name, or + 4);
	else
		printf(" `%s` |", name);
}

static int row(const char *key, struct json_object *property)
{
	const struct name *name = find(key);
	struct json_object *text;

	if (!name) {
		fprintf(stderr, "docgen: key %s has no row in fields.def or names.def\n", key);
		return -ENOENT;
	}
	json_object_object_get_ex(property, "description", &text);
	printf("| `%s` |", key);
	cell(key, name->otel);
	cell(key, name->ecs);
	printf(" %s |\n", json_object_get_string(text));
	return 0;
}

/* What check, explain and verify answer is nothing that happened. */
static bool is_answer(const char *title)
{
	static const char *const answers[] = { "condition", "hook", "program", "cause",
					       "note_kind", "verify", "change",
					       "end of verify" };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (!strcmp(answers[i], title))
			return true;
	}
	return false;
}

/* A line's keys that no line before had. */
static int section(struct json_object *line, struct json_object *seen)
{
	struct json_object *properties, *title;
	int rc = 0;

	json_object_object_get_ex(line, "title", &title);
	json_object_object_get_ex(line, "properties", &properties);
	if (is_answer(json_object_get_string(title)))
		return 0;
	printf("\n## %s\n\n| key | OpenTelemetry | ECS | meaning |\n| --- | --- | --- | --- |\n",
	       json_object_get_string(title));
	json_object_object_foreach(properties, key, property) {
		if (!strcmp(key, "type") || json_object_object_get_ex(seen, key, NULL))
			continue;
		json_object_object_add(seen, key, NULL);
		rc = row(key, property) ?: rc;
	}
	return rc;
}

int docgen_names(struct json_object *schema)
{
	struct json_object *lines, *seen = json_object_new_object();
	int rc = 0;

	fputs(head, stdout);
	json_object_object_get_ex(schema, "oneOf", &lines);
	for (size_t i = 0; i < json_object_array_length(lines); i++)
		rc = section(json_object_array_get_idx(lines, i), seen) ?: rc;
	json_object_put(seen);
	return rc;
}
