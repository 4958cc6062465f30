/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A scenario: one close path, performed for real, and all that must be seen of it.
 *
 * The rows stand beside their functions in scenario_*.c; whatever a row does not name must not
 * happen: no other act, no other FIN or RST, no other counter of counters.def, no other close that
 * was not the last.
 */
#ifndef CLOSELAB_SCENARIO_H
#define CLOSELAB_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "counters.h"
#include "lab.h"

#define SCENARIO_ACTS 8
#define SCENARIO_NOTES 8
#define SCENARIO_HELD 3
#define SCENARIO_SOME 0xffffffffu	/* more than 0 */

/* One kind of act; a row ends with one that has no cause. Words as in closetrace's JSON. */
struct scenario_act {
	const char *cause;
	const char *other;	/* or this one: which end is first is not decided; NULL: no */
	enum lab_end end;	/* the socket it is told of */
	const char *wire;	/* fin, rst, none */
	const char *dir;	/* out, in, none */
	const char *state;	/* before the act; NULL: not looked at */
	const char *error;	/* errno by name; "": none; NULL: not looked at */
	const char *via;	/* close, shutdown, …; NULL: an act without an actor */
	unsigned int count;
	unsigned int unread;	/* bytes, exact or SCENARIO_SOME, where via is set */
	bool unsent;		/* bytes were still to be sent */
	bool lost;		/* the packet is sent, but lost before the other end */
	bool child;		/* was waiting in an accept queue: tied to its listener */
};

/*
 * One kind of note; a row ends with one that has no name. A scenario that names one names them all;
 * of one that names none only the counters are compared.
 */
struct scenario_note {
	const char *name;	/* as in closetrace's JSON */
	enum lab_end end;	/* the socket it is told of */
	const char *state;	/* before it; NULL: not looked at */
	unsigned int count;
	bool full;		/* told in the full tier only */
	bool either;		/* in the base tier told or not: there may be no socket */
};

/* Who has a descriptor still. */
enum scenario_holder {
	HOLDER_NONE,		/* a call in progress, or one on its way through a Unix socket */
	HOLDER_SELF,		/* the laboratory's process */
	HOLDER_CHILD,		/* that of lab_holder_start() */
};

/* A close that was not the last, by --held; a row ends with one that has no via. */
struct scenario_held {
	const char *via;	/* as in closetrace's JSON */
	enum lab_end end;	/* the socket it is told of */
	enum scenario_holder holder;
	unsigned int count;
	bool child;		/* closed by the child, else by the laboratory's process */
	bool stays;		/* the holder is there when closetrace looks for it */
	bool full;		/* told in the full tier only */
};

/* Packets of one end that crossed the path. */
struct scenario_wire {
	unsigned int fin;	/* FIN|ACK, retransmissions not counted */
	unsigned int rst;	/* RST without ACK: a reply to a segment with ACK */
	unsigned int rst_ack;	/* RST|ACK */
};

struct scenario {
	const char *name;
	const char *summary;
	void (*run)(struct lab *lab);
	bool root;		/* needs CAP_NET_ADMIN and CAP_NET_RAW */
	bool forged;		/* sends or provokes a RST with a wrong sequence number */
	bool timer;		/* waits for the kernel, 3 s at most: run beside others */
	bool slow;		/* waits longer: run only when asked for */
	bool alone;		/* changes its namespace, or takes a processor for a while */
	bool foreign;		/* a RST comes from no socket, so that its sender is not told of */
	bool global;		/* changes a sysctl of all namespaces: only when asked for, alone */
	bool mptcp;		/* sockets of IPPROTO_MPTCP */
	bool mapped;		/* IPv4-mapped addresses: for IPv6 only */
	bool ipv4;		/* for IPv4 only */
	bool exits;		/* its namespace is left to die while closetrace looks on */
	bool loopback;		/* not across a veth pair: nothing is sent, or the row says why */
	bool veth;		/* only across a veth pair */
	bool leaves;		/* the server's namespace, which is gone at the end */
	bool full;		/* the base tier cannot decide it: run in the full tier only */
	struct scenario_act acts[SCENARIO_ACTS];
	struct scenario_note notes[SCENARIO_NOTES];
	struct scenario_held held[SCENARIO_HELD];
	struct scenario_wire wire[LAB_END_COUNT];
	int counters[COUNTER_COUNT];
};

/* The i-th scenario, NULL after the last; the one of a name, NULL when there is none. */
const struct scenario *scenario_at(size_t i);
const struct scenario *scenario_find(const char *name);

/* One group a file; a group ends with a row without a name. */
extern const struct scenario scenario_fin[];
extern const struct scenario scenario_unsent[];
extern const struct scenario scenario_unread[];
extern const struct scenario scenario_linger[];
extern const struct scenario scenario_listen[];
extern const struct scenario scenario_disconnect[];
extern const struct scenario scenario_peer[];
extern const struct scenario scenario_nothing[];
extern const struct scenario scenario_timer[];
extern const struct scenario scenario_icmp[];
extern const struct scenario scenario_destroy[];
extern const struct scenario scenario_abort[];
extern const struct scenario scenario_fastopen[];
extern const struct scenario scenario_reply[];
extern const struct scenario scenario_orphan[];
extern const struct scenario scenario_late[];
extern const struct scenario scenario_ignored[];
extern const struct scenario scenario_key[];
extern const struct scenario scenario_thread[];
extern const struct scenario scenario_ways[];
extern const struct scenario scenario_held[];
extern const struct scenario scenario_mptcp[];
extern const struct scenario scenario_smc[];
extern const struct scenario scenario_reject[];
extern const struct scenario scenario_note[];
extern const struct scenario scenario_link[];
extern const struct scenario scenario_write[];

/* Rows are short with these. */
#define ACT_FIN(who, slug, was, how) { \
	.cause = slug, .end = LAB_END_##who, .wire = "fin", .dir = "out", .state = was, \
	.error = "", .via = how, .count = 1 }
#define ACT_FIN_UNSENT(who, slug, was, how) { \
	.cause = slug, .end = LAB_END_##who, .wire = "fin", .dir = "out", .state = was, \
	.error = "", .via = how, .count = 1, .unsent = true }
#define ACT_FIN_UNREAD(who, slug, was, how, n) { \
	.cause = slug, .end = LAB_END_##who, .wire = "fin", .dir = "out", .state = was, \
	.error = "", .via = how, .count = 1, .unread = n }
#define ACT_RST(who, slug, was, how, n) { \
	.cause = slug, .end = LAB_END_##who, .wire = "rst", .dir = "out", .state = was, \
	.via = how, .count = 1, .unread = n }
#define ACT_RST_UNSENT(who, slug, was, how) { \
	.cause = slug, .end = LAB_END_##who, .wire = "rst", .dir = "out", .state = was, \
	.via = how, .count = 1, .unsent = true }
#define ACT_QUEUE(was, how, times, n) { \
	.cause = "listen_queue_abort", .end = LAB_END_SERVER, .wire = "rst", .dir = "out", \
	.state = was, .via = how, .count = times, .unread = n, .child = true }
#define ACT_REPLY(who, slug, was, err) { \
	.cause = slug, .end = LAB_END_##who, .wire = "rst", .dir = "out", .state = was, \
	.error = err, .count = 1 }
#define ACT_SILENT(who, slug, was, how) { \
	.cause = slug, .end = LAB_END_##who, .wire = "none", .dir = "none", .state = was, \
	.via = how, .count = 1 }
/* By a timer, an ICMP error: nobody of ours acts. */
#define ACT_DEATH(who, slug, was, err) { \
	.cause = slug, .end = LAB_END_##who, .wire = "none", .dir = "none", .state = was, \
	.error = err, .count = 1 }
#define ACT_PEER_ORPHAN(who, was) { \
	.cause = "peer_rst_orphan", .end = LAB_END_##who, .wire = "rst", .dir = "in", \
	.state = was, .count = 1 }
#define ACT_PEER(who, was, err) ACT_PEERS(who, was, err, 1)
#define ACT_PEERS(who, was, err, times) { \
	.cause = "peer_rst", .end = LAB_END_##who, .wire = "rst", .dir = "in", .state = was, \
	.error = err, .count = times }
#define ACT_REFUSED { \
	.cause = "peer_refused", .end = LAB_END_CLIENT, .wire = "rst", .dir = "in", \
	.state = "SYN_SENT", .error = "ECONNREFUSED", .count = 1 }

#define NOTES_TOLD(who, slug, was, times) { \
	.name = slug, .end = LAB_END_##who, .state = was, .count = times }
#define NOTE_TOLD(who, slug, was) NOTES_TOLD(who, slug, was, 1)
/* Of an end that was closed: its FIN_WAIT2 is a socket only while the ACK of its FIN is delayed. */
#define NOTE_FIN_LAST(who) { \
	.name = "fin_received", .end = LAB_END_##who, .count = 1, .either = true }
#define NOTE_FULL(who, slug, was) { \
	.name = slug, .end = LAB_END_##who, .state = was, .count = 1, .full = true }
/* At the end of a scenario its listener is closed. */
#define NOTE_LISTENER NOTE_TOLD(SERVER, "listen_close_empty", "LISTEN")

/* Held still by whom; a new child drops what it shall not share. */
#define HELD(who, by) { \
	.via = "close", .end = LAB_END_##who, .holder = HOLDER_##by, .count = 1 }
#define CHILD_DROPS(who, times) { \
	.via = "close", .end = LAB_END_##who, .holder = HOLDER_SELF, .count = times, .child = true }

#endif
