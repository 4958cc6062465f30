// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* probe_lack.c - why a hook is not there */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probe_private.h"

void probe_lack(struct probe_hook *hook, enum hook_state state, const char *mend,
		const char *format, ...)
{
	va_list args;

	hook->state = state;
	hook->mend = mend;
	va_start(args, format);
	vsnprintf(hook->reason, sizeof(hook->reason), format, args);
	va_end(args);
}

bool probe_wants(struct probe *probe, size_t i, const struct options *options)
{
	const struct hook_case situation = {
		.types = &probe->types, .options = options, .full = probe->full, .way = probe->way,
		.no_notes = probe->no_notes,
	};
	const struct hook_lack *lack = hook_unwanted(&hook_table[i], &situation);
	struct probe_hook *hook = &probe->hooks[i];

	/* Why the function hooks were given up says more than that they are not wanted now. */
	if (lack && !(hook_table[i].full && !probe->full && hook->reason[0]))
		probe_lack(hook, lack->state, lack->mend, "%s", lack->reason);
	return !lack;
}

void probe_attach_failed(struct probe *probe, size_t i, int error)
{
	struct probe_hook *hook = &probe->hooks[i];

	if (!hook_table[i].full)
		probe_lack(hook, HOOK_MISSING, "closetrace check --debug says why",
			 "cannot be attached: %s", strerror(error));
	else if (probe->fentry_error)
		probe_lack(hook, HOOK_MISSING, HOOK_MEND_FUNCTIONS, "fentry: %s; kprobe: %s",
			 strerror(-probe->fentry_error), strerror(error));
	else
		probe_lack(hook, HOOK_MISSING, HOOK_MEND_FUNCTIONS, "%s: %s", hook->way,
			 strerror(error));
}

static void give_up(struct probe_hook *hook, int rc)
{
	probe_lack(hook, HOOK_MISSING, HOOK_MEND_FUNCTIONS,
		   "the kernel refuses function hooks (%s)", strerror(-rc));
}

void probe_give_up_way(struct probe *probe, int rc)
{
	if (probe->way == HOOK_FENTRY)
		probe->fentry_error = rc;
	for (size_t i = 0; i < hook_count; i++) {
		struct probe_hook *hook = &probe->hooks[i];

		if (hook_table[i].full && (!hook->reason[0] || hook->state == HOOK_MISSING))
			give_up(hook, rc);
	}
}

void probe_refuse_way(struct probe *probe, const struct options *options, int rc)
{
	for (size_t i = 0; i < hook_count; i++) {
		struct probe_hook *hook = &probe->hooks[i];

		if (!hook_table[i].full)
			continue;
		if (probe->way == HOOK_KPROBE)
			hook->way = "kprobe";
		if (!probe_wants(probe, i, options))
			continue;
		if (probe->way == HOOK_KPROBE)
			probe_attach_failed(probe, i, -rc);
		else
			give_up(hook, rc);
	}
	if (probe->way == HOOK_FENTRY)
		probe->fentry_error = rc;
}
