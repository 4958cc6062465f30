/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a write meets after the end.
 */
#include <errno.h>

#include "scenario.h"

static void write_after_shutdown(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_send_fails(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	lab_close(lab, LAB_CLIENT);
}

/* The error is told once, by whatever call comes first. */
static void write_after_rst(struct lab *lab)
{
	lab_pair(lab);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_poll(lab, LAB_CLIENT, 0);
	lab_send_fails(lab, LAB_CLIENT, ECONNRESET);
	lab_send_fails(lab, LAB_CLIENT, EPIPE);
	lab_close(lab, LAB_CLIENT);
}

const struct scenario scenario_write[] = {
	{
		.name = "write_after_shutdown",
		.summary = "send() after shutdown(SHUT_WR): EPIPE",
		.run = write_after_shutdown,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1 },
		},
	}, {
		.name = "write_after_rst",
		.summary = "send() after the peer's RST: ECONNRESET once, then EPIPE",
		.run = write_after_rst,
		.acts = {
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2,
			[COUNTER_TCPAbortOnData] = 1,
		},
	},
	{ .name = NULL },
};
