/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Netfilter resets in another's name: no socket, no counter and no act of the sender's.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void reject_syn(struct lab *lab)
{
	lab_listen(lab);
	lab_reject(lab);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNREFUSED);
	lab_close(lab, LAB_CLIENT);
	lab_reject_end(lab);
}

/* The server hears of nothing. There is no connection yet that nft could hold for a moment. */
static void reject_data(struct lab *lab)
{
	lab_listen(lab);
	lab_reject_data(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_accept(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_reject_end(lab);
}

const struct scenario scenario_reject[] = {
	{
		.name = "reject_syn",
		.summary = "netfilter rejects a SYN: told by the client only",
		.run = reject_syn,
		.root = true,
		.acts = { ACT_REFUSED },
		.notes = {
			NOTE_FULL(SERVER, "nf_reject_rst", NULL),
			NOTE_FULL(CLIENT, "close_dead", "CLOSE"),
			NOTE_LISTENER,
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "reject_data",
		.summary = "netfilter rejects data: the client's connection dies, not the server's",
		.run = reject_data,
		.foreign = true,
		.root = true,
		.acts = {
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = { [LAB_END_SERVER] = { .rst = 1, .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 2,
		},
	},
	{ .name = NULL },
};
