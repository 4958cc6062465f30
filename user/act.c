// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* act.c - the facts that follow from the values of a record */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/syscall.h>

#include "act.h"
#include "words.h"

static fact_set state_facts(uint8_t state)
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
static fact_set icmp_facts(const struct record *r)
{
	if (r->err == r->err_soft)
		return FACT(err_timer);
	return r->state == TCP_SYN_SENT || r->state == TCP_SYN_RECV ? FACT(err_icmp) : 0;
}

static fact_set error_facts(const struct record *r)
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

static fact_set timer_facts(const struct record *r)
{
	fact_set facts = 0;

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
 * MPTCP resets its subflows itself and says why in the kernel's reason; by name, because the
 * numbers moved between kernels.  TCP_ABORT_ON_CLOSE covers its SO_LINGER 0 too.  Where there is no
 * reason, a reset that no timer, no limit and no administrator explains is its own.
 */
static fact_set mptcp_facts(const struct record *r)
{
	const char *reason = r->known & KNOWN_REASON ? words_reason(r->reason) : NULL;

	if (!(r->facts & FACT(mptcp)))
		return 0;
	if (r->facts & FACT(fastclose))
		return FACT(aborts_all);
	if (r->facts & FACT(state_first))
		return 0;
	if (reason && !strcmp(reason, "TCP_ABORT_ON_CLOSE"))
		return FACT(aborts_all);
	if (reason)
		return strncmp(reason, "MPTCP_", 6) ? 0 : FACT(subflow_reset) | FACT(reason_mptcp);
	if (r->err || r->facts & FACT(dead) || !(r->facts & FACT(fastclose_told)))
		return 0;
	return FACT(subflow_reset);
}

/* Whether a listener answered for a half-open request: from 6.10 on the reason tells it. */
static fact_set request_facts(const struct record *r)
{
	/* By name: the numbers behind it moved between kernels. */
	bool invalid = r->known & KNOWN_REASON && !strcmp(words_reason(r->reason), "INVALID_SYN");

	if (invalid || r->facts & FACT(for_request))
		return FACT(request_told) | FACT(request_answered);
	if (r->known & KNOWN_REASON || r->facts & FACT(requests_watched))
		return FACT(request_told);
	return 0;
}

/*
 * Of MP_JOIN: a SYN is refused by the listener itself; the ACK after a child has been made, which
 * no other answer does.
 */
static fact_set join_facts(const struct record *r)
{
	bool refused = r->facts & FACT(seg_ack) ? !!(r->facts & FACT(child_failed)) :
						  !(request_facts(r) & FACT(request_answered));

	return r->facts & FACT(seg_join) && refused ? FACT(join_refused) : 0;
}

static fact_set call_facts(const struct record *r)
{
	if (!(r->known & KNOWN_SYSCALL))
		return 0;
	if (r->syscall == SYS_shutdown)
		return FACT(call_shutdown);
	if (r->syscall == SYS_sendmsg || r->syscall == SYS_sendto)
		return FACT(call_send);
	if (r->syscall == SYS_read)
		return FACT(call_read);
	return r->syscall == SYS_connect ? FACT(call_connect) : 0;
}

/*
 * Whose decision a FIN was: MPTCP carries out its application's later, and without the lock.  A
 * socket of the kernel's has no file: that it is closed is seen by the function hook alone.
 */
static fact_set decision_facts(const struct record *r)
{
	fact_set inside = FACT(kernel_socket) | FACT(in_close);
	bool closing = r->facts & FACT(closing) || (r->facts & inside) == inside;
	bool mptcp = r->facts & FACT(mptcp);
	bool owned = r->facts & FACT(owned);

	if (!(r->facts & FACT(fin_sent)))
		return 0;
	if (!owned && !mptcp)
		return FACT(deferred);
	if (closing)
		return FACT(closes);
	if (mptcp)
		return r->facts & FACT(message_shut) ? FACT(shuts) : 0;
	return r->facts & FACT(in_close) ? 0 : FACT(shuts);
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
	fact_set settled = act->facts & FACT(settled);

	act->facts = r->facts | settled | state_facts(r->state) | error_facts(r) | call_facts(r) |
		     timer_facts(r) | request_facts(r) | join_facts(r) | mptcp_facts(r) |
		     decision_facts(r);
	if (r->known & KNOWN_BYTES && r->unread)
		act->facts |= FACT(unread);
	if (r->known & KNOWN_BYTES && r->unsent)
		act->facts |= FACT(unsent);
	if (!act_has(act, FACT(provisional)) || settled)
		act->facts |= FACT(final);
	if (act->facts & (FACT(state_first) | FACT(aborts_all)))
		act->facts |= FACT(child_reset);
	if (late_data(act))
		act->facts |= FACT(late_data);
}

bool act_loses_data(const struct act *act)
{
	const struct record *r = &act->record;

	if (act_has(act, FACT(rst_reply)) && !act->amended)
		return act_has(act, FACT(seg_data));
	if (act_has(act, FACT(late_data)))
		return true;
	/* In SYN_SENT the one unacknowledged byte is the SYN. */
	if (!(r->known & KNOWN_BYTES) || act_has(act, FACT(st_syn_sent)))
		return false;
	/* Behind a FIN all that was written still goes out. */
	if (act_has(act, FACT(fin_sent)))
		return act_has(act, FACT(closes)) && r->unread;
	return r->unread || r->unsent || r->unacked;
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

const struct record_task *act_task(const struct act *act)
{
	const struct record *r = &act->record;

	if (r->known & KNOWN_OWNER)
		return &r->owner;
	return r->known & KNOWN_ACTOR ? &r->actor : NULL;
}

enum record_context act_context(const struct act *act)
{
	/* A dead socket's own RST, without an error: its FIN_WAIT2 or orphan timer. */
	fact_set orphaned = FACT(rst_sent) | FACT(closed) | FACT(dead) | FACT(err_none);
	bool decided = act->record.known & KNOWN_ACTOR;

	if (decided || act->record.context == CONTEXT_UNKNOWN)
		return act->record.context;
	if (act_has(act, FACT(closed) | FACT(err_timer)) ||
	    (act_has(act, orphaned) && !act_has(act, FACT(state_first))))
		return CONTEXT_TIMER;
	return act->record.context;
}
