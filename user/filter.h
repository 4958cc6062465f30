/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - what only the verdict can decide; processes and ports are filtered by the programs
 */
#ifndef CLOSETRACE_FILTER_H
#define CLOSETRACE_FILTER_H

#include "act.h"
#include "options.h"

/* The units, cgroups and containers alone: for what is no act. */
bool filter_passes_place(const struct options *options, const struct act *act);

bool filter_passes(const struct options *options, const struct act *act);

/* Nothing of a note's own is on the wire: it is left out when that was asked for. */
bool filter_passes_note(const struct options *options, const struct act *note);

#endif
