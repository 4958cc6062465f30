/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases.h - which scenarios run, over which family and path
 */
#ifndef LIVE_CASES_H
#define LIVE_CASES_H

#include <stddef.h>

#include "fleet.h"
#include "options.h"

/* Those that were asked for, to be freed; 0, -ENOMEM, or -ENOENT when there is none. */
int cases_list(const struct options *options, struct fleet_case **cases, size_t *count);

#endif
