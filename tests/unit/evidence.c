// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* evidence.c - what people read beside the cause, what is shown at all, and what is counted */
#include <criterion/criterion.h>
#include <string.h>

#include "cause.h"
#include "evidence.h"
#include "filter.h"
#include "fixture.h"
#include "run.h"

Test(evidence, all_facts_are_told)
{
	struct record record;
	struct act act;
	char buffer[EVIDENCE_ROOM];

	fixture_plain(&record);
	act = fixture_judged(&record);
	act.facts = ~(fact_set)0 & ~FACT(sk_none);
	act.cause = &cause_rows[cause_count - 1];
	evidence_text(&act, buffer, sizeof(buffer));
	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		const char *name = cause_fact_name(bit);

		if (name && bit != FACT_BIT_sk_none)
			cr_expect(strstr(buffer, name), "%s is cut: %s", name, buffer);
	}
}

/* The evidence is cut at its size, and stays a string. */
Test(evidence, is_cut_at_its_size)
{
	struct record record;
	char buffer[32];
	struct act act;

	fixture_plain(&record);
	record.unsent = 4000000000;
	act = fixture_judged(&record);
	for (size_t size = 1; size <= sizeof(buffer); size++) {
		memset(buffer, 'X', sizeof(buffer));
		evidence_text(&act, buffer, size);
		cr_assert(memchr(buffer, '\0', size), "size %zu", size);
	}
}

/* What was lost, and where it stood; of a decision, how it was made. */
Test(evidence, is_told_of_each_shape)
{
	static const struct {
		const char *fixture;
		const char *text;
	} told[] = {
		{ "fin_close", "close()" },
		{ "fin_synrecv_unsent", "512 B still to send, FIN follows them" },
		{ "fin_deferred_shutdown_unsent", "1448 B still to send, FIN follows them" },
		{ "linger0_unsent_tail", "close(): 16384 B unsent thrown away" },
		{ "linger2_abort", "close()" },
		{ "orphan_limit", "close()" },
		{ "repair_close_unread", "7 B unread; in CLOSE_WAIT" },
		{ "peer_rst_orphan", "16384 B unsent thrown away; in FIN_WAIT1" },
		{ "orphan_timeout_zero_window", "70000 B unsent thrown away; in FIN_WAIT1" },
		{ "rto_timeout", "1448 B not acknowledged; in ESTABLISHED" },
		{ "syn_timeout", "in SYN_SENT" },
		{ "rto_timeout_soft_error",
		  "1448 B not acknowledged; in ESTABLISHED; an ICMP error before: EHOSTUNREACH" },
		{ "user_timeout",
		  "1448 B not acknowledged; in ESTABLISHED; TCP_USER_TIMEOUT 30000 ms" },
		{ "keepalive_timeout", "in ESTABLISHED" },
		{ "icmp_unreachable", "in SYN_SENT; EHOSTUNREACH" },
		{ "sock_destroy", "SOCK_DESTROY: in ESTABLISHED" },
		{ "sock_destroy_by_nobody_known", "in ESTABLISHED" },
		{ "linger2_abort_fw1", "" },
		{ "fin_close_last_in_sendmsg", "" },
		{ "tfo_synack_timeout", "in SYN_RECV" },
		{ "tw_syn_rst", "in TIME_WAIT" },
		{ "synsent_stale_synack", "in SYN_SENT" },
		{ "peer_rst_fact_lost",
		  "in ESTABLISHED; ECONNRESET; facts: closed err_reset final" },
	};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		char buffer[EVIDENCE_ROOM];
		struct act act;

		fixture_act(fixture_named(told[i].fixture), &act);
		evidence_text(&act, buffer, sizeof(buffer));
		cr_expect_str_eq(buffer, told[i].text, "%s: %s", told[i].fixture, buffer);
	}
}

static unsigned int shown_as(const struct fixture *fixture)
{
	if (fixture->wire == WIRE_FIN)
		return SHOW_FIN;
	if (fixture->wire == WIRE_NONE)
		return SHOW_SILENT;
	return fixture->direction == DIRECTION_IN ? SHOW_RST_IN : SHOW_RST_OUT;
}

Test(filter, goes_by_the_wire)
{
	for (size_t i = 0; i < fixture_count; i++) {
		struct act act;

		fixture_act(&fixtures[i], &act);
		for (unsigned int show = 0; show < 16; show++) {
			struct options options = { .show = show };
			bool expected = !show || (show & shown_as(&fixtures[i]));

			cr_expect_eq(filter_passes(&options, &act), expected, "%s with %#x",
				     fixtures[i].name, show);
		}
	}
}

Test(totals, count_the_wire)
{
	struct totals totals = { 0 };
	struct act act;
	uint64_t sum;

	for (size_t i = 0; i < fixture_count; i++) {
		fixture_act(&fixtures[i], &act);
		totals_add(&totals, &act, 1);
	}
	sum = totals.wire_fin + totals.wire_rst_out + totals.wire_rst_in + totals.wire_none;
	cr_expect_eq(totals.emitted, fixture_count);
	cr_expect_eq(sum, fixture_count);
	cr_expect(totals.wire_fin && totals.wire_rst_out && totals.wire_rst_in && totals.wire_none);
	cr_expect_gt(totals.amended, 0);
}
