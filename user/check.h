/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* check.h - the verb check: what the kernel and our rights allow, and what would mend the rest */
#ifndef CLOSETRACE_CHECK_H
#define CLOSETRACE_CHECK_H

#include <stdbool.h>

#include "options.h"
#include "probe.h"

/* Something that holds for all hooks. */
struct check_condition {
	const char *name;
	const char *value;	/* what there is; NULL: nothing */
	const char *reason;	/* why it is not as it could be; NULL: all is well */
	const char *mend;
};

/* One of the forms of -o. */
struct check_form {
	const char *name;
	void (*condition)(const struct check_condition *condition);
	void (*head)(bool notes);	/* before the hooks; or NULL */
	void (*hook)(const struct probe_hook *hook, bool notes);
	void (*end)(void);		/* behind the hooks; or NULL */
	void (*program)(const char *name, unsigned long instructions);
};

extern const struct check_form check_text, check_json;

/* "yes", "no", "opt", "alt" */
const char *check_state(const struct probe_hook *hook);

/* Returns the exit status: STATUS_CANNOT_TRACE when nothing can be traced. */
int check_run(const struct options *options);

#endif
