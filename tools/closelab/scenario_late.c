/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What comes after close(): data together with the acknowledgement of our FIN, and segments for a
 * TIME_WAIT entry that stays, that goes, that was never made.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/*
 * The server does not hear that its first bytes arrived and holds the next ones back (Nagle). The
 * FIN acknowledges the first: the others leave at once, while close() still has the socket's lock.
 */
static void backlog_data(struct lab *lab)
{
	lab_pair(lab);
	lab_hear_only(lab, LAB_SERVER, TH_FIN | TH_RST);
	lab_send(lab, LAB_SERVER, 3);
	lab_wait_unread(lab, LAB_CLIENT, 3);
	lab_read(lab, LAB_CLIENT, 3, 0);
	lab_send(lab, LAB_SERVER, 2);
	lab_close(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_SERVER, EPIPE);
	lab_close(lab, LAB_SERVER);
}

/* The server knows of nothing: the segment that acknowledges the FIN is not its own. */
static void fw1ack_data(struct lab *lab)
{
	lab_pair(lab);
	lab_blackhole(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_FIN_WAIT1);
	lab_forge_with(lab, LAB_SERVER, LAB_CLIENT, TH_ACK, lab_next_seq(lab, LAB_SERVER),
		       lab_expected_seq(lab, LAB_SERVER) + 1, &(struct lab_rest){ .data = 3 });
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

/* The client's FIN has come; the segment begins with it and goes on. */
static void straddle_closewait(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_forge_with(lab, LAB_CLIENT, LAB_SERVER, TH_ACK, lab_expected_seq(lab, LAB_SERVER) - 1,
		       lab_next_seq(lab, LAB_SERVER), &(struct lab_rest){ .data = 3 });
	lab_wait_so_error(lab, LAB_SERVER, EPIPE);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_SERVER);
	lab_close(lab, LAB_CLIENT);
}

/* The same after close(): the server's FIN is lost. */
static void straddle_lastack(struct lab *lab)
{
	uint32_t seq, ack;

	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_drop_fin(lab, LAB_CLIENT);
	seq = lab_expected_seq(lab, LAB_SERVER) - 1;
	ack = lab_next_seq(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_LAST_ACK);
	lab_forge_with(lab, LAB_CLIENT, LAB_SERVER, TH_ACK, seq, ack,
		       &(struct lab_rest){ .data = 3 });
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

/* Both FINs are exchanged, then a RST comes that fits. */
static void timewait_forged_rst(struct lab *lab)
{
	uint32_t seq;

	lab_pair(lab);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	seq = lab_next_seq(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_TIME_WAIT);
	lab_forge(lab, LAB_SERVER, LAB_CLIENT, TH_RST, seq + 1, 0);
}

static void timewait_killed(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_rfc1337", 0);
	timewait_forged_rst(lab);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
}

static void timewait_rfc1337(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_rfc1337", 1);
	timewait_forged_rst(lab);
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, TCP_TIME_WAIT);
}

/*
 * close() makes the TIME_WAIT entry. An ACK that comes while close() is on its way out would leave
 * a whole socket in FIN_WAIT2 instead.
 */
static void close_in_fw2(struct lab *lab)
{
	lab_pair(lab);
	lab_half_close(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

/* The client's end is gone; the server's FIN meets nobody. */
static void server_too_late(struct lab *lab)
{
	lab_wait_table(lab, LAB_CLIENT, LAB_SERVER, 0);
	lab_close(lab, LAB_SERVER);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
}

static void timewait_overflow(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_max_tw_buckets", 0);
	close_in_fw2(lab);
	server_too_late(lab);
}

static void finwait2_expired(struct lab *lab)
{
	lab_option(lab, LAB_CLIENT, IPPROTO_TCP, TCP_LINGER2, 1, "TCP_LINGER2");
	close_in_fw2(lab);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	server_too_late(lab);
}

#define CLOSED ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close")
#define FOLLOWED ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close")
#define SHUT ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown")
#define TOO_LATE { \
	SHUT, FOLLOWED, \
	ACT_REPLY(CLIENT, "no_socket_rst", NULL, NULL), \
	ACT_PEER_ORPHAN(SERVER, "LAST_ACK") }
#define FIN_MEETS_RST { [LAB_END_CLIENT] = { .fin = 1, .rst = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define FORGED_RST { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1, .rst = 1 } }

const struct scenario scenario_late[] = {
	{
		.name = "backlog_data",
		.summary = "data comes with the ACK of the FIN while close() is still at work",
		.run = backlog_data,
		.acts = {
			CLOSED,
			ACT_REPLY(CLIENT, "data_after_close", "FIN_WAIT2", NULL),
			ACT_PEER(SERVER, "CLOSE_WAIT", "EPIPE"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1, .rst = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "fw1ack_data",
		.summary = "after close(), the ACK of the FIN carries data",
		.run = fw1ack_data,
		.root = true,
		.forged = true,
		.acts = {
			CLOSED,
			ACT_REPLY(CLIENT, "data_after_close", "FIN_WAIT2", NULL),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1, .rst = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = {
			[COUNTER_TCPAbortOnData] = 2, [COUNTER_OutRsts] = 2,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "straddle_closewait",
		.summary = "a segment that begins before the peer's FIN and brings data behind it",
		.run = straddle_closewait,
		.root = true,
		.acts = {
			SHUT, ACT_REPLY(SERVER, "data_after_close", "CLOSE_WAIT", "EPIPE"),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .rst = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 1,
		},
	}, {
		.name = "straddle_lastack",
		.summary = "the same in LAST_ACK, closed",
		.run = straddle_lastack,
		.root = true,
		.acts = {
			SHUT, FOLLOWED, ACT_REPLY(SERVER, "data_after_close", "LAST_ACK", NULL),
			ACT_PEER(CLIENT, "FIN_WAIT2", "ECONNRESET"),
		},
		.wire = {
			[LAB_END_CLIENT] = { .fin = 1 },
			[LAB_END_SERVER] = { .fin = 1, .rst = 1 },
		},
		.counters = { [COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1 },
	}, {
		.name = "timewait_killed",
		.summary = "a RST in TIME_WAIT ends it when tcp_rfc1337 is 0: nothing to tell",
		.run = timewait_killed,
		.alone = true,
		.root = true,
		.forged = true,
		.acts = { CLOSED, FOLLOWED },
		.wire = FORGED_RST,
	}, {
		.name = "timewait_rfc1337",
		.summary = "a RST in TIME_WAIT is ignored when tcp_rfc1337 is 1",
		.run = timewait_rfc1337,
		.alone = true,
		.root = true,
		.forged = true,
		.acts = { CLOSED, FOLLOWED },
		.wire = FORGED_RST,
	}, {
		.name = "timewait_overflow",
		.summary = "no room for a TIME_WAIT entry: the peer's FIN meets nobody",
		.run = timewait_overflow,
		.alone = true,
		.acts = TOO_LATE, .wire = FIN_MEETS_RST,
		.counters = { [COUNTER_TCPTimeWaitOverflow] = 1, [COUNTER_OutRsts] = 1 },
	}, {
		.name = "finwait2_expired",
		.summary = "FIN_WAIT2 is over after TCP_LINGER2: the peer's FIN meets nobody",
		.run = finwait2_expired,
		.timer = true,
		.acts = TOO_LATE, .wire = FIN_MEETS_RST,
		.counters = { [COUNTER_OutRsts] = 1 },
	},
	{ .name = NULL },
};
