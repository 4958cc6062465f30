// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* order.c - acts come out in the order of their first fact, and halves of one act are joined */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "cause.h"
#include "fixture.h"
#include "order.h"

#define T0	1000000000ULL	/* ns; any time */
#define ALL	UINT64_MAX

struct released {
	struct act acts[256];
	size_t count;
};

static void release(void *context, struct act *act)
{
	struct released *released = context;

	cr_assert(released->count < sizeof(released->acts) / sizeof(released->acts[0]));
	released->acts[released->count++] = *act;
}

static struct act make(uint64_t time_ns, uint64_t socket, fact_set facts)
{
	struct act act = { 0 };

	fixture_plain(&act.record);
	act.record.time_ns = time_ns;
	act.record.socket = socket;
	act.record.facts = facts;
	return act;
}

static void add(struct order *order, uint64_t time_ns, uint64_t socket, fact_set facts)
{
	struct act act = make(time_ns, socket, facts);

	cr_assert_eq(order_add(order, &act), 0);
}

static void judge(struct act *act)
{
	act_derive(act);
	cause_classify(act);
}

#define FIN_FACTS	(FACT(fin_sent) | FACT(owned) | FACT(closing))
#define FIRST_HALF	(FACT(closed) | FACT(tcp_reset) | FACT(provisional))
#define REPLY_HALF	(FACT(rst_reply) | FACT(closed) | FACT(amends) | FACT(seg_ack))

/* A provisional "reset received", as FIN_WAIT2 makes it. */
static void add_first_half(struct order *order, uint64_t time_ns, uint64_t socket)
{
	struct act act = make(time_ns, socket, FIRST_HALF);

	act.record.kind = RECORD_RST_RECEIVED;
	act.record.state = TCP_FIN_WAIT2;
	act.record.err = ECONNRESET;
	act.record.known &= ~(KNOWN_SEQ | KNOWN_REASON);
	cr_assert_eq(order_add(order, &act), 0);
}

static void add_reply(struct order *order, uint64_t time_ns, uint64_t socket)
{
	struct act act = make(time_ns, socket, REPLY_HALF);

	act.record.kind = RECORD_RST_REPLY;
	act.record.state = TCP_CLOSE;
	act.record.seq = 7777;
	act.record.reason = 5;
	act.record.known = KNOWN_SOCKET | KNOWN_SEQ | KNOWN_REASON;
	cr_assert_eq(order_add(order, &act), 0);
}

Test(order, empty_has_nothing_to_wait_for)
{
	struct order order = { 0 };
	struct released released = { 0 };

	cr_expect_eq(order_release(&order, T0, release, &released), UINT64_MAX);
	cr_expect_eq(order_release(&order, ALL, release, &released), UINT64_MAX);
	cr_expect_eq(released.count, 0);
	order_free(&order);
}

Test(order, sorts_by_first_fact)
{
	static const uint64_t times[] = { 50, 10, 40, 20, 30, 0 };
	struct order order = { 0 };
	struct released released = { 0 };

	for (size_t i = 0; i < 6; i++)
		add(&order, T0 + times[i], i, FIN_FACTS);
	cr_expect_eq(order_release(&order, ALL, release, &released), UINT64_MAX);
	cr_assert_eq(released.count, 6);
	for (size_t i = 0; i < 6; i++) {
		cr_expect_eq(released.acts[i].record.time_ns, T0 + 10 * i);
		cr_expect(!released.acts[i].late);
		cr_expect_eq(released.acts[i].facts & FACT(settled), 0);
	}
	cr_expect_eq(order.late, 0);
	order_free(&order);
}

/* Two facts of one nanosecond: the sockets decide, so that two runs over a recording agree. */
Test(order, ties_are_broken_by_socket)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add(&order, T0, 9, FIN_FACTS);
	add(&order, T0, 3, FIN_FACTS);
	add(&order, T0, 5, FIN_FACTS);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 3);
	cr_expect_eq(released.acts[0].record.socket, 3);
	cr_expect_eq(released.acts[1].record.socket, 5);
	cr_expect_eq(released.acts[2].record.socket, 9);
	cr_expect_eq(order.late, 0);
	order_free(&order);
}

Test(order, grows)
{
	struct order order = { 0 };
	struct released released = { 0 };

	for (uint64_t i = 0; i < 200; i++)
		add(&order, T0 + 200 - i, i, FIN_FACTS);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 200);
	for (size_t i = 1; i < 200; i++)
		cr_expect_lt(released.acts[i - 1].record.time_ns, released.acts[i].record.time_ns);
	order_free(&order);
	cr_expect_null(order.acts);
	cr_expect_eq(order.count, 0);
}

Test(order, releases_when_it_is_time)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add(&order, T0, 1, FIN_FACTS);
	add(&order, T0 + 100000, 2, FIN_FACTS);
	cr_expect_eq(order_release(&order, T0, release, &released), T0 + ORDER_SETTLE_NS);
	cr_expect_eq(order_release(&order, T0 + ORDER_SETTLE_NS - 1, release, &released),
		     T0 + ORDER_SETTLE_NS);
	cr_expect_eq(released.count, 0);
	cr_expect_eq(order_release(&order, T0 + ORDER_SETTLE_NS, release, &released),
		     T0 + 100000 + ORDER_SETTLE_NS);
	cr_expect_eq(released.count, 1);
	cr_expect_eq(order_release(&order, T0 + 100000 + ORDER_SETTLE_NS, release, &released),
		     UINT64_MAX);
	cr_expect_eq(released.count, 2);
	order_free(&order);
}

Test(order, late_ones_are_marked_and_counted)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add(&order, T0 + 500, 1, FIN_FACTS);
	order_release(&order, ALL, release, &released);
	add(&order, T0, 2, FIN_FACTS);
	add(&order, T0 + 600, 3, FIN_FACTS);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 3);
	cr_expect(!released.acts[0].late);
	cr_expect(released.acts[1].late);
	cr_expect(!released.acts[2].late);
	cr_expect_eq(order.late, 1);
	order_free(&order);
}

Test(order, reply_is_joined)
{
	struct order order = { 0 };
	struct released released = { 0 };
	struct act *act = &released.acts[0];

	add_first_half(&order, T0, 42);
	add_reply(&order, T0 + 2000, 42);
	/* It waits no longer than any other: nothing is open any more. */
	cr_expect_eq(order_release(&order, T0 + 3000, release, &released), T0 + ORDER_SETTLE_NS);
	order_release(&order, T0 + ORDER_SETTLE_NS, release, &released);
	cr_assert_eq(released.count, 1);
	cr_expect_eq(order.joined, 1);
	cr_expect(act->amended && !act->late);
	cr_expect_eq(act->record.time_ns, T0);
	cr_expect_eq(act->record.state, TCP_FIN_WAIT2, "the state before the act is the first's");
	cr_expect_eq(act->record.kind, RECORD_RST_REPLY);
	cr_expect_eq(act->record.seq, 7777);
	cr_expect_eq(act->record.reason, 5);
	cr_expect(act->record.known & KNOWN_SEQ && act->record.known & KNOWN_REASON);
	cr_expect(act->record.known & KNOWN_OWNER, "the owner was told by the first");
	cr_expect_eq(act->facts & FACT(settled), 0);
	judge(act);
	cr_expect_str_eq(act->cause->slug, "data_after_close");
	cr_expect(act->exact);
	order_free(&order);
}

/* The two halves may be drained at different times. */
Test(order, reply_is_joined_while_its_first_half_waits)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add_first_half(&order, T0, 42);
	cr_expect_eq(order_release(&order, T0 + 10000000, release, &released),
		     T0 + ORDER_PROVISIONAL_NS);
	cr_expect_eq(released.count, 0);
	add_reply(&order, T0 + 10000001, 42);
	cr_expect_eq(order_release(&order, T0 + 10000002, release, &released), UINT64_MAX);
	cr_assert_eq(released.count, 1);
	cr_expect(released.acts[0].amended);
	order_free(&order);
}

Test(order, only_the_same_socket_is_joined)
{
	struct order order = { 0 };
	struct released released = { 0 };
	struct act stranger = make(T0 + 3000, 42, REPLY_HALF);

	add_first_half(&order, T0, 42);
	add_reply(&order, T0 + 2000, 43);
	/* The same id in another namespace is of another run of ids. */
	stranger.record.netns++;
	cr_assert_eq(order_add(&order, &stranger), 0);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 3);
	cr_expect_eq(order.joined, 0);
	for (size_t i = 0; i < 3; i++)
		cr_expect(!released.acts[i].amended);
	order_free(&order);
}

Test(order, each_half_is_joined_once)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add_first_half(&order, T0, 1);
	add_first_half(&order, T0 + 10, 2);
	add_reply(&order, T0 + 20, 2);
	add_reply(&order, T0 + 30, 1);
	add_reply(&order, T0 + 40, 1);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 3);
	cr_expect_eq(order.joined, 2);
	cr_expect(released.acts[0].amended && released.acts[0].record.socket == 1);
	cr_expect(released.acts[1].amended && released.acts[1].record.socket == 2);
	cr_expect(!released.acts[2].amended && released.acts[2].record.time_ns == T0 + 40);
	order_free(&order);
}

/* A final act of the same socket id is no first half. */
Test(order, reply_without_first_half_stands_alone)
{
	struct order order = { 0 };
	struct released released = { 0 };
	struct act *reply = &released.acts[1];

	add(&order, T0, 42, FACT(closed) | FACT(tcp_reset));
	add_reply(&order, T0 + 2000, 42);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 2);
	cr_expect_eq(order.joined, 0);
	cr_expect_eq(reply->record.kind, RECORD_RST_REPLY);
	cr_expect(!reply->amended);
	judge(reply);
	cr_expect_eq(act_wire(reply), WIRE_RST);
	cr_expect_eq(act_direction(reply), DIRECTION_OUT);
	order_free(&order);
}

Test(order, unanswered_is_settled)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add_first_half(&order, T0, 42);
	cr_expect_eq(order_release(&order, T0 + ORDER_PROVISIONAL_NS - 1, release, &released),
		     T0 + ORDER_PROVISIONAL_NS);
	cr_expect_eq(released.count, 0);
	cr_expect_eq(order_release(&order, T0 + ORDER_PROVISIONAL_NS, release, &released),
		     UINT64_MAX);
	cr_assert_eq(released.count, 1);
	cr_expect(released.acts[0].facts & FACT(settled));
	judge(&released.acts[0]);
	cr_expect_str_eq(released.acts[0].cause->slug, "peer_rst");
	cr_expect(released.acts[0].exact);
	order_free(&order);
}

/* When the kernel lost a reply, a missing one proves nothing. */
Test(order, nothing_is_settled_after_a_lost_reply)
{
	struct order order = { .amends_lost = true };
	struct released released = { 0 };

	add_first_half(&order, T0, 42);
	order_release(&order, T0 + ORDER_PROVISIONAL_NS, release, &released);
	cr_assert_eq(released.count, 1);
	cr_expect_eq(released.acts[0].facts & FACT(settled), 0);
	judge(&released.acts[0]);
	cr_expect_str_eq(released.acts[0].cause->slug, "peer_rst");
	cr_expect(!released.acts[0].exact);
	order_free(&order);
}

/* Order before speed: what is younger waits for the one that is still open. */
Test(order, provisional_one_holds_back_the_younger)
{
	struct order order = { 0 };
	struct released released = { 0 };

	add(&order, T0 + 1000, 7, FIN_FACTS);
	add_first_half(&order, T0, 42);
	add(&order, T0 - 1000, 6, FIN_FACTS);
	cr_expect_eq(order_release(&order, T0 + 1000000, release, &released),
		     T0 + ORDER_PROVISIONAL_NS);
	cr_expect_eq(released.count, 1);
	order_release(&order, T0 + ORDER_PROVISIONAL_NS, release, &released);
	cr_assert_eq(released.count, 3);
	cr_expect_eq(released.acts[1].record.socket, 42);
	cr_expect_eq(released.acts[2].record.socket, 7);
	cr_expect_eq(order.late, 0);
	order_free(&order);
}

/* A reset and its arrival at the other end of the same connection, told in the wrong order. */
static void add_pair(struct order *order, uint64_t arrived_ns, uint64_t told_ns, bool same)
{
	struct act victim = make(arrived_ns, 1, FACT(closed) | FACT(tcp_reset));
	struct act sender = make(told_ns, 2, FACT(closed) | FACT(rst_sent));

	victim.record.kind = RECORD_RST_RECEIVED;
	sender.record.kind = RECORD_RST;
	memcpy(sender.record.laddr, victim.record.raddr, sizeof(sender.record.laddr));
	memcpy(sender.record.raddr, victim.record.laddr, sizeof(sender.record.raddr));
	sender.record.lport = victim.record.rport;
	sender.record.rport = victim.record.lport + !same;
	cr_assert_eq(order_add(order, &victim), 0);
	cr_assert_eq(order_add(order, &sender), 0);
}

Test(order, cause_goes_before_its_victim)
{
	struct released released = { 0 };
	struct order order = { 0 };

	add_pair(&order, T0, T0 + 5000, true);
	add(&order, T0 + 2000, 3, FIN_FACTS);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 3);
	cr_expect_eq(released.acts[0].record.socket, 2);
	cr_expect_eq(released.acts[1].record.socket, 1);
	cr_expect_eq(released.acts[2].record.socket, 3);
	cr_expect_eq(order.late, 0);
	order_free(&order);
}

Test(order, cause_in_another_namespace_goes_first_too)
{
	struct released released = { 0 };
	struct order order = { 0 };

	add_pair(&order, T0, T0 + 5000, true);
	order.acts[1].record.netns++;
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 2);
	cr_expect_eq(released.acts[0].record.socket, 2);
	cr_expect_eq(released.acts[1].record.socket, 1);
	order_free(&order);
}

Test(order, strangers_and_late_resets_stay_where_they_are)
{
	struct released released = { 0 };
	struct order order = { 0 };

	add_pair(&order, T0, T0 + 5000, false);
	add_pair(&order, T0 + 1000000, T0 + 1000000 + ORDER_PROVISIONAL_NS + 1, true);
	order_release(&order, ALL, release, &released);
	cr_assert_eq(released.count, 4);
	for (size_t i = 0; i < 4; i++)
		cr_expect_eq(released.acts[i].record.socket, i % 2 + 1);
	order_free(&order);
}
