// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* act.c - the facts that follow from the values of a record */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

#include "act.h"

static uint64_t state_facts(uint8_t state)
{
	switch (state) {
	case TCP_SYN_SENT:
		return FACT(st_syn_sent) | FACT(st_silent);
	case TCP_SYN_RECV:
		return FACT(st_syn_recv);
	case TCP_CLOSE_WAIT:
		return FACT(st_close_wait);
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return FACT(st_finished) | FACT(st_silent);
	default:
		return 0;
	}
}

static uint64_t error_facts(const struct record *r)
{
	if (!(r->known & KNOWN_ERRNO))
		return 0;
	switch (r->err) {
	case 0:
		return FACT(err_none);
	case ECONNRESET:
	case EPIPE:
		return FACT(err_reset);
	case ECONNREFUSED:
		return FACT(err_refused);
	default:
		return 0;
	}
}

static uint64_t call_facts(const struct record *r)
{
	if (!(r->known & KNOWN_SYSCALL))
		return 0;
	if (r->syscall == SYS_shutdown)
		return FACT(call_shutdown);
	return r->syscall == SYS_connect ? FACT(call_connect) : 0;
}

/*
 * Data for a socket that is no longer there to take it: tcp_reset() ran although no RST came, or
 * the ACK of an orphan's FIN brought data (and TCP_LINGER2 < 0 is not what ended it).
 */
static bool late_data(const struct act *act)
{
	if (!act_has(act, FACT(rst_reply) | FACT(closed)))
		return false;
	if (act_has(act, FACT(tcp_reset)))
		return act_has(act, FACT(err_reset));
	return act_has(act, FACT(dead) | FACT(seg_data)) && act->record.linger2 >= 0;
}

void act_derive(struct act *act)
{
	const struct record *r = &act->record;
	uint64_t settled = act->facts & FACT(settled);

	act->facts = r->facts | settled | state_facts(r->state) | error_facts(r) | call_facts(r);
	if (r->known & KNOWN_BYTES && r->unread)
		act->facts |= FACT(unread);
	if (r->known & KNOWN_BYTES && r->unsent)
		act->facts |= FACT(unsent);
	if (!act_has(act, FACT(provisional)) || settled)
		act->facts |= FACT(final);
	if (late_data(act))
		act->facts |= FACT(late_data);
}

enum wire act_wire(const struct act *act)
{
	if (act->facts & (FACT(rst_sent) | FACT(rst_reply)))
		return WIRE_RST;
	if (act->facts & FACT(fin_sent))
		return WIRE_FIN;
	return act->facts & FACT(tcp_reset) ? WIRE_RST : WIRE_NONE;
}

enum direction act_direction(const struct act *act)
{
	if (act->facts & (FACT(rst_sent) | FACT(rst_reply) | FACT(fin_sent)))
		return DIRECTION_OUT;
	return act->facts & FACT(tcp_reset) ? DIRECTION_IN : DIRECTION_NONE;
}
