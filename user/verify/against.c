/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "against.h"
#include "line.h"
#include "run.h"

/* What belongs to a case; not whether it agrees: that depends on what closetrace expects. */
static const char *const keys[] = {
	"said", "reasons", "notes", "wire", "counters", "errno", "failed",
};

/* The lines of a file so far. */
struct reading {
	struct json_object *lines;
	bool started;		/* a start line of a schema that we know */
	bool ended;		/* the end line of verify came */
	char *message;
};

/* A line of another type belongs to a newer closetrace, or to another verb: the ends tell. */
static bool take(struct reading *reading, struct json_object *line)
{
	if (line_is(line, "start")) {
		reading->started = true;
		if (line_number(line, "schema") > CLOSETRACE_SCHEMA) {
			snprintf(reading->message, 256, "is of a newer closetrace (schema %d)",
				 (int)line_number(line, "schema"));
			return false;
		}
	}
	if (line_is(line, "verify") && line_text(line, "scenario") &&
	    line_text(line, "family") && line_text(line, "path"))
		json_object_array_add(reading->lines, json_object_get(line));
	reading->ended = line_is(line, "end") && line_number(line, "ran") >= 0;
	return true;
}

static void read_lines(struct reading *reading, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	bool good = true;

	while (good && getline(&text, &size, file) > 0) {
		struct json_object *line = json_tokener_parse(text);

		good = json_object_is_type(line, json_type_object) && take(reading, line);
		json_object_put(line);
	}
	free(text);
	if (!*reading->message && (!good || !reading->started || !reading->ended ||
				   !json_object_array_length(reading->lines)))
		snprintf(reading->message, 256, "is no whole output of closetrace verify -o json");
}

struct json_object *against_load(const char *path, char message[256])
{
	struct reading reading = { .lines = json_object_new_array(), .message = message };
	FILE *file = fopen(path, "re");

	*message = '\0';
	if (!file)
		snprintf(message, 256, "%s", strerror(errno));
	else
		read_lines(&reading, file);
	if (file)
		fclose(file);
	if (!*message)
		return reading.lines;
	json_object_put(reading.lines);
	return NULL;
}

static const struct json_object *find(struct json_object *stored, const struct json_object *line)
{
	static const char *const names[] = { "scenario", "family", "path" };

	for (size_t i = 0; i < json_object_array_length(stored); i++) {
		const struct json_object *one = json_object_array_get_idx(stored, i);
		size_t equal = 0;

		while (equal < 3 && line_says(one, names[equal], line_text(line, names[equal])))
			equal++;
		if (equal == 3)
			return one;
	}
	return NULL;
}

static void add(struct json_object *changes, const struct json_object *line, const char *key,
		const char *was, const char *is)
{
	static const char *const names[] = { "scenario", "family", "path" };
	struct json_object *change = json_object_new_object();

	json_object_object_add(change, "type", json_object_new_string("change"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		json_object_object_add(change, names[i],
				       json_object_new_string(line_text(line, names[i])));
	json_object_object_add(change, "key", json_object_new_string(key));
	json_object_object_add(change, "was", json_object_new_string(was));
	json_object_object_add(change, "is", json_object_new_string(is));
	json_object_array_add(changes, change);
}

static void compare_key(struct json_object *changes, const struct json_object *was,
			const struct json_object *is, const char *key)
{
	char *before = line_words(was, key), *now = line_words(is, key);

	if (strcmp(before, now))
		add(changes, is, key, before, now);
	free(before);
	free(now);
}

/* Left out then and run now, or the other way. */
static bool compare_skipped(struct json_object *changes, const struct json_object *was,
			    const struct json_object *is)
{
	bool before = line_get(was, "agree"), now = line_get(is, "agree");

	if (before != now)
		add(changes, is, "agree", before ? "it ran" : line_text(was, "note") ?: "-",
		    now ? "it ran" : line_text(is, "note") ?: "-");
	return !before || !now;
}

struct json_object *against_compare(struct json_object *stored, struct json_object *lines,
				    size_t *unknown)
{
	struct json_object *changes = json_object_new_array();

	*unknown = 0;
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		const struct json_object *is = json_object_array_get_idx(lines, i);
		const struct json_object *was = find(stored, is);

		*unknown += !was;
		if (!was || compare_skipped(changes, was, is))
			continue;
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			compare_key(changes, was, is, keys[k]);
	}
	return changes;
}
