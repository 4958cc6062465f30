// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "kernel.h"
#include "message.h"
#include "stack.h"

#define MEND_ROOT	"sudo closetrace check"

const char *check_state(const struct probe_hook *hook)
{
	static const char *const words[] = {
		[HOOK_ON] = "yes", [HOOK_MISSING] = "no", [HOOK_OPTION] = "opt",
		[HOOK_ELSEWHERE] = "alt",
	};

	return words[hook->attached ? HOOK_ON : hook->state];
}

static const struct check_form *form_of(const struct options *options)
{
	return strcmp(options->format, check_json.name) ? &check_text : &check_json;
}

static void check_kernel(const struct check_form *form, const struct run *run)
{
	char text[160];

	snprintf(text, sizeof(text), "%s %s", run->host.release, run->host.machine);
	form->condition(&(struct check_condition){ .name = "kernel", .value = text });
}

static void check_types(const struct check_form *form, const struct options *options)
{
	const char *path = options->btf ?: KERNEL_BTF;
	struct check_condition types = { .name = "types", .value = path };

	if (access(path, R_OK)) {
		types.reason = "the kernel's types cannot be read there";
		types.mend = "a kernel with CONFIG_DEBUG_INFO_BTF=y, or closetrace --btf FILE";
	}
	form->condition(&types);
}

static void check_privileges(const struct check_form *form)
{
	struct check_condition rights = { .name = "rights", .value = "CAP_BPF, CAP_PERFMON" };

	if (kernel_capable(CAP_SYS_ADMIN)) {
		rights.value = "CAP_SYS_ADMIN";
	} else if (!kernel_capable(CAP_BPF) || !kernel_capable(CAP_PERFMON)) {
		rights.value = NULL;
		rights.reason = "programs are loaded by root, or with CAP_BPF and CAP_PERFMON";
		rights.mend = MEND_ROOT;
	}
	form->condition(&rights);
}

/* Names for the stacks of -k. */
static void check_stacks(const struct check_form *form, const struct options *options)
{
	const char *shown = options->stacks ? "shown" : "with -k";
	struct check_condition user = { .name = "user stacks", .reason = stack_user_hidden() };
	struct check_condition kernel = { .name = "kernel stacks",
					  .reason = stack_kernel_hidden() };

	user.value = user.reason ? "with -k, without names of others" : shown;
	user.mend = user.reason ? MEND_ROOT : NULL;
	kernel.value = kernel.reason ? "with -k, without names" : shown;
	kernel.mend = kernel.reason ? "sysctl -w kernel.kptr_restrict=1, and be root" : NULL;
	form->condition(&user);
	form->condition(&kernel);
}

/* The first function hook that is missing says why the tier is not the full one. */
static void check_tier(const struct check_form *form, const struct probe *probe)
{
	struct check_condition tier = { .name = "tier", .value = probe_tier(probe) };
	const struct probe_hook *hooks;
	size_t count;

	hooks = probe_hooks(probe, &count);
	for (size_t i = 0; i < count && !strcmp(tier.value, "base") && !tier.reason; i++) {
		if (!hooks[i].full || hooks[i].state == HOOK_ELSEWHERE || hooks[i].notes)
			continue;
		tier.reason = hooks[i].reason;
		tier.mend = hooks[i].mend;
	}
	form->condition(&tier);
}

static void check_programs(const struct check_form *form, const struct probe *probe, size_t count)
{
	for (size_t hook = 0; hook < count; hook++) {
		for (size_t slot = 0; slot < HOOK_SLOTS; slot++) {
			unsigned long instructions;
			const char *name = probe_program(probe, hook, slot, &instructions);

			if (name)
				form->program(name, instructions);
		}
	}
}

static void check_hooks(const struct check_form *form, const struct probe *probe,
			const struct options *options)
{
	const struct probe_hook *hooks;
	size_t count;

	hooks = probe_hooks(probe, &count);
	if (form->head)
		form->head(options->all);
	for (size_t i = 0; i < count; i++) {
		if (!hooks[i].notes || options->all)
			form->hook(&hooks[i], options->all);
	}
	if (form->end)
		form->end();
	if (options->verbose)
		check_programs(form, probe, count);
}

int check_run(const struct options *options)
{
	__attribute__((cleanup(probe_closep))) struct probe *probe = NULL;
	const struct check_form *form = form_of(options);
	char message[MESSAGE] = "out of memory";
	struct run run;

	if (run_init(&run)) {
		message_tell("cannot read the name of this system");
		return STATUS_CANNOT_TRACE;
	}
	check_kernel(form, &run);
	check_types(form, options);
	check_privileges(form);
	if (probe_open(&probe, options, &run, message)) {
		form->condition(&(struct check_condition){
			.name = "tier", .reason = message });
		fflush(stdout);
		fprintf(stderr, "closetrace: %s\n", message);
		return STATUS_CANNOT_TRACE;
	}
	check_tier(form, probe);
	check_stacks(form, options);
	check_hooks(form, probe, options);
	return STATUS_DONE;
}
