/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - what only the verdict can decide; processes and ports are filtered by the programs
 */
#ifndef CLOSETRACE_FILTER_H
#define CLOSETRACE_FILTER_H

#include "act.h"
#include "options.h"

bool filter_passes(const struct options *options, const struct act *act);

#endif
