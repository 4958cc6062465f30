/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* terminal.h - what stdout is: how wide, and whether it takes colours */
#ifndef CLOSETRACE_TERMINAL_H
#define CLOSETRACE_TERMINAL_H

#include <stdbool.h>

#include "options.h"

/* 0: not a terminal. */
unsigned int terminal_columns(int fd);

/* Only on a terminal, unless they are asked for; NO_COLOR and TERM=dumb turn them off. */
bool terminal_colors(int fd, enum option_color color);

#endif
