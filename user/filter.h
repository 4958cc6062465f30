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

/* A note has nothing on the wire and no cause: it is left out when those were asked for. */
bool filter_passes_note(const struct options *options, const struct act *note);

#endif
