// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * docgen.c - writes what the tables say to stdout: docs/schema.json here, all other pages in
 * docgen_pages.c and docgen_names.c
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "docgen_account.h"
#include "docgen_verify.h"
#include "docgen_names.h"
#include "docgen_report.h"
#include "docgen_pages.h"
#include "field.h"
#include "note.h"
#include "run.h"

static const struct key start_keys[] = {
	{ "time", "string", "RFC 3339, UTC" },
	{ "run", "string", "one start of closetrace" },
	{ "schema", "integer", "of these lines; a key keeps its meaning within a number" },
	{ "version", "string", "of closetrace" },
	{ "host", "string", "node name" },
	{ "kernel", "string", "release" },
	{ "machine", "string", "hardware name" },
	{ "tier", "string", "full or base" },
	{ "boot_id", "string?", "of the boot; null when the system does not tell" },
};

static const struct key clock_keys[] = {
	{ "time", "string", "RFC 3339, UTC: what the clock says from now on" },
	{ "ktime_ns", "integer", "CLOCK_MONOTONIC: acts before it have the time of before" },
	{ "run", "string", "as in start" },
	{ "step_us", "integer", "by how much the clock was set; negative: back" },
	{ "slept_us", "integer", "for how long the host was suspended; age_us does not count it" },
};

/* Of check. */
static const struct key condition_keys[] = {
	{ "condition", "string", "kernel, types, rights, tier, user stacks or kernel stacks" },
	{ "value", "string?", "what there is; null: nothing" },
	{ "reason", "string?", "why it is not as it could be; null: all is well" },
	{ "mend", "string?", "what to do about it" },
};

static const struct key hook_keys[] = {
	{ "hook", "string", "tracepoint or kernel function" },
	{ "on", "string", "yes, no: missing, opt: with an option, alt: another hook tells it" },
	{ "tier", "string", "full or base" },
	{ "by", "string", "raw_tp, tp_btf, iter, fentry, fexit or kprobe" },
	{ "tells", "string", "what is known by it" },
	{ "notes", "boolean", "it is for notes only" },
	{ "reason", "string?", "why it is not on" },
	{ "mend", "string?", "what to do about it; null: nothing is lost" },
};

static const struct key program_keys[] = {
	{ "program", "string", "a BPF program that was loaded" },
	{ "instructions", "integer", "that the verifier processed" },
};

/* Of explain. */
static const struct key rule_keys[] = {
	{ "number", "integer", "never reused" },
	{ "class", "string", "of the cause" },
	{ "required", "array", "all of these facts" },
	{ "forbidden", "array", "none of these" },
	{ "witness", "array", "one of these makes it exact; empty: it always is" },
};

static const struct key topic_keys[] = {
	{ "summary", "string", "in one line" },
	{ "meaning", "string", "what happened, and how one comes there" },
	{ "reason", "string?", "the kernel's own, by its name in BTF" },
	{ "here", "string", "what the application on this side sees" },
	{ "peer", "string", "what the other side sees" },
	{ "counters", "array", "raised by it, as nstat names them" },
	{ "counted", "string?", "more to say of counters" },
	{ "closelab", "array", "scenarios that show it" },
	{ "mend", "string", "what to look at or to change" },
	{ "example", "string", "the same in code" },
	{ "language", "string", "of the example: c or sh" },
	{ "words", "string", "by which one may look for it" },
};

static struct json_object *text(const char *string)
{
	return json_object_new_string(string);
}

static struct json_object *type_of(const char *type, bool nullable)
{
	struct json_object *types;

	if (!nullable)
		return text(type);
	types = json_object_new_array();
	json_object_array_add(types, text(type));
	json_object_array_add(types, text("null"));
	return types;
}

static void property(struct json_object *properties, const char *key, const char *type,
		     bool nullable, const char *description)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "type", type_of(type, nullable));
	if (!strcmp(type, "array")) {
		struct json_object *items = json_object_new_object();

		json_object_object_add(items, "type", text("string"));
		json_object_object_add(object, "items", items);
	}
	if (!strcmp(type, "object")) {
		struct json_object *values = json_object_new_object();

		json_object_object_add(values, "type", text("integer"));
		json_object_object_add(object, "additionalProperties", values);
	}
	json_object_object_add(object, "description", text(description));
	json_object_object_add(properties, key, object);
}

/* A line of one type: its first key, then the others; nothing else is allowed. */
static struct json_object *line(const char *name, struct json_object *properties,
				struct json_object *required)
{
	struct json_object *object = json_object_new_object();
	struct json_object *type = json_object_new_object();

	json_object_object_add(type, "const", text(name));
	json_object_object_add(properties, "type", type);
	json_object_array_add(required, text("type"));
	json_object_object_add(object, "title", text(name));
	json_object_object_add(object, "type", text("object"));
	json_object_object_add(object, "properties", properties);
	json_object_object_add(object, "required", required);
	json_object_object_add(object, "additionalProperties", json_object_new_boolean(false));
	return object;
}

static void key_property(struct json_object *properties, const struct key *key)
{
	size_t length = strcspn(key->type, "?");
	char type[16];

	snprintf(type, sizeof(type), "%.*s", (int)length, key->type);
	property(properties, key->name, type, key->type[length], key->text);
}

static struct json_object *plain_line(const char *name, const struct key *keys, size_t count)
{
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		key_property(properties, &keys[i]);
		json_object_array_add(required, text(keys[i].name));
	}
	return line(name, properties, required);
}

/* A key whose value is one of these names. */
static struct json_object *one_of(struct json_object *names)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "enum", names);
	json_object_object_add(object, "description", text("see docs/causes.md"));
	return object;
}

static struct json_object *slugs(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < cause_count; i++)
		json_object_array_add(list, text(cause_rows[i].slug));
	return one_of(list);
}

static struct json_object *note_names(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = NOTE_NONE + 1; i < NOTES; i++)
		json_object_array_add(list, text(note_table[i].name));
	return one_of(list);
}

static void field_property(struct json_object *properties, const struct field *field)
{
	static const char *const types[] = { [VALUE_TEXT] = "string", [VALUE_INTEGER] = "integer",
					     [VALUE_BOOLEAN] = "boolean",
					     [VALUE_FRAMES] = "array" };

	property(properties, field->key, types[field->kind], true, field->text);
}

static struct json_object *note_line(void)
{
	static const char *const always[] = { "note", "time",  "ktime_ns", "run",   "netns",
					      "family", "laddr", "lport",  "raddr", "rport" };
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	json_object_object_add(properties, "note", note_names());
	for (size_t i = 0; i < field_count; i++) {
		if (note_has_field(&fields[i], true))
			field_property(properties, &fields[i]);
	}
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		json_object_array_add(required, text(always[i]));
	return line("note", properties, required);
}

static struct json_object *act_line(void)
{
	static const char *const always[] = { "time",  "ktime_ns", "run",   "netns", "family",
					      "laddr", "lport",	   "raddr", "rport", "wire",
					      "dir",   "cause",	   "class", "certainty" };
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	for (size_t i = 0; i < field_count; i++)
		field_property(properties, &fields[i]);
	json_object_object_add(properties, "cause", slugs());
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		json_object_array_add(required, text(always[i]));
	return line("act", properties, required);
}

/* Of report --by: with the keys that were asked for. */
static struct json_object *group_line(void)
{
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	for (size_t i = 0; i < sizeof(group_keys) / sizeof(group_keys[0]); i++) {
		key_property(properties, &group_keys[i]);
		json_object_array_add(required, text(group_keys[i].name));
	}
	for (size_t i = 0; i < field_count; i++) {
		if (fields[i].kind != VALUE_FRAMES)
			field_property(properties, &fields[i]);
	}
	return line("group", properties, required);
}

/* Some keys of an act, and who holds the socket. */
static struct json_object *held_line(void)
{
	static const char *const types[] = { [VALUE_TEXT] = "string", [VALUE_INTEGER] = "integer",
					     [VALUE_BOOLEAN] = "boolean" };
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();
	struct json_object *holders = json_object_new_object();
	struct json_object *items = json_object_new_object();

	for (size_t i = 0; i < field_count; i++) {
		if (field_of_held(&fields[i]))
			property(properties, fields[i].key, types[fields[i].kind], true,
				 fields[i].text);
	}
	property(properties, "references", "integer", false, "to the socket's file that remain");
	json_object_object_add(items, "type", text("integer"));
	json_object_object_add(holders, "type", text("array"));
	json_object_object_add(holders, "items", items);
	json_object_object_add(holders, "description",
			       text("processes with a descriptor; none: a call in progress, "
				    "a descriptor in flight, io_uring"));
	json_object_object_add(properties, "holders", holders);
	json_object_array_add(required, text("references"));
	json_object_array_add(required, text("holders"));
	return line("held", properties, required);
}

/* What explain prints of the kernel. */
static struct json_object *kernel_array(void)
{
	struct json_object *array = json_object_new_object(), *item = json_object_new_object();
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	property(properties, "versions", "string", false, "of Linux");
	property(properties, "condition", "string", false, "function and branch");
	json_object_array_add(required, text("versions"));
	json_object_array_add(required, text("condition"));
	json_object_object_add(item, "type", text("object"));
	json_object_object_add(item, "properties", properties);
	json_object_object_add(item, "required", required);
	json_object_object_add(item, "additionalProperties", json_object_new_boolean(false));
	json_object_object_add(array, "type", text("array"));
	json_object_object_add(array, "items", item);
	return array;
}

/* A cause, or a note, as explain tells it. */
static struct json_object *topic_line(const char *type, const char *name, struct json_object *names,
				      const struct key *more, size_t more_count)
{
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();

	json_object_object_add(properties, name, names);
	json_object_array_add(required, text(name));
	for (size_t i = 0; i < more_count; i++) {
		key_property(properties, &more[i]);
		json_object_array_add(required, text(more[i].name));
	}
	for (size_t i = 0; i < sizeof(topic_keys) / sizeof(topic_keys[0]); i++) {
		key_property(properties, &topic_keys[i]);
		json_object_array_add(required, text(topic_keys[i].name));
	}
	json_object_object_add(properties, "kernel", kernel_array());
	json_object_array_add(required, text("kernel"));
	return line(type, properties, required);
}

#define KEYS(keys) (keys), sizeof(keys) / sizeof((keys)[0])

/* A shorter end, of other sums. */
static struct json_object *verify_end(void)
{
	struct json_object *end = plain_line("end", KEYS(verify_end_keys));

	json_object_object_add(end, "title", text("end of verify"));
	return end;
}

static struct json_object *make_schema(void)
{
	struct json_object *schema = json_object_new_object();
	struct json_object *lines = json_object_new_array();

	json_object_array_add(lines, plain_line("start", KEYS(start_keys)));
	json_object_array_add(lines, act_line());
	json_object_array_add(lines, held_line());
	json_object_array_add(lines, note_line());
	json_object_array_add(lines, plain_line("clock", KEYS(clock_keys)));
	json_object_array_add(lines, plain_line("gap", KEYS(gap_keys)));
	json_object_array_add(lines, group_line());
	json_object_array_add(lines, plain_line("bucket", KEYS(bucket_keys)));
	json_object_array_add(lines, plain_line("suppressed", KEYS(suppressed_keys)));
	json_object_array_add(lines, plain_line("count", KEYS(count_keys)));
	json_object_array_add(lines, plain_line("stats", KEYS(stats_keys)));
	json_object_array_add(lines, plain_line("verify", KEYS(verify_keys)));
	json_object_array_add(lines, plain_line("change", KEYS(change_keys)));
	json_object_array_add(lines, verify_end());
	json_object_array_add(lines, plain_line("end", KEYS(end_keys)));
	json_object_array_add(lines, plain_line("condition", KEYS(condition_keys)));
	json_object_array_add(lines, plain_line("hook", KEYS(hook_keys)));
	json_object_array_add(lines, plain_line("program", KEYS(program_keys)));
	json_object_array_add(lines, topic_line("cause", "cause", slugs(), KEYS(rule_keys)));
	json_object_array_add(lines, topic_line("note_kind", "note", note_names(), NULL, 0));
	json_object_object_add(schema, "$schema",
			       text("https://json-schema.org/draft/2020-12/schema"));
	json_object_object_add(schema, "title", text("closetrace JSON lines"));
	json_object_object_add(schema, "oneOf", lines);
	return schema;
}

static void print_schema(void)
{
	struct json_object *schema = make_schema();

	puts(json_object_to_json_string_ext(schema, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(schema);
}

static int print_names(void)
{
	struct json_object *schema = make_schema();
	int rc = docgen_names(schema);

	json_object_put(schema);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "schema")) {
		print_schema();
	} else if (argc == 2 && !strcmp(argv[1], "names")) {
		if (print_names())
			return 1;
	} else if (argc != 2 || !pages_print(argv[1])) {
		fprintf(stderr, "usage: docgen schema|names|%s\n", pages_names());
		return 2;
	}
	return fflush(stdout) ? 5 : 0;
}
