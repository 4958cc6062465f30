/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * MPTCP over one subflow. The application closes a message socket; what happens to the subflow,
 * which is what the tracer tells of, is done by a worker of the kernel.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
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

/* MP_FASTCLOSE in an ACK, with the server's key: its kernel resets all subflows. */
static void mptcp_peer_fastclose(struct lab *lab)
{
	uint8_t option[4 + LAB_MPTCP_KEY] = { 30, sizeof(option), 0x70 };
	struct lab_sniffed seen;

	lab_listen(lab);
	lab_sniff(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_accept(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_sniffed(lab, LAB_CLIENT, LAB_SERVER, &seen);
	memcpy(option + 4, seen.peer_key, LAB_MPTCP_KEY);
	lab_forge_with(lab, LAB_CLIENT, LAB_SERVER, TH_ACK, seen.seq, seen.ack,
		       &(struct lab_rest){ .option = option, .options = sizeof(option) });
	lab_wait_error(lab, LAB_SERVER, ECONNRESET);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

/* Each FIN follows when both halves are shut; which one is first is the worker's choice. */
static void shut_both(struct lab *lab)
{
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_poll(lab, LAB_SERVER, POLLIN);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_poll(lab, LAB_CLIENT, POLLHUP);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

static void mptcp_shutdown(struct lab *lab)
{
	lab_pair(lab);
	shut_both(lab);
}

/* A subflow wants to join a connection that does not exist. */
static void mptcp_join_unknown(struct lab *lab)
{
	lab_listen(lab);
	lab_sniff(lab);
	lab_deaf(lab, LAB_CLIENT);
	lab_join_syn(lab, LAB_CLIENT, 1, 1000);
	lab_sniff_rst(lab, LAB_LISTENER, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

/* One that knows the token, but not the keys, wants to join the client's connection. */
static void mptcp_join_stranger(struct lab *lab)
{
	struct lab_sniffed seen;

	lab_pair(lab);
	lab_deaf(lab, LAB_CLIENT2);
	lab_sniff(lab);
	lab_join_syn(lab, LAB_CLIENT2, lab_mptcp_token(lab, LAB_SERVER), 1000);
	lab_sniffed(lab, LAB_LISTENER, LAB_CLIENT2, &seen);
	lab_sniff(lab);
	lab_join_ack(lab, LAB_CLIENT2, 1001, seen.seq);
	lab_sniff_rst(lab, LAB_LISTENER, LAB_CLIENT2);
	lab_close(lab, LAB_CLIENT2);
	/* The connection goes on. */
	lab_send(lab, LAB_CLIENT, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	shut_both(lab);
}

/* Its path manager is ours, in the client's namespace alone: the server accepts by itself. */
static void mptcp_remove_subflow(struct lab *lab)
{
	lab_sysctl_client(lab, "net.mptcp.pm_type", 1);
	lab_pair(lab);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_subflow_add(lab);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT2, TCP_ESTABLISHED);
	lab_subflow_remove(lab);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT2, 0);
	shut_both(lab);
}

/* Not accepted: the queue holds the subflow. */
static void mptcp_listen_close(struct lab *lab)
{
	lab_queue(lab, 1);
	lab_close(lab, LAB_LISTENER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_close(lab, LAB_CLIENT);
}

static void mptcp_clean(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_poll(lab, LAB_SERVER, POLLIN);
	lab_drain(lab, LAB_SERVER, 0);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
}

/* Of an end whose application has closed: before the other one's FIN comes, or after that. */
#define WORKER_CLOSES(who) { \
	.cause = "fin_close", .other = "fin_close_passive", .end = LAB_END_##who, .wire = "fin", \
	.dir = "out", .error = "", .count = 1 }

const struct scenario scenario_mptcp[] = {
	{
		.name = "mptcp_shutdown",
		.summary = "MPTCP: shutdown() of both halves sends a FIN on the subflow each",
		.run = mptcp_shutdown,
		.mptcp = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", NULL, NULL),
			ACT_FIN(SERVER, "fin_shutdown_wr", NULL, NULL),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } },
	},
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
	}, {
		.name = "mptcp_peer_fastclose",
		.summary = "MPTCP: MP_FASTCLOSE in an ACK resets the subflow it comes over",
		.run = mptcp_peer_fastclose,
		.mptcp = true,
		.root = true,
		.acts = {
			ACT_REPLY(SERVER, "mptcp_subflow_reset", "ESTABLISHED", NULL),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2 },
	}, {
		.name = "mptcp_join_unknown",
		.summary = "MPTCP: a subflow wants to join a connection that does not exist",
		.run = mptcp_join_unknown,
		.mptcp = true,
		.root = true,
		.acts = { ACT_REPLY(SERVER, "mptcp_join_rst", "LISTEN", NULL) },
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_ListenDrops] = 1 },
	}, {
		.name = "mptcp_join_stranger",
		.summary = "MPTCP: a subflow wants to join a connection without its keys",
		.run = mptcp_join_stranger,
		.mptcp = true,
		.root = true,
		.acts = {
			ACT_REPLY(SERVER, "mptcp_join_rst", "LISTEN", NULL),
			ACT_FIN(CLIENT, "fin_shutdown_wr", NULL, NULL),
			ACT_FIN(SERVER, "fin_shutdown_wr", NULL, NULL),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst = 1 },
		},
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "mptcp_listen_close",
		.summary = "MPTCP: close() of a listener resets its queue, each subflow twice",
		.run = mptcp_listen_close,
		.mptcp = true,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "close", 1, 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 2 } },
		.counters = { [COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 2 },
	}, {
		.name = "mptcp_clean",
		.summary = "MPTCP: close() on both ends, the FINs are sent by a worker",
		.run = mptcp_clean,
		.mptcp = true,
		.acts = {
			WORKER_CLOSES(CLIENT), WORKER_CLOSES(SERVER),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } },
	}, {
		.name = "mptcp_remove_subflow",
		.summary = "MPTCP: one of two subflows is removed, by a FIN each way",
		.run = mptcp_remove_subflow,
		.mptcp = true,
		.root = true,
		.veth = true,
		.alone = true,
		.acts = {
			ACT_FIN(CLIENT, "mptcp_subflow_fin", "ESTABLISHED", "netlink"),
			ACT_FIN(SERVER, "mptcp_subflow_fin", "CLOSE_WAIT", "kthread"),
			ACT_FIN(CLIENT, "fin_shutdown_wr", NULL, NULL),
			ACT_FIN(SERVER, "fin_shutdown_wr", NULL, NULL),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 2 }, [LAB_END_SERVER] = { .fin = 2 } },
	},
	{ .name = NULL },
};
