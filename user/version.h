/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef CLOSETRACE_VERSION_H
#define CLOSETRACE_VERSION_H

#define CLOSETRACE_VERSION "0.1.0"

#endif
