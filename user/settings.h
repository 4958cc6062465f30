/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* settings.h - from options to what the programs are told before they load */
#ifndef CLOSETRACE_USER_SETTINGS_H
#define CLOSETRACE_USER_SETTINGS_H

#include "options.h"
#include "run.h"

/* Fills *settings, which is all 0. */
void settings_fill(struct settings *settings, const struct options *options, const struct run *run);

#endif
