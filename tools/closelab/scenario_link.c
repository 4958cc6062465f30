/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loss on the way, links that go down, namespaces that are left.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

/* Nobody listens any more: late segments meet no socket at all. */
static void lone_pair(struct lab *lab)
{
	lab_pair(lab);
	lab_close(lab, LAB_LISTENER);
}

/* The client has heard nothing and speaks to nobody. */
static void client_learns(struct lab *lab)
{
	lab_wait_state(lab, LAB_CLIENT, TCP_ESTABLISHED);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

static void reset_by_server(struct lab *lab)
{
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

static void rst_lost(struct lab *lab)
{
	lone_pair(lab);
	lab_blackhole(lab, LAB_CLIENT);
	reset_by_server(lab);
	lab_wait_dropped(lab, LAB_CLIENT);
	lab_heal(lab, LAB_CLIENT);
	client_learns(lab);
}

static void link_rst_lost(struct lab *lab)
{
	lone_pair(lab);
	lab_link(lab, LAB_END_CLIENT, false);
	reset_by_server(lab);
	lab_link(lab, LAB_END_CLIENT, true);
	client_learns(lab);
}

static void link_down_rst(struct lab *lab)
{
	lone_pair(lab);
	lab_link(lab, LAB_END_SERVER, false);
	reset_by_server(lab);
	lab_link(lab, LAB_END_SERVER, true);
	client_learns(lab);
}

static void fin_lost(struct lab *lab)
{
	lab_pair(lab);
	lab_drop_fin(lab, LAB_SERVER);
	lab_shutdown(lab, LAB_CLIENT, SHUT_WR);
	lab_wait_dropped(lab, LAB_SERVER);
	lab_heal(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_wait_state(lab, LAB_CLIENT, TCP_FIN_WAIT2);
	lab_drop_fin(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
	lab_wait_dropped(lab, LAB_CLIENT);
	lab_heal(lab, LAB_CLIENT);
	lab_drain(lab, LAB_CLIENT, 0);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
	lab_close(lab, LAB_CLIENT);
}

static void link_fin_lost(struct lab *lab)
{
	lab_pair(lab);
	lab_link(lab, LAB_END_SERVER, false);
	lab_close(lab, LAB_CLIENT);
	lab_link(lab, LAB_END_SERVER, true);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_wait_minisock(lab, LAB_CLIENT, LAB_SERVER);
	lab_link(lab, LAB_END_CLIENT, false);
	lab_close(lab, LAB_SERVER);
	lab_link(lab, LAB_END_CLIENT, true);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, 0);
}

static void link_flap(struct lab *lab)
{
	lab_pair(lab);
	lab_link(lab, LAB_END_SERVER, false);
	lab_send(lab, LAB_CLIENT, 3);
	lab_send(lab, LAB_SERVER, 5);
	lab_link(lab, LAB_END_SERVER, true);
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_wait_unread(lab, LAB_CLIENT, 5);
	lab_wait_acked(lab, LAB_SERVER);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_read(lab, LAB_CLIENT, 5, 0);
	lab_wait_acked(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

static void times_out(struct lab *lab, enum lab_end down, int err)
{
	lab_user_timeout(lab, LAB_CLIENT, 300);
	lone_pair(lab);
	lab_link(lab, down, false);
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_error(lab, LAB_CLIENT, err);
	lab_close(lab, LAB_CLIENT);
	lab_link(lab, down, true);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	reset_by_server(lab);
}

static void link_user_timeout(struct lab *lab)
{
	times_out(lab, LAB_END_SERVER, ETIMEDOUT);
}

/* No route is left: IPv6 blames that, IPv4 only where a segment had left before. */
static void link_down_timeout(struct lab *lab)
{
	times_out(lab, LAB_END_CLIENT, lab->family == AF_INET6 ? ENETUNREACH : ETIMEDOUT);
}

static void link_down_connect(struct lab *lab)
{
	lab_listen(lab);
	lab_link(lab, LAB_END_CLIENT, false);
	lab_connect_fails(lab, LAB_CLIENT, ENETUNREACH);
	lab_close(lab, LAB_CLIENT);
	lab_link(lab, LAB_END_CLIENT, true);
}

/* Nobody answers for the server's address: this host itself makes an ICMP error of that. */
static void neighbour_gone(struct lab *lab)
{
	lab_sysctl(lab, lab->family == AF_INET6 ? "net.ipv6.neigh.veth.retrans_time_ms" :
						  "net.ipv4.neigh.veth.retrans_time_ms", 50);
	lab_listen(lab);
	lab_ask_neighbours(lab, LAB_END_CLIENT);
	lab_link(lab, LAB_END_SERVER, false);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_CLIENT, EHOSTUNREACH);
	lab_close(lab, LAB_CLIENT);
}

static void netns_exit_timewait(struct lab *lab)
{
	lone_pair(lab);
	lab_close(lab, LAB_SERVER);
	lab_wait_state(lab, LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_table(lab, LAB_SERVER, LAB_CLIENT, TCP_TIME_WAIT);
	lab_abandon_server(lab);
	lab_wait_server_gone(lab);
}

/*
 * The socket keeps the namespace: all it has is sent. What it leaves when its FIN has been
 * acknowledged, a TIME_WAIT entry, does not: both go, and the client's end of the link with them.
 */
static void netns_exit_orphan(struct lab *lab)
{
	size_t n;

	lone_pair(lab);
	n = lab_fill(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
	lab_abandon_server(lab);
	lab_drain(lab, LAB_CLIENT, n);
	lab_wait_server_gone(lab);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

static void netns_exit_orphan_timeout(struct lab *lab)
{
	lab_sysctl(lab, "net.ipv4.tcp_orphan_retries", 1);
	lone_pair(lab);
	lab_blackhole(lab, LAB_CLIENT);
	lab_send(lab, LAB_SERVER, 3);
	lab_close(lab, LAB_SERVER);
	lab_abandon_server(lab);
	lab_wait_server_gone(lab);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
}

#define LINGER0(who) ACT_RST(who, "linger0", "ESTABLISHED", "close", 0)
#define LINGER0_LOST(who, was) { \
	.cause = "linger0", .end = LAB_END_##who, .wire = "rst", .dir = "out", \
	.state = was, .via = "close", .count = 1, .lost = true }
#define CLOSED(who) ACT_FIN(who, "fin_close", "ESTABLISHED", "close")
#define FOLLOWED(who) ACT_FIN(who, "fin_close_passive", "CLOSE_WAIT", "close")
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
/* Its own, if it is heard of, and the answer to what comes later. */
#define LATER_RESET \
	ACT_REPLY(SERVER, "no_socket_rst", NULL, NULL), \
	ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET")
/* The RST of a host whose link is gone. */
#define NO_WAY { \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 1, \
	[COUNTER_TCPAbortFailed] = 1 }
#define TWO_RESETS \
	[COUNTER_TCPAbortOnData] = 1, [COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 2

#define RST_LEFT_OUT NOTE_TOLD(SERVER, "link_down_noop", "ESTABLISHED")
#define CLIENT_DEAD NOTE_FULL(CLIENT, "close_dead", "CLOSE")

const struct scenario scenario_link[] = {
	{
		.name = "rst_lost",
		.summary = "a RST is lost: the client hears of it when it speaks",
		.run = rst_lost,
		.acts = { LINGER0(SERVER), LATER_RESET },
		.wire = { [LAB_END_SERVER] = { .rst = 1, .rst_ack = 1 } },
		.counters = { TWO_RESETS },
	}, {
		.name = "link_rst_lost",
		.summary = "the same, the client's end of the link being down",
		.run = link_rst_lost,
		.veth = true,
		.alone = true,
		.root = true,
		.acts = { LINGER0_LOST(SERVER, "ESTABLISHED"), LATER_RESET },
		.notes = { NOTE_LISTENER, RST_LEFT_OUT, CLIENT_DEAD },
		.wire = { [LAB_END_SERVER] = { .rst = 1 } },
		.counters = { TWO_RESETS },
	}, {
		.name = "link_down_rst",
		.summary = "SO_LINGER 0 while the own link is down: the RST never leaves",
		.run = link_down_rst,
		/* lo: IPv4 keeps its local routes, IPv6 does not. */
		.veth = true,
		.alone = true,
		.root = true,
		.acts = { LINGER0_LOST(SERVER, "ESTABLISHED"), LATER_RESET },
		.notes = { NOTE_LISTENER, RST_LEFT_OUT, CLIENT_DEAD },
		.wire = { [LAB_END_SERVER] = { .rst = 1 } },
		.counters = { TWO_RESETS, [COUNTER_TCPAbortFailed] = 1 },
	}, {
		.name = "fin_lost",
		.summary = "both FINs are lost and resent: one end each",
		.run = fin_lost,
		.timer = true,
		.acts = {
			ACT_FIN(CLIENT, "fin_shutdown_wr", "ESTABLISHED", "shutdown"),
			FOLLOWED(SERVER),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "link_fin_lost",
		.summary = "the same, the link being down for each",
		.run = link_fin_lost,
		.veth = true,
		.alone = true,
		.root = true,
		.timer = true,
		.acts = { CLOSED(CLIENT), FOLLOWED(SERVER) },
		.wire = BOTH_FIN,
	}, {
		.name = "link_flap",
		.summary = "a link goes down and comes back: no end",
		.run = link_flap,
		.alone = true,
		.root = true,
		.timer = true,
		.acts = { CLOSED(CLIENT), FOLLOWED(SERVER) },
		.wire = BOTH_FIN,
	}, {
		.name = "link_user_timeout",
		.summary = "the peer's link is down for TCP_USER_TIMEOUT: silent",
		.run = link_user_timeout,
		.veth = true,
		.alone = true,
		.root = true,
		.timer = true,
		.acts = {
			ACT_DEATH(CLIENT, "user_timeout", "ESTABLISHED", "ETIMEDOUT"),
			LINGER0(SERVER),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnData] = 1,
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "link_down_timeout",
		.summary = "the own link is down for TCP_USER_TIMEOUT: nothing leaves",
		.run = link_down_timeout,
		.veth = true,
		.alone = true,
		.root = true,
		.timer = true,
		.acts = {
			ACT_DEATH(CLIENT, "user_timeout", "ESTABLISHED", NULL),
			LINGER0(SERVER),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnTimeout] = 1, [COUNTER_TCPAbortOnData] = 1,
			[COUNTER_OutRsts] = 1, [COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "link_down_connect",
		.summary = "connect() without a route fails before any SYN is sent",
		.run = link_down_connect,
		.veth = true,
		.alone = true,
		.root = true,
	}, {
		.name = "neighbour_gone",
		.summary = "nobody answers for the address: this host makes an ICMP error",
		.run = neighbour_gone,
		.veth = true,
		.alone = true,
		.root = true,
		.acts = { ACT_DEATH(CLIENT, "icmp_error", "SYN_SENT", "EHOSTUNREACH") },
		.counters = { [COUNTER_AttemptFails] = 1 },
	}, {
		.name = "netns_exit_timewait",
		.summary = "a namespace goes with a TIME_WAIT entry in it: nothing",
		.run = netns_exit_timewait,
		.veth = true,
		.leaves = true,
		.alone = true,
		.root = true,
		.acts = { CLOSED(SERVER), FOLLOWED(CLIENT) },
		.notes = {
			NOTE_LISTENER,
			NOTE_TOLD(CLIENT, "fin_received", "ESTABLISHED"),
			NOTE_FIN_LAST(SERVER),
			NOTE_FULL(SERVER, "netns_exit_purge", "TIME_WAIT"),
		},
		.wire = BOTH_FIN,
	}, {
		.name = "netns_exit_orphan",
		.summary = "the last process of a namespace closes with data unsent: all is sent",
		.run = netns_exit_orphan,
		.veth = true,
		.leaves = true,
		.alone = true,
		.root = true,
		.acts = {
			ACT_FIN_UNSENT(SERVER, "fin_close_unsent", "ESTABLISHED", "close"),
			LINGER0_LOST(CLIENT, "CLOSE_WAIT"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1 } },
		.counters = NO_WAY,
	}, {
		.name = "netns_exit_orphan_timeout",
		.summary = "the same, the peer being silent: told of a namespace without processes",
		.run = netns_exit_orphan_timeout,
		.veth = true,
		.leaves = true,
		.alone = true,
		.root = true,
		.timer = true,
		.acts = {
			CLOSED(SERVER),
			ACT_DEATH(SERVER, "orphan_timeout", "FIN_WAIT1", NULL),
			LINGER0_LOST(CLIENT, "ESTABLISHED"),
		},
		.wire = { [LAB_END_SERVER] = { .fin = 1 } },
		.counters = NO_WAY,
	},
	{ .name = NULL },
};
