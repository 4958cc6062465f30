/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * MPTCP over one subflow. The application closes a message socket; what happens to the subflow,
 * which is what the tracer tells of, is done by a worker of the kernel.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void mptcp_unread(struct lab *lab)
{
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void mptcp_linger0(struct lab *lab)
{
	lab_pair(lab);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

const struct scenario scenario_mptcp[] = {
	{
		.name = "mptcp_unread",
		.summary = "MPTCP: close() with data unread resets the subflow",
		.run = mptcp_unread,
		.mptcp = true,
		.acts = {
			ACT_RST(SERVER, "mptcp_fastclose", "ESTABLISHED", "close", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2 },
	}, {
		.name = "mptcp_linger0",
		.summary = "MPTCP: SO_LINGER 0 resets the subflow",
		.run = mptcp_linger0,
		.mptcp = true,
		.acts = {
			ACT_RST(SERVER, "mptcp_fastclose", "ESTABLISHED", "close", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2 },
	},
	{ .name = NULL },
};
