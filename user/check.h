/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef CLOSETRACE_CHECK_H
#define CLOSETRACE_CHECK_H

#include "options.h"

/* The verb check: tier, hooks and what is lost without them.  Returns the exit status. */
int check_run(const struct options *options);

#endif
