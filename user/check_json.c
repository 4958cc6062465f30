// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* check_json.c - check for programs: types condition, hook and program of docs/schema.json */
#include "check.h"
#include "json_line.h"

static void json_condition(const struct check_condition *condition)
{
	struct json_object *line = json_line_new("condition");

	json_line_text(line, "condition", condition->name);
	json_line_text(line, "value", condition->value);
	json_line_text(line, "reason", condition->reason);
	json_line_text(line, "mend", condition->mend);
	json_line_write(stdout, line);
}

static void json_hook(const struct probe_hook *hook, bool notes)
{
	struct json_object *line = json_line_new("hook");

	(void)notes;
	json_line_text(line, "hook", hook->target);
	json_line_text(line, "on", check_state(hook));
	json_line_text(line, "tier", hook->full ? "full" : "base");
	json_line_text(line, "by", hook->way);
	json_line_text(line, "tells", hook->fact);
	json_line_add(line, "notes", json_object_new_boolean(hook->notes));
	json_line_text(line, "reason", hook->attached ? NULL : hook->reason);
	json_line_text(line, "mend", hook->attached ? NULL : hook->mend);
	json_line_write(stdout, line);
}

static void json_program(const char *name, unsigned long instructions)
{
	struct json_object *line = json_line_new("program");

	json_line_text(line, "program", name);
	json_line_count(line, "instructions", instructions);
	json_line_write(stdout, line);
}

const struct check_form check_json = {
	.name = "json", .condition = json_condition, .hook = json_hook, .program = json_program,
};
