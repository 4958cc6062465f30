/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* signals.h - signals as something to read */
#ifndef CLOSETRACE_SIGNALS_H
#define CLOSETRACE_SIGNALS_H

#include <stdbool.h>
#include <sys/signalfd.h>

/*
 * A descriptor that tells of SIGINT, SIGTERM and SIGUSR1; for a command of all that is passed on to
 * it or tells of it, for a record of SIGHUP.  A negative errno when there can be none.
 */
int signals_watch(bool command, bool record);

/* The next one, if there is one. */
bool signals_next(int fd, struct signalfd_siginfo *info);

#endif
