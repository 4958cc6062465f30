// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "follow.h"
#include "signals.h"

#define LOOK_MS	100	/* recorders write no later than every half second */

int follow_open(struct follow *follow, const char *path, FILE *out)
{
	*follow = (struct follow){ .path = path, .out = out };
	follow->signals = signals_watch(false, false);
	return follow->signals < 0 ? follow->signals : 0;
}

void follow_file(struct follow *follow, int fd)
{
	struct stat info;

	follow->turned = false;
	if (fstat(fd, &info))
		return;
	follow->device = info.st_dev;
	follow->inode = info.st_ino;
}

/* A name that is gone may be on its way to the next file, and that has a beginning at once. */
static bool has_turned(const struct follow *follow)
{
	struct stat info;

	return !stat(follow->path, &info) && info.st_size &&
	       (info.st_dev != follow->device || info.st_ino != follow->inode);
}

static bool asks_to_stop(const struct follow *follow)
{
	struct signalfd_siginfo info;
	bool stop = false;

	while (signals_next(follow->signals, &info))
		stop |= info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM;
	return stop;
}

enum follow_next follow_wait(struct follow *follow)
{
	struct pollfd polls[] = { { .fd = follow->signals, .events = POLLIN },
				  { .fd = fileno(follow->out) } };

	if (poll(polls, 2, LOOK_MS) > 0)
		follow->stop |= asks_to_stop(follow) || polls[1].revents & POLLERR;
	if (follow->stop)
		return FOLLOW_STOP;
	/* Between this look and the last one it may have grown: once more to its end. */
	if (follow->turned)
		return FOLLOW_TURNED;
	follow->turned = has_turned(follow);
	return FOLLOW_MORE;
}
