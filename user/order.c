// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/stack.h"
#include "order.h"

/* What was copied of the memory is at its end, so the rest need not be kept. */
static struct record_stack *copy_stack(const void *stack)
{
	struct record_stack *copy;
	size_t size = offsetof(struct record_stack, memory);
	__u32 bytes;

	memcpy(&bytes, (const char *)stack + offsetof(struct record_stack, bytes), sizeof(bytes));
	copy = malloc(size + bytes);
	if (copy)
		memcpy(copy, stack, size + bytes);
	return copy;
}

int order_add(struct order *order, const struct act *act)
{
	if (order->count == order->room) {
		size_t room = order->room ? order->room * 2 : 64;
		struct act *acts = realloc(order->acts, room * sizeof(*acts));

		if (!acts)
			return -ENOMEM;
		order->acts = acts;
		order->room = room;
	}
	order->acts[order->count] = *act;
	if (act->stack) {
		struct record_stack *copy = copy_stack(act->stack);

		if (!copy)
			return -ENOMEM;
		order->acts[order->count].stack = copy;
	}
	order->count++;
	return 0;
}

static bool amends(const struct act *act)
{
	return act->record.facts & FACT(amends);
}

static bool provisional(const struct act *act)
{
	return (act->record.facts & FACT(provisional)) && !act->amended;
}

/* Both halves carry the id that the kernel gave the socket. */
static bool same_socket(const struct act *a, const struct act *b)
{
	return a->record.socket == b->record.socket && a->record.netns == b->record.netns;
}

/* The reply tells what was on the wire; all else was told by the first half. */
static void join(struct act *first, const struct act *reply)
{
	first->record.facts |= reply->record.facts;
	first->record.kind = reply->record.kind;
	first->record.seq = reply->record.seq;
	first->record.reason = reply->record.reason;
	first->record.known |= reply->record.known & (KNOWN_SEQ | KNOWN_REASON);
	first->amended = true;
}

/* Joins each amending record with its first half; one that finds none stands for itself. */
static void join_all(struct order *order)
{
	size_t kept = 0;

	for (size_t i = 0; i < order->count; i++) {
		struct act *act = &order->acts[i];
		struct act *first = NULL;

		for (size_t j = 0; amends(act) && j < kept && !first; j++) {
			if (provisional(&order->acts[j]) && same_socket(&order->acts[j], act))
				first = &order->acts[j];
		}
		if (first) {
			join(first, act);
			free(act->stack);
			order->joined++;
			continue;
		}
		if (kept != i)
			order->acts[kept] = *act;
		kept++;
	}
	order->count = kept;
}

static int compare(const void *left, const void *right)
{
	const struct record *a = &((const struct act *)left)->record;
	const struct record *b = &((const struct act *)right)->record;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->socket < b->socket ? -1 : a->socket > b->socket;
}

/* b is the other end of a's connection; over a veth pair that is in another namespace. */
static bool mirrors(const struct record *a, const struct record *b)
{
	return a->lport == b->rport && a->rport == b->lport &&
	       !memcmp(a->laddr, b->raddr, sizeof(a->laddr)) &&
	       !memcmp(a->raddr, b->laddr, sizeof(a->raddr));
}

/* A reset of ours that may be told after it was transmitted: no CLOSE was seen before it. */
static bool told_late(const struct act *act)
{
	return act->record.kind == RECORD_RST && !(act->record.facts & FACT(state_first));
}

/*
 * Without the function hooks a reset that comes before its CLOSE (MPTCP) is told when it has been
 * transmitted: on this host after it arrived.  It left before that, so it goes before.
 */
static void put_cause_first(struct act *acts, size_t count, size_t victim)
{
	uint64_t arrived = acts[victim].record.time_ns;

	for (size_t i = victim + 1; i < count; i++) {
		struct act sent;

		if (acts[i].record.time_ns - arrived > ORDER_PROVISIONAL_NS)
			return;
		if (!told_late(&acts[i]) || !mirrors(&acts[i].record, &acts[victim].record))
			continue;
		sent = acts[i];
		sent.record.time_ns = arrived;
		memmove(&acts[victim + 1], &acts[victim], (i - victim) * sizeof(*acts));
		acts[victim] = sent;
		return;
	}
}

static void sort(struct order *order)
{
	bool late = false;

	if (!order->count)
		return;
	qsort(order->acts, order->count, sizeof(*order->acts), compare);
	/* Most often there is none: then nobody need look for it, once for each victim. */
	for (size_t i = 0; i < order->count && !late; i++)
		late = told_late(&order->acts[i]);
	for (size_t i = 0; i < order->count && late; i++) {
		if (order->acts[i].record.kind == RECORD_RST_RECEIVED)
			put_cause_first(order->acts, order->count, i);
	}
}

/*
 * MPTCP's resets are told at the CLOSE that follows, see put_cause_first(): a task may be put off
 * in between.  Their victims wait.
 */
static uint64_t due(const struct act *act)
{
	const struct record *r = &act->record;

	if (r->kind == RECORD_RST_RECEIVED && (r->facts & FACT(mptcp)))
		return r->time_ns + ORDER_MPTCP_NS;
	return r->time_ns + (provisional(act) ? ORDER_PROVISIONAL_NS : ORDER_SETTLE_NS);
}

static void release_one(struct order *order, struct act *act)
{
	if (provisional(act) && !order->amends_lost)
		act->facts |= FACT(settled);
	act->late = act->record.time_ns < order->newest_ns;
	if (act->late)
		order->late++;
	else
		order->newest_ns = act->record.time_ns;
}

uint64_t order_release(struct order *order, uint64_t now_ns,
		       void (*release)(void *context, struct act *act), void *context)
{
	size_t i;

	join_all(order);
	sort(order);
	for (i = 0; i < order->count && due(&order->acts[i]) <= now_ns; i++) {
		release_one(order, &order->acts[i]);
		release(context, &order->acts[i]);
		free(order->acts[i].stack);
	}
	order->count -= i;
	if (i && order->count)
		memmove(order->acts, order->acts + i, order->count * sizeof(*order->acts));
	return order->count ? due(&order->acts[0]) : UINT64_MAX;
}

void order_free(struct order *order)
{
	for (size_t i = 0; i < order->count; i++)
		free(order->acts[i].stack);
	free(order->acts);
	memset(order, 0, sizeof(*order));
}
