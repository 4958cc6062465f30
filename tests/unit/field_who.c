// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* field_who.c - who is named, and who is not */
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/syscall.h>

#include "expect.h"
#include "fixture.h"

/* What ran is told by a fact: whatever call that task is in has not ended the connection. */
Test(field, via_of_those_who_work_for_others)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.facts |= FACT(io_worker);
	act = fixture_judged(&record);
	expect_text(&act, "via", "io_uring");
	expect_integer(&act, "pid", 812);

	fixture_plain(&record);
	record.known &= ~KNOWN_ACTOR;
	record.facts |= FACT(collected);
	act = fixture_judged(&record);
	expect_text(&act, "via", "scm_gc");
	expect_kind(&act, "pid", VALUE_NULL);
}

/* ECONNABORTED says that these calls did more than to let go of a file. */
Test(field, via_of_those_who_kill)
{
	static const struct {
		long syscall;
		const char *via;
	} calls[] = { { SYS_sendmsg, "sock_destroy" }, { SYS_read, "bpf_iter" } };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct record record;
		struct act act;

		fixture_plain(&record);
		record.facts = FACT(closed) | FACT(rst_sent) | FACT(owned);
		record.syscall = (__s32)calls[i].syscall;
		record.err = ECONNABORTED;
		act = fixture_judged(&record);
		expect_text(&act, "via", calls[i].via);
		record.err = 0;
		act = fixture_judged(&record);
		expect_kind(&act, "via", VALUE_NULL);
	}
}

/* What only a timer can bring about was a timer's, whatever was interrupted. */
Test(field, context_of_timers)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.known &= ~(KNOWN_ACTOR | KNOWN_SYSCALL);
	record.facts = FACT(closed);
	record.context = CONTEXT_SOFTIRQ;
	record.err = ETIMEDOUT;
	act = fixture_judged(&record);
	expect_text(&act, "context", "timer");

	record.facts = FACT(rst_sent) | FACT(closed) | FACT(dead);
	record.err = 0;
	act = fixture_judged(&record);
	expect_text(&act, "context", "timer");

	record.facts |= FACT(state_first);
	act = fixture_judged(&record);
	expect_text(&act, "context", "softirq");

	record.facts = FACT(closed) | FACT(tcp_reset);
	record.err = ECONNRESET;
	act = fixture_judged(&record);
	expect_text(&act, "context", "softirq");
}

/* A reply speaks for a connection that is over; two ends on this host know each other. */
Test(field, who_else_is_named)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	act = fixture_judged(&record);
	expect_kind(&act, "closed_us", VALUE_ABSENT);
	expect_kind(&act, "peer_pid", VALUE_NULL);
	expect_kind(&act, "cgroup", VALUE_NULL);
	expect_kind(&act, "container", VALUE_NULL);

	record.departed_ns = record.time_ns - 1500000;
	record.known |= KNOWN_PEER;
	record.peer = (struct record_task){ .pid = 99, .comm = "curl" };
	record.actor.pid = 0;
	act = fixture_judged(&record);
	act.cgroup = "/machine.slice/machine-web.scope";
	expect_integer(&act, "closed_us", 1500);
	expect_integer(&act, "peer_pid", 99);
	expect_text(&act, "peer_comm", "curl");
	expect_text(&act, "cgroup", "/machine.slice/machine-web.scope");
	expect_text(&act, "container", "web");
	/* Of a pid namespace that does not show here. */
	expect_kind(&act, "pid", VALUE_NULL);
	expect_text(&act, "comm", "nginx");
}
