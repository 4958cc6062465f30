/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef CLOSETRACE_TRACE_H
#define CLOSETRACE_TRACE_H

#include "options.h"

/* The verb trace; returns the exit status. */
int trace_run(const struct options *options);

#endif
