/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SO_LINGER with a time: close() waits until all is acknowledged, or for the time.
 */
#include <errno.h>
#include <unistd.h>

#include "lab.h"

void lab_linger(struct lab *lab, enum lab_who who, int seconds)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	if (lab_step(lab, "%s linger %d s", lab_who_name(who), seconds) &&
	    setsockopt(lab->fd[who], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0)
		lab_fail(lab, errno);
}

void lab_close_lingers(struct lab *lab, enum lab_who who, int seconds)
{
	uint64_t begun = lab_now_us();

	if (!lab_step(lab, "%s close, which takes %d s", lab_who_name(who), seconds))
		return;
	if (close(lab->fd[who]) < 0)
		lab_fail(lab, errno);
	lab->fd[who] = -1;
	/* The kernel counts in jiffies, the longest of 10 ms. */
	if (lab_now_us() - begun < (uint64_t)seconds * 1000000 - 10000)
		lab_fail(lab, EPROTO);
}
