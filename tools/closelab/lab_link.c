/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The device between the ends goes down and comes back.
 */
#include <errno.h>

#include "lab.h"
#include "netns.h"

/* On loopback both ends have the same one. */
void lab_link(struct lab *lab, enum lab_end end, bool up)
{
	int rc;

	(void)end;
	if (!lab_step(lab, "lo %s", up ? "up" : "down"))
		return;
	rc = netns_loopback(up);
	if (rc < 0)
		lab_fail(lab, -rc);
}
