// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tally.c - --count-only: what is counted gets the verdict that it would get as an act */
#include <criterion/criterion.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "fixture.h"
#include "tally.h"

#define SLOTS (TALLY_SLOTS + TALLY_OTHER_SLOTS)

/* By way of its key; settled as the act is. */
static struct act counted(const struct act *act)
{
	struct tally_key key;
	struct act again;

	tally_key_of(&act->record, &key);
	if (act->amended)
		key.values |= TALLY_AMENDED;
	tally_act(&key, &again);
	tally_judge(&again, act_has(act, FACT(settled)) || !act_has(act, FACT(provisional)));
	return again;
}

static void expect_same(const char *name, const struct act *act, const struct act *again)
{
	cr_expect_str_eq(again->cause->slug, act->cause->slug, "%s is counted as %s", name,
			 again->cause->slug);
	cr_expect_eq(again->exact, act->exact, "%s: certainty", name);
	cr_expect_eq(act_wire(again), act_wire(act), "%s: wire", name);
	cr_expect_eq(act_direction(again), act_direction(act), "%s: direction", name);
	cr_expect_eq(act_loses_data(again), act_loses_data(act), "%s: loss of data", name);
	cr_expect_eq(cause_unexpected(again), cause_unexpected(act), "%s: unexpected", name);
	cr_expect(again->facts == act->facts, "%s: facts", name);
}

Test(tally, fixtures_keep_their_verdict)
{
	for (size_t i = 0; i < fixture_count; i++) {
		struct act act, again;

		fixture_act(&fixtures[i], &act);
		again = counted(&act);
		expect_same(fixtures[i].name, &act, &again);
	}
}

/* Without owner and port it is still the same. */
Test(tally, others_keep_their_verdict)
{
	for (size_t i = 0; i < fixture_count; i++) {
		struct act act, again;
		struct tally_key key;

		fixture_act(&fixtures[i], &act);
		tally_key_of(&act.record, &key);
		tally_merge(&key);
		tally_act(&key, &again);
		again.amended = act.amended;
		tally_judge(&again, act_has(&act, FACT(settled)) ||
					    !act_has(&act, FACT(provisional)));
		cr_expect_str_eq(again.cause->slug, act.cause->slug, "%s", fixtures[i].name);
		cr_expect_null(act_task(&again));
	}
}

/* A window that is too small for what is unsent is not one that is shut, and in flight counts. */
Test(tally, compares_what_it_does_not_keep)
{
	static const uint32_t numbers[] = { 0, 1, 5, 100 };
	struct record record;

	fixture_plain(&record);
	record.known |= KNOWN_TIMERS | KNOWN_BYTES;
	for (unsigned int i = 0; i < 4 * 4 * 4 * 2; i++) {
		struct act act, again;

		record.snd_wnd = numbers[i & 3];
		record.unsent = numbers[i >> 2 & 3];
		record.packets_out = numbers[i >> 4 & 3];
		record.err_soft = i >> 6 ? record.err : record.err + 1;
		act = fixture_judged(&record);
		again = counted(&act);
		expect_same("window", &act, &again);
	}
}

static void expect_port(uint8_t role, uint16_t lport, uint16_t rport, uint16_t kept_l,
			uint16_t kept_r)
{
	struct act act = { 0 }, again;

	fixture_plain(&act.record);
	act.record.role = role;
	act.record.lport = lport;
	act.record.rport = rport;
	act.facts = act.record.facts;
	again = counted(&act);
	cr_expect_eq(again.record.lport, kept_l);
	cr_expect_eq(again.record.rport, kept_r);
}

Test(tally, keeps_the_port_of_the_service)
{
	expect_port(ROLE_CLIENT, 80, 443, 0, 443);
	expect_port(ROLE_SERVER, 8080, 443, 8080, 0);
	expect_port(ROLE_UNKNOWN, 40000, 443, 0, 443);
	expect_port(ROLE_UNKNOWN, 22, 443, 22, 0);
}

static void learn(struct tally *tally, uint32_t slot, const struct tally_key *key)
{
	struct record_tally record = { .size = sizeof(record), .version = RECORD_VERSION,
				       .kind = RECORD_TALLY, .slot = slot, .key = *key };

	cr_expect(tally_learn(tally, &record, sizeof(record)));
	cr_expect_not(tally_learn(tally, &record, sizeof(record) - 1));
	record.slot = SLOTS;
	cr_expect_not(tally_learn(tally, &record, sizeof(record)), "no such number");
}

/* What the filters of user space leave out is counted as such; a number without a key is not. */
Test(tally, adds_up)
{
	static uint64_t counts[SLOTS] = { [0] = 3, [7] = 4, [9] = 50 };
	struct tally *tally = tally_new(counts);
	struct options options = { .show = SHOW_FIN };
	struct totals totals = { 0 };
	struct tally_key key;
	struct record record;

	fixture_plain(&record);
	tally_key_of(&record, &key);
	learn(tally, 0, &key);
	key.facts = FACT(closed);
	key.kind = RECORD_SILENT;
	learn(tally, 7, &key);
	tally_account(tally, &options, true, &totals);
	cr_expect_eq(totals.emitted, 3);
	cr_expect_eq(totals.wire_fin, 3);
	cr_expect_eq(totals.filtered, 4);
	tally_free(tally);
}

/* A count that has gone down is told when it has gone up again, or at the end. */
Test(tally, tells_changed_verdicts_late)
{
	static uint64_t counts[SLOTS] = { [1] = 5 };
	struct summary *summary = summary_new(0, 1000000000);
	struct tally *tally = tally_new(counts);
	struct options options = { 0 };
	struct sink_options out = { .silent = true, .now_ns = 1000000000 };
	struct tally_key key;
	struct record record;
	char *text;
	size_t size;

	fixture_plain(&record);
	tally_key_of(&record, &key);
	learn(tally, 1, &key);
	cr_expect_eq(tally_summarize(tally, &options, true, false, summary), 0);
	counts[1] = 4;
	cr_expect_eq(tally_summarize(tally, &options, true, false, summary), 0);
	out.out = open_memstream(&text, &size);
	summary_tick(summary, &out);
	cr_expect_eq(tally_summarize(tally, &options, true, true, summary), 0);
	summary_end(summary, &out);
	fclose(out.out);
	cr_expect(strstr(text, "summary of the last 1.0 s: 5 acts"), "%s", text);
	cr_expect(strstr(text, "summary of 1.0 s: 4 acts"), "%s", text);
	free(text);
	summary_free(summary);
	tally_free(tally);
}
