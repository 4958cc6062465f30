// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* act.c - the facts that follow from the values of a record */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/syscall.h>

#include "act.h"
#include "words.h"

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
	case TCP_FIN_WAIT2:
		return FACT(st_fin_wait2);
	default:
		return 0;
	}
}

/*
 * An ICMP error ends only what is still connecting, and leaves sk_err_soft alone.  A timer reports
 * sk_err_soft in the place of ETIMEDOUT when such an error came before.
 */
static uint64_t icmp_facts(const struct record *r)
{
	if (r->err == r->err_soft)
		return FACT(err_timer);
	return r->state == TCP_SYN_SENT || r->state == TCP_SYN_RECV ? FACT(err_icmp) : 0;
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
	case ETIMEDOUT:
		return FACT(err_timer);
	case ECONNABORTED:
		return FACT(err_aborted);
	case ECONNREFUSED:
		return r->facts & FACT(tcp_reset) ? FACT(err_refused) : icmp_facts(r);
	default:
		return icmp_facts(r);
	}
}

static uint64_t timer_facts(const struct record *r)
{
	uint64_t facts = 0;

	if (r->linger2 < 0)
		facts |= FACT(linger2_negative);
	if (!(r->known & KNOWN_TIMERS))
		return facts;
	if (r->user_timeout_ms)
		facts |= FACT(user_timeout_set);
	/*
	 * In SYN_SENT no window is known yet. What would fit the window and is not in flight could
	 * not leave this host: its route or its link is gone.
	 */
	if (r->state != TCP_SYN_SENT &&
	    (!r->snd_wnd || (!r->packets_out && r->unsent > r->snd_wnd)))
		facts |= FACT(zero_window);
	return facts;
}

/*
 * MPTCP closes its subflows itself and says why only in the kernel's reason; by name, because the
 * numbers moved between kernels.  TCP_ABORT_ON_CLOSE covers its SO_LINGER 0 too.
 */
static uint64_t reason_facts(const struct record *r)
{
	const char *reason = r->known & KNOWN_REASON ? words_reason(r->reason) : "";

	if (!strcmp(reason, "TCP_ABORT_ON_CLOSE"))
		return FACT(reason_close);
	return strncmp(reason, "MPTCP_", 6) ? 0 : FACT(reason_mptcp);
}

/* Whether a listener answered for a half-open request: from 6.10 on the reason tells it. */
static uint64_t request_facts(const struct record *r)
{
	/* By name: the numbers behind it moved between kernels. */
	bool invalid = r->known & KNOWN_REASON && !strcmp(words_reason(r->reason), "INVALID_SYN");

	if (invalid || r->facts & FACT(for_request))
		return FACT(request_told) | FACT(request_answered);
	if (r->known & KNOWN_REASON || r->facts & FACT(requests_watched))
		return FACT(request_told);
	return 0;
}

static uint64_t call_facts(const struct record *r)
{
	if (!(r->known & KNOWN_SYSCALL))
		return 0;
	if (r->syscall == SYS_shutdown)
		return FACT(call_shutdown);
	if (r->syscall == SYS_sendmsg || r->syscall == SYS_sendto)
		return FACT(call_send);
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
	return act_has(act, FACT(dead) | FACT(seg_data)) && !act_has(act, FACT(linger2_negative));
}

void act_derive(struct act *act)
{
	const struct record *r = &act->record;
	uint64_t settled = act->facts & FACT(settled);

	act->facts = r->facts | settled | state_facts(r->state) | error_facts(r) | call_facts(r) |
		     timer_facts(r) | request_facts(r) | reason_facts(r);
	if (r->known & KNOWN_BYTES && r->unread)
		act->facts |= FACT(unread);
	if (r->known & KNOWN_BYTES && r->unsent)
		act->facts |= FACT(unsent);
	if (!act_has(act, FACT(provisional)) || settled)
		act->facts |= FACT(final);
	if (late_data(act))
		act->facts |= FACT(late_data);
}

unsigned int act_state(const struct act *act)
{
	if (act_has(act, FACT(rst_reply) | FACT(closed) | FACT(dead)) && !act->amended)
		return TCP_FIN_WAIT2;
	return act->record.state;
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
