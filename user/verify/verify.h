/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.h - closetrace verify: each close path for real, judged by several witnesses */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "options.h"

/* Runs until all is told; the exit status. */
int verify_run(const struct options *options);

#endif
