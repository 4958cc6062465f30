/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ends with data still to be sent: the FIN queues up behind it and all of it is delivered.
 */
#include <netinet/tcp.h>

#include "scenario.h"

static void unsent_fin(struct lab *lab)
{
	size_t sent;

	lab_pair(lab);
	sent = lab_fill(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_drain(lab, LAB_SERVER, sent);
	lab_close(lab, LAB_SERVER);
}

static void unsent_shutdown_wr(struct lab *lab)
{
	size_t sent;

	lab_pair(lab);
	sent = lab_fill(lab, LAB_CLIENT);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_drain(lab, LAB_SERVER, sent);
	lab_close(lab, LAB_SERVER);
	lab_drain(lab, LAB_CLIENT, 0);
	lab_close(lab, LAB_CLIENT);
}

static void unsent_closewait(struct lab *lab)
{
	size_t sent;

	lab_pair(lab);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	sent = lab_fill(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_drain(lab, LAB_SERVER, sent);
	lab_close(lab, LAB_SERVER);
}

#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }

const struct scenario scenario_unsent[] = {
	{
		.name = "unsent_fin",
		.summary = "close() with unsent data: the peer gets every byte, then EOF",
		.run = unsent_fin,
		.acts = {
			ACT_FIN_UNSENT(CLIENT, "fin_close_unsent", "ESTABLISHED", "close"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "unsent_shutdown_wr",
		.summary = "shutdown(SHUT_WR) with unsent data: the same",
		.run = unsent_shutdown_wr,
		.acts = {
			ACT_FIN_UNSENT(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "unsent_closewait",
		.summary = "close() with unsent data after the peer's FIN",
		.run = unsent_closewait,
		.acts = {
			ACT_FIN(SERVER, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			ACT_FIN_UNSENT(CLIENT, "fin_close_unsent", "CLOSE_WAIT", "close"),
		},
		.wire = BOTH_FIN,
	},
	{ .name = NULL },
};
