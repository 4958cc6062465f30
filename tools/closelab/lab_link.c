/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps on what lies between the ends: a link that goes down and comes back, a namespace that is
 * left.
 */
#include <errno.h>

#include "lab.h"
#include "path.h"

/* A worker removes namespaces when it comes to it: late on a busy emulated machine. */
#define GONE_WAIT_US 15000000u

void lab_link(struct lab *lab, enum lab_end end, bool up)
{
	int rc;

	if (!lab_step(lab, "%s at the %s's end %s", path_device(lab->path),
		      lab_end_name(end), up ? "up" : "down"))
		return;
	rc = path_link(lab->path, end, up);
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_ask_neighbours(struct lab *lab, enum lab_end end)
{
	int rc;

	if (!lab_step(lab, "the %s's host asks for its neighbours", lab_end_name(end)))
		return;
	rc = path_ask_neighbours(lab->path, end);
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_abandon_server(struct lab *lab)
{
	int rc = -EOPNOTSUPP;

	if (!lab_step(lab, "the server's namespace is left"))
		return;
	if (lab->path && lab->path->veth)
		rc = counters_collect(&lab->left, lab->path, LAB_END_SERVER);
	if (rc < 0)
		lab_fail(lab, -rc);
	else
		path_abandon_server(lab->path);
}

void lab_wait_server_gone(struct lab *lab)
{
	uint64_t deadline = lab_deadline_us(lab) + GONE_WAIT_US;

	if (!lab_step(lab, "the server's namespace is gone"))
		return;
	while (!path_server_gone(lab->path)) {
		if (!lab_pause(deadline)) {
			lab_fail(lab, ETIMEDOUT);
			return;
		}
	}
}
