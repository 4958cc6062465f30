// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "signals.h"

int signals_watch(bool command, bool record)
{
	static const int of_command[] = { SIGHUP, SIGQUIT, SIGALRM, SIGUSR2, SIGCHLD, SIGCONT };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGWINCH);
	for (size_t i = 0; command && i < sizeof(of_command) / sizeof(of_command[0]); i++)
		sigaddset(&set, of_command[i]);
	if (record)
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	/* A reader that went away is seen as a failed write. */
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

bool signals_next(int fd, struct signalfd_siginfo *info)
{
	return read(fd, info, sizeof(*info)) == sizeof(*info);
}
