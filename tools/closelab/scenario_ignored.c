/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Segments that look deadly and are not: challenged, out of the window, meant for a request only.
 * And what moves on instead of dying.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void clean_end(struct lab *lab)
{
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void challenge_syn(struct lab *lab)
{
	lab_pair(lab);
	lab_forge(lab, LAB_CLIENT, LAB_SERVER, TH_SYN, lab_next_seq(lab, LAB_CLIENT), 0);
	clean_end(lab);
}

static void challenge_client(struct lab *lab)
{
	lab_pair(lab);
	lab_stray_rst(lab, LAB_SERVER, 100);
	clean_end(lab);
}

/* Far beyond any window: not even challenged. */
static void rst_out_of_window(struct lab *lab)
{
	lab_pair(lab);
	lab_stray_rst(lab, LAB_CLIENT, 1u << 30);
	clean_end(lab);
}

/* In the window, but its acknowledgement is older than any window. */
static void fin_rejected(struct lab *lab)
{
	lab_pair(lab);
	lab_forge(lab, LAB_CLIENT, LAB_SERVER, TH_FIN | TH_ACK, lab_next_seq(lab, LAB_CLIENT),
		  lab_next_seq(lab, LAB_SERVER) - (1u << 30));
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	clean_end(lab);
}

/* Its sequence number is beyond any window. */
static void fin_out_of_window(struct lab *lab)
{
	lab_pair(lab);
	lab_forge(lab, LAB_CLIENT, LAB_SERVER, TH_FIN | TH_ACK,
		  lab_next_seq(lab, LAB_CLIENT) + (1u << 30), lab_next_seq(lab, LAB_SERVER));
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	clean_end(lab);
}

/* Connected, as the client sees it. */
static void half_open(struct lab *lab)
{
	lab_listen(lab);
	lab_option(lab, LAB_LISTENER, IPPROTO_TCP, TCP_DEFER_ACCEPT, 10, "TCP_DEFER_ACCEPT");
	lab_connect(lab, LAB_CLIENT);
}

static void client_resets(struct lab *lab)
{
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void halfopen_rst(struct lab *lab)
{
	int64_t before;

	half_open(lab);
	before = lab_counter(lab, LAB_LISTENER, COUNTER_EmbryonicRsts);
	client_resets(lab);
	/* Before the listener is closed. */
	lab_wait_counter(lab, LAB_LISTENER, COUNTER_EmbryonicRsts, before + 1);
}

/* In the window, but not at its start. */
static void halfopen_stray_rst(struct lab *lab)
{
	half_open(lab);
	lab_stray_rst(lab, LAB_CLIENT, 100);
}

static void halfopen_rst_dropped(struct lab *lab)
{
	halfopen_stray_rst(lab);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	client_resets(lab);
}

static void halfopen_rst_challenged(struct lab *lab)
{
	halfopen_stray_rst(lab);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_SYN_RECV);
	/* One without timestamps: 7.2 rejects the client's own, which echoes the challenge's. */
	lab_stray_rst(lab, LAB_CLIENT, 0);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	client_resets(lab);
}

/* The second listener of the port; the one that got the connection is the one to be closed. */
static void two_listeners(struct lab *lab, int migrate)
{
	lab_sysctl_if_any(lab, "net.ipv4.tcp_migrate_req", migrate);
	lab_option(lab, LAB_LISTENER, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
	lab_listen(lab);
	lab_option(lab, LAB_SPARE, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
	lab_bind(lab, LAB_SPARE, lab->ends.server_port);
	if (lab_step(lab, "spare listen") && listen(lab->fd[LAB_SPARE], 16) < 0)
		lab_fail(lab, errno);
	lab_connect(lab, LAB_CLIENT);
	if (!lab->error && lab_queued(lab, LAB_LISTENER) == 0)
		lab_swap(lab, LAB_LISTENER, LAB_SPARE);
	lab_wait_queued(lab, 1);
}

/* The request came when there was but one listener. */
static void halfopen_migrated(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_migrate_req", 1);
	lab_option(lab, LAB_LISTENER, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
	half_open(lab);
	lab_option(lab, LAB_SPARE, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
	lab_bind(lab, LAB_SPARE, lab->ends.server_port);
	lab_swap(lab, LAB_LISTENER, LAB_SPARE);
	lab_relisten(lab, 16);
	lab_close(lab, LAB_SPARE);
	lab_send(lab, LAB_CLIENT, 3);
	lab_accept(lab);
	lab_read(lab, LAB_SERVER, 3, 0);
	clean_end(lab);
}

static void listen_migrated(struct lab *lab)
{
	two_listeners(lab, 1);
	lab_close(lab, LAB_LISTENER);
	lab_swap(lab, LAB_LISTENER, LAB_SPARE);
	lab_accept(lab);
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	clean_end(lab);
}

static void listen_not_migrated(struct lab *lab)
{
	two_listeners(lab, 0);
	lab_close(lab, LAB_LISTENER);
	lab_swap(lab, LAB_LISTENER, LAB_SPARE);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

/* Nobody else listens at the port: there is nowhere to go. */
static void listen_migration_fails(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_migrate_req", 1);
	lab_option(lab, LAB_LISTENER, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
	lab_queue(lab, 1);
	lab_close(lab, LAB_LISTENER);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

#define CLEAN_ACTS { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define FORGED_RST(who) { \
	[LAB_END_CLIENT] = { .fin = 1, .rst = LAB_END_##who == LAB_END_CLIENT }, \
	[LAB_END_SERVER] = { .fin = 1, .rst = LAB_END_##who == LAB_END_SERVER } }
#define CLIENT_RESETS ACT_RST(CLIENT, "linger0", "ESTABLISHED", "close", 0)
#define REQUEST_RESET { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1, \
	[COUNTER_AttemptFails] = 1, [COUNTER_EmbryonicRsts] = 1 }

const struct scenario scenario_ignored[] = {
	{
		.name = "challenge_syn",
		.summary = "a SYN for a connection is challenged: no end",
		.run = challenge_syn,
		.root = true,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
		.notes = {
			NOTE_FULL(SERVER, "challenge_ack", "ESTABLISHED"),
			NOTE_TOLD(SERVER, "fin_received", "ESTABLISHED"),
			NOTE_FIN_LAST(CLIENT),
			NOTE_LISTENER,
		},
		.counters = { [COUNTER_TCPChallengeACK] = 1, [COUNTER_TCPSYNChallenge] = 1 },
	}, {
		.name = "challenge_client",
		.summary = "a RST in the client's window, but not at its start, is challenged",
		.run = challenge_client,
		.root = true,
		.forged = true,
		.acts = CLEAN_ACTS, .wire = FORGED_RST(SERVER),
		.counters = { [COUNTER_TCPChallengeACK] = 1 },
	}, {
		.name = "rst_out_of_window",
		.summary = "a RST out of the window is ignored",
		.run = rst_out_of_window,
		.root = true,
		.forged = true,
		.acts = CLEAN_ACTS, .wire = FORGED_RST(CLIENT),
	}, {
		.name = "fin_rejected",
		.summary = "a FIN whose acknowledgement is too old is challenged, not accepted",
		.run = fin_rejected,
		.root = true,
		.acts = CLEAN_ACTS,
		/* The forged one, and the client's own, which has another end. */
		.wire = { [LAB_END_CLIENT] = { .fin = 2 }, [LAB_END_SERVER] = { .fin = 1 } },
		.counters = { [COUNTER_TCPChallengeACK] = 1 },
	}, {
		.name = "fin_out_of_window",
		.summary = "a FIN out of the window is ignored",
		.run = fin_out_of_window,
		.root = true,
		.acts = CLEAN_ACTS,
		.wire = { [LAB_END_CLIENT] = { .fin = 2 }, [LAB_END_SERVER] = { .fin = 1 } },
	}, {
		.name = "halfopen_rst",
		.summary = "a RST for a half-open request: told by its sender only",
		.run = halfopen_rst,
		.acts = { CLIENT_RESETS },
		.notes = { NOTE_FULL(SERVER, "peer_rst_synrecv", "NEW_SYN_RECV"), NOTE_LISTENER },
		.wire = { [LAB_END_CLIENT] = { .rst_ack = 1 } },
		.counters = REQUEST_RESET,
	}, {
		.name = "halfopen_rst_dropped",
		.summary = "a RST in the window of a half-open request drops it: older kernels",
		.run = halfopen_rst_dropped,
		.root = true,
		.forged = true,
		.acts = { CLIENT_RESETS },
		.wire = { [LAB_END_CLIENT] = { .rst = 1, .rst_ack = 1 } },
		.counters = REQUEST_RESET,
	}, {
		.name = "halfopen_rst_challenged",
		.summary = "a RST in the window of a half-open request is challenged, newer ones",
		.run = halfopen_rst_challenged,
		.root = true,
		.forged = true,
		.acts = { CLIENT_RESETS },
		.wire = { [LAB_END_CLIENT] = { .rst = 2, .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1, [COUNTER_AttemptFails] = 1,
			[COUNTER_EmbryonicRsts] = 1, [COUNTER_TCPChallengeACK] = 1,
		},
	}, {
		.name = "listen_migrated",
		.summary = "tcp_migrate_req: another listener of the port takes the queue over",
		.run = listen_migrated,
		.alone = true,
		.root = true,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
		.notes = {
			NOTE_FULL(SERVER, "listen_queue_migrated", "ESTABLISHED"),
			NOTE_TOLD(SERVER, "fin_received", "ESTABLISHED"),
			NOTE_FIN_LAST(CLIENT),
			NOTE_LISTENER,
		},
		.counters = { [COUNTER_TCPMigrateReqSuccess] = 1 },
	}, {
		.name = "halfopen_migrated",
		.summary = "tcp_migrate_req: another listener takes a half-open request over",
		.run = halfopen_migrated,
		.alone = true,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
		.counters = { [COUNTER_TCPMigrateReqSuccess] = 1 },
	}, {
		.name = "listen_not_migrated",
		.summary = "without tcp_migrate_req another listener of the port does not help",
		.run = listen_not_migrated,
		.alone = true,
		.root = true,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "close", 1, 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = { [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2 },
	}, {
		.name = "listen_migration_fails",
		.summary = "tcp_migrate_req, but nobody else listens: the queue is reset",
		.run = listen_migration_fails,
		.alone = true,
		.acts = {
			ACT_QUEUE("ESTABLISHED", "close", 1, 0),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2,
			[COUNTER_TCPMigrateReqFailure] = 1,
		},
	},
	{ .name = NULL },
};
