// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>

#include "check.h"
#include "hook.h"
#include "probe.h"
#include "stack.h"

/* The longest name of a hook, and of those that only notes need. */
#define WIDTH		22
#define NOTE_WIDTH	28

static void print_hook(const struct probe_hook *hook, int width)
{
	printf("%-3s  %-4s  %-6s  %-*s  %s", hook->attached ? "yes" : "no",
	       hook->full ? "full" : "base", hook->way, width, hook->target, hook->fact);
	if (!hook->attached)
		printf(": %s", hook->reason);
	putchar('\n');
}

static void print_programs(const struct probe *probe, size_t count)
{
	printf("\n%-30s  %12s\n", "PROGRAM", "INSTRUCTIONS");
	for (size_t hook = 0; hook < count; hook++) {
		for (size_t slot = 0; slot < HOOK_SLOTS; slot++) {
			unsigned long instructions;
			const char *name = probe_program(probe, hook, slot, &instructions);

			if (name)
				printf("%-30s  %12lu\n", name, instructions);
		}
	}
}

static void print_stacks(void)
{
	const char *user = stack_user_hidden(), *kernel = stack_kernel_hidden();

	printf("stacks  user%s%s%s, kernel%s%s%s\n\n", user ? " (no names of others: " : "",
	       user ?: "", user ? ")" : "", kernel ? " (no names: " : "", kernel ?: "",
	       kernel ? ")" : "");
}

int check_run(const struct options *options)
{
	__attribute__((cleanup(probe_closep))) struct probe *probe = NULL;
	const struct probe_hook *hooks;
	char message[256] = "out of memory";
	int width = options->all ? NOTE_WIDTH : WIDTH;
	struct run run;
	size_t count;

	if (run_init(&run) || probe_open(&probe, options, &run, message)) {
		fprintf(stderr, "closetrace: %s\n", message);
		return STATUS_CANNOT_TRACE;
	}
	printf("kernel  %s %s\ntier    %s\n", run.host.release, run.host.machine,
	       probe_tier(probe));
	print_stacks();
	printf("%-3s  %-4s  %-6s  %-*s  %s\n", "ON", "TIER", "BY", width, "HOOK", "TELLS");
	hooks = probe_hooks(probe, &count);
	for (size_t i = 0; i < count; i++) {
		if (!hooks[i].notes || options->all)
			print_hook(&hooks[i], width);
	}
	if (options->verbose)
		print_programs(probe, count);
	return STATUS_DONE;
}
