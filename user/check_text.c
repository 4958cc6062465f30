// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* check_text.c - check for people: what is missing has its reason and what mends it underneath */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "wrap.h"

#define LABEL		15	/* column of a condition's value */
#define UNDER		5	/* and of what stands under a hook */

/* The longest name of a hook, and of those that only notes need. */
#define WIDTH		22
#define NOTE_WIDTH	28

static void lines(const char *reason, const char *mend, int indent)
{
	printf("%*s", indent, "");
	wrap_print(stdout, reason, indent);
	if (!mend)
		return;
	printf("%*smend: ", indent, "");
	wrap_print(stdout, mend, indent + 6);
}

static void text_condition(const struct check_condition *condition)
{
	printf("%-*s%s\n", LABEL, condition->name, condition->value ?: "none");
	if (condition->reason)
		lines(condition->reason, condition->mend, LABEL);
}

static void text_head(bool notes)
{
	printf("\n%-3s  %-4s  %-6s  %-*s  %s\n", "ON", "TIER", "BY", notes ? NOTE_WIDTH : WIDTH,
	       "HOOK", "TELLS");
}

static void text_hook(const struct probe_hook *hook, bool notes)
{
	printf("%-3s  %-4s  %-6s  %-*s  %s", check_state(hook), hook->full ? "full" : "base",
	       hook->way, notes ? NOTE_WIDTH : WIDTH, hook->target, hook->fact);
	if (!hook->attached && hook->state != HOOK_MISSING)
		printf(": %s", hook->reason);
	putchar('\n');
	if (!hook->attached && hook->state == HOOK_MISSING)
		lines(hook->reason, hook->mend, UNDER);
}

static void text_end(void)
{
	puts("\nyes: attached; no: missing; opt: with that option; "
	     "alt: another hook tells it here");
}

static void text_program(const char *name, unsigned long instructions)
{
	printf("program  %-30s  %9lu instructions\n", name, instructions);
}

const struct check_form check_text = {
	.name = "text", .condition = text_condition, .head = text_head, .hook = text_hook,
	.end = text_end, .program = text_program,
};
