/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes end as soon as their scenario is over, and have not called execve() since this one
 * forked them: so their stacks can be told by what this program is.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include <sys/socket.h>

#include "stacks.h"
#include "verify/fleet.h"
#include "verify/judge.h"
#include "verify/line.h"
#include "verify/tracer.h"

/* What is on the stacks of a scenario, outermost last; any act may have more in between. */
static const struct expectation {
	const char *scenario;
	const char *user[4];
	const char *kernel;	/* of one act at least */
	bool exits;		/* the process ends: its memory is gone before it closes */
} expectations[] = {
	{ "unread", { "lab_close", "trial_run", "main" }, "__tcp_close", false },
	{ "linger0", { "lab_close", "trial_run", "main" }, "tcp_disconnect", false },
	{ "fin_shutdown_wr", { "trial_run", "main" }, "tcp_shutdown", false },
	{ "unspec_estab", { "trial_run", "main" }, "tcp_disconnect", false },
	{ "listen_queue_close", { "trial_run", "main" }, "inet_csk_listen_stop", false },
	{ "fin_kill9", { NULL }, "__tcp_close", true },
};

#define COUNT (sizeof(expectations) / sizeof(*expectations))

struct judge {
	FILE *out;
	const struct expectation *expected;
	int differences;
	unsigned int acts;
	bool kernel;		/* was seen */
};

static void complain(struct judge *judge, const struct json_object *act, const char *what)
{
	judge->differences++;
	fprintf(judge->out, "stacks: %s: %s: %s\n", judge->expected->scenario, what,
		act ? json_object_to_json_string_ext((struct json_object *)act,
						     JSON_C_TO_STRING_PLAIN) : "-");
}

static size_t length(struct json_object *frames)
{
	return json_object_is_type(frames, json_type_array) ? json_object_array_length(frames) : 0;
}

/* The frame of a function from @from on, or the length when there is none. */
static size_t find(struct json_object *frames, size_t from, const char *name)
{
	size_t count = length(frames);

	for (; from < count; from++) {
		const char *frame = json_object_get_string(json_object_array_get_idx(frames, from));

		if (!strncmp(frame, name, strlen(name)) && frame[strlen(name)] == '+')
			break;
	}
	return from;
}

/* Whether the last one is no frame. */
static bool marked(struct json_object *frames)
{
	size_t count = length(frames);
	struct json_object *last = count ? json_object_array_get_idx(frames, count - 1) : NULL;

	return last && *json_object_get_string(last) == '[';
}

/* An act that a process decided. */
static void judge_act(struct judge *judge, const struct json_object *act)
{
	struct json_object *user = line_get(act, "stack"), *kernel = line_get(act, "kstack");
	const char *via = line_text(act, "via");
	size_t at = 0;

	judge->acts++;
	judge->kernel |= find(kernel, 0, judge->expected->kernel) < length(kernel);
	if (!length(kernel) || marked(kernel))
		complain(judge, act, "no whole kernel stack");
	if ((via && !strcmp(via, "signal")) != judge->expected->exits)
		return;
	if (judge->expected->exits) {
		if (!marked(user))
			complain(judge, act, "no mark of a stack that is gone");
		return;
	}
	if (!length(user) || marked(user))
		complain(judge, act, "no whole user stack");
	for (const char *const *name = judge->expected->user; *name; name++) {
		at = find(user, at, *name);
		if (at == length(user))
			complain(judge, act, *name);
	}
}

static void judge_case(struct judge *judge, const struct trial *trial, const struct tracer *tracer)
{
	if (trial->error)
		complain(judge, NULL, trial->step);
	for (size_t i = 0; i < tracer->lines; i++) {
		const struct json_object *line = tracer->line[i];

		if (judge_is_of(line, "act", trial) && line_get(line, "pid"))
			judge_act(judge, line);
	}
	if (!judge->acts)
		complain(judge, NULL, "no act of a process");
	else if (!judge->kernel)
		complain(judge, NULL, judge->expected->kernel);
}

static int judge_all(const struct fleet_case *cases, const struct tracer *tracer, FILE *out)
{
	int differences = 0;

	for (size_t i = 0; i < COUNT; i++) {
		struct judge judge = { .out = out, .expected = &expectations[i] };

		judge_case(&judge, &cases[i].trial, tracer);
		differences += judge.differences;
	}
	return differences;
}

int stacks_judge(const struct stacks_options *options, FILE *out)
{
	char *const more[] = { (char *)"-k", NULL };
	const struct fleet_way way = { .jobs = 2, .slow = options->slow };
	struct tracer tracer = { .out_fd = -1, .err_fd = -1 };
	struct fleet_case *cases = calloc(COUNT, sizeof(*cases));
	int rc = cases ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < COUNT; i++) {
		cases[i] = (struct fleet_case){
			.scenario = scenario_find(expectations[i].scenario),
			.family = AF_INET,
			.path = PATH_NONE,
		};
		rc = cases[i].scenario ? 0 : -ENOENT;
	}
	if (!rc)
		rc = tracer_start(&tracer, options->closetrace, options->tier, more, NULL,
				  options->slow);
	if (!rc)
		rc = fleet_run(cases, COUNT, &way);
	if (!rc)
		rc = tracer_stop(&tracer, options->slow);
	if (!rc)
		rc = tracer_read(&tracer);
	if (rc)
		tracer_complain(&tracer, out);
	else
		rc = judge_all(cases, &tracer, out);
	tracer_release(&tracer);
	if (cases)
		fleet_release(cases, COUNT);
	free(cases);
	return rc;
}
