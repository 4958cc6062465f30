// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* note.c - what is no act: its table, its way through the pipeline, its counters and lines */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "counters.h"
#include "fixture.h"
#include "hook.h"
#include "note.h"
#include "pipeline.h"
#include "record.h"

static const struct { unsigned int number; const char *name; } frozen[] = {
#define FROZEN(number, name) { number, #name },
#include "../fixtures/notes.def"
#undef FROZEN
};

Test(note, numbers_are_frozen)
{
	cr_expect_eq(sizeof(frozen) / sizeof(frozen[0]), NOTES - 1, "a new note needs a row");
	for (size_t i = 0; i < sizeof(frozen) / sizeof(frozen[0]); i++)
		cr_expect_str_eq(note_table[frozen[i].number].name, frozen[i].name);
}

/* A column of the text, one line of a terminal; and nobody may take it for a cause. */
Test(note, names_are_no_causes)
{
	for (size_t i = 1; i < NOTES; i++) {
		const struct note_info *info = &note_table[i];

		cr_assert(info->name && info->text, "note %zu", i);
		cr_expect_leq(strlen(info->name), 21, "%s", info->name);
		cr_expect_leq(strlen(info->text), 72, "%s", info->text);
		cr_expect_null(cause_by_slug(info->name), "%s is a cause", info->name);
	}
}

static void make(struct record *record, unsigned int note, uint64_t time_ns)
{
	fixture_plain(record);
	record->kind = RECORD_NOTE;
	record->note = (uint8_t)note;
	record->time_ns = time_ns;
}

Test(note, numbers_are_checked)
{
	struct record record;
	struct act act;

	for (unsigned int note = 0; note < 256; note++) {
		make(&record, note, 1);
		cr_expect_eq(record_decode(&record, sizeof(record), &act),
			     note && note < NOTES ? 0 : -EBADMSG, "note %u", note);
		/* An act has none. */
		record.kind = RECORD_FIN;
		cr_expect_eq(record_decode(&record, sizeof(record), &act), note ? -EBADMSG : 0,
			     "note %u", note);
	}
}

struct bench {
	struct options options;
	struct run run;
	struct pipeline pipeline;
	char *text;
	size_t size;
};

static void bench_init(struct bench *bench, const char *sink)
{
	memset(bench, 0, sizeof(*bench));
	bench->pipeline.options = &bench->options;
	bench->pipeline.run = &bench->run;
	bench->pipeline.sink = sink_by_name(sink);
	bench->pipeline.sink_options.out = open_memstream(&bench->text, &bench->size);
	cr_assert(bench->pipeline.sink && bench->pipeline.sink_options.out);
}

static void bench_free(struct bench *bench)
{
	pipeline_free(&bench->pipeline);
	fclose(bench->pipeline.sink_options.out);
	free(bench->text);
}

static void take_note(struct bench *bench, unsigned int note, uint64_t time_ns)
{
	struct record record;

	make(&record, note, time_ns);
	cr_assert_eq(pipeline_take(&bench->pipeline, &record, sizeof(record)), 0);
}

static void take_act(struct bench *bench, uint64_t time_ns)
{
	struct record record;

	fixture_plain(&record);
	record.time_ns = time_ns;
	cr_assert_eq(pipeline_take(&bench->pipeline, &record, sizeof(record)), 0);
}

static const char *line_at(const struct bench *bench, size_t at)
{
	const char *line = bench->text;

	for (size_t i = 0; i < at && line; i++)
		line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
	cr_assert(line && *line, "no line %zu in %s", at, bench->text);
	return line;
}

#define IS_ACT "{\"type\":\"act\""
#define IS_NOTE "{\"type\":\"note\""

static bool begins(const char *line, const char *start)
{
	return !strncmp(line, start, strlen(start));
}

/* Whichever came first out of the ring. */
Test(note, sorted_among_acts)
{
	struct bench bench;

	bench_init(&bench, "json");
	take_act(&bench, 3000);
	take_note(&bench, NOTE_fin_received, 2000);
	take_note(&bench, NOTE_close_after_fin, 4000);
	take_act(&bench, 1000);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect(begins(line_at(&bench, 0), IS_ACT));
	cr_expect(begins(line_at(&bench, 1), IS_NOTE ",\"note\":\"fin_received\""));
	cr_expect(begins(line_at(&bench, 2), IS_ACT));
	cr_expect(begins(line_at(&bench, 3), IS_NOTE ",\"note\":\"close_after_fin\""));
	bench_free(&bench);
}

/* Neither emitted nor filtered, nor any of the wires: the account is that of the acts. */
Test(note, counts_as_no_act)
{
	struct bench bench;

	bench_init(&bench, "json");
	for (unsigned int note = 1; note < NOTES; note++)
		take_note(&bench, note, note);
	take_act(&bench, NOTES);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(bench.pipeline.totals.emitted, 1);
	cr_expect_eq(bench.pipeline.totals.filtered, 0);
	cr_expect_eq(bench.pipeline.totals.wire_fin, 1);
	cr_expect_eq(bench.pipeline.totals.wire_none, 0);
	cr_expect_eq(bench.pipeline.totals.notes_filtered, 0);
	for (unsigned int note = 1; note < NOTES; note++)
		cr_expect(begins(line_at(&bench, note - 1), IS_NOTE));
	bench_free(&bench);
}

/* -c 2 is two acts, and what comes after them is not shown any more. */
Test(note, is_no_part_of_a_count)
{
	struct bench bench;

	bench_init(&bench, "json");
	bench.options.count = 2;
	take_note(&bench, NOTE_fin_received, 1);
	take_act(&bench, 2);
	take_note(&bench, NOTE_fin_received, 3);
	take_act(&bench, 4);
	take_note(&bench, NOTE_fin_received, 5);
	take_act(&bench, 6);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect(bench.pipeline.full);
	cr_expect_eq(bench.pipeline.totals.emitted, 2);
	cr_expect_eq(bench.pipeline.totals.filtered, 1);
	cr_expect_eq(bench.pipeline.totals.notes_filtered, 1);
	cr_expect(begins(line_at(&bench, 3), IS_ACT));
	cr_expect_str_empty(strchr(line_at(&bench, 3), '\n') + 1);
	bench_free(&bench);
}

Test(note, wires_leave_it_out)
{
	static const unsigned int wires[] = { SHOW_FIN, SHOW_RST_IN, SHOW_RST_OUT, SHOW_SILENT };

	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
		struct bench bench;

		bench_init(&bench, "json");
		bench.options.show = wires[i];
		take_note(&bench, NOTE_nf_reject_rst, 1);
		pipeline_drain(&bench.pipeline, UINT64_MAX);
		cr_expect_eq(bench.size, 0, "%s", bench.text);
		cr_expect_eq(bench.pipeline.totals.notes_filtered, 1);
		cr_expect_eq(bench.pipeline.totals.filtered, 0);
		bench_free(&bench);
	}
}

/* Stacks are counted of acts alone. */
Test(note, has_no_place_in_folded)
{
	struct act closed = { 0 };
	struct held held = { 0 };
	struct bench bench;

	bench_init(&bench, "folded");
	bench.options.held = true;
	take_note(&bench, NOTE_nf_reject_rst, 1);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	fixture_plain(&closed.record);
	closed.record.kind = RECORD_HELD;
	pipeline_judged(&bench.pipeline, &closed, &held, 1);
	cr_expect_eq(bench.pipeline.error, 0);
	cr_expect_eq(bench.pipeline.totals.notes_filtered, 0);
	cr_expect_eq(bench.pipeline.totals.held_lost, 0);
	cr_expect_eq(bench.size, 0, "%s", bench.text);
	bench_free(&bench);
}

/* Facts that would join or delay an act are none here. */
Test(note, is_never_joined)
{
	struct record record;
	struct bench bench;

	bench_init(&bench, "json");
	fixture_plain(&record);
	record.facts = FACT(closed) | FACT(tcp_reset) | FACT(provisional);
	record.kind = RECORD_RST_RECEIVED;
	record.err = ECONNRESET;
	cr_assert_eq(pipeline_take(&bench.pipeline, &record, sizeof(record)), 0);
	make(&record, NOTE_link_down_noop, record.time_ns + 1);
	record.facts = FACT(rst_sent) | FACT(state_first);
	cr_assert_eq(pipeline_take(&bench.pipeline, &record, sizeof(record)), 0);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect(begins(line_at(&bench, 0), IS_ACT));
	cr_expect(begins(line_at(&bench, 1), IS_NOTE));
	cr_expect_eq(bench.pipeline.totals.amended, 0);
	bench_free(&bench);
}

Test(note, full_disk_is_an_error)
{
	struct bench bench;

	bench_init(&bench, "json");
	fclose(bench.pipeline.sink_options.out);
	bench.pipeline.sink_options.out = fopen("/dev/full", "we");
	cr_assert(bench.pipeline.sink_options.out);
	take_note(&bench, NOTE_fin_received, 1);
	pipeline_drain(&bench.pipeline, UINT64_MAX);
	cr_expect_eq(bench.pipeline.error, -ENOSPC);
	bench_free(&bench);
}

/* Only who closed something has a pid. */
Test(note, keys_fit_the_note)
{
	for (unsigned int note = 1; note < NOTES; note++) {
		struct bench bench;

		bench_init(&bench, "json");
		take_note(&bench, note, 1);
		pipeline_drain(&bench.pipeline, UINT64_MAX);
		cr_expect_eq(strstr(bench.text, "\"pid\":812,\"comm\":\"nginx\"") != NULL,
			     note_table[note].task, "%s", bench.text);
		cr_expect(strstr(bench.text, "\"owner_pid\":812,\"owner_comm\":\"nginx\""));
		cr_expect(!strstr(bench.text, "\"cause\"") && !strstr(bench.text, "\"wire\""));
		bench_free(&bench);
	}
}

Test(note, counters_are_apart)
{
	struct record_counters *slots = aligned_alloc(64, RECORD_SLOTS * sizeof(*slots));
	struct totals totals = { 0 };

	cr_assert(slots);
	memset(slots, 0, RECORD_SLOTS * sizeof(*slots));
	slots[0].seen[RECORD_NOTE] = 7;
	slots[0].fate[RECORD_NOTE][FATE_EMITTED] = 2;
	slots[0].fate[RECORD_NOTE][FATE_FILTERED] = 1;
	slots[0].fate[RECORD_NOTE][FATE_UNOWNED] = 1;
	slots[0].fate[RECORD_NOTE][FATE_RING_FULL] = 1;
	slots[0].fate[RECORD_NOTE][FATE_PENDING_FULL] = 2;
	slots[0].note[NOTE_fin_received] = 7;
	slots[RECORD_SLOTS - 1].seen[RECORD_NOTE] = 1;
	slots[RECORD_SLOTS - 1].note[NOTE_md5_ao_drop] = 1;
	slots[RECORD_SLOTS - 1].seen[RECORD_FIN] = 1;
	counters_add(slots, &totals);
	cr_expect_eq(totals.seen, 1);
	cr_expect_eq(totals.filtered + totals.unowned + totals_lost(&totals), 0);
	cr_expect_eq(totals.notes, 8);
	cr_expect_eq(totals.notes_filtered, 2);
	cr_expect_eq(totals.notes_lost, 3);
	cr_expect_eq(totals.note[NOTE_fin_received], 7);
	cr_expect_eq(totals.note[NOTE_md5_ao_drop], 1);
	cr_expect(totals_complete(&totals), "lost notes are no lost acts");
	free(slots);
}

/* A kernel of nothing but these functions, each with so many parameters. */
static struct btf *kernel_with(const char *function, int parameters)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int proto = btf__add_func_proto(btf, word);

	for (int i = 0; i < parameters; i++)
		cr_assert_eq(btf__add_func_param(btf, "p", word), 0);
	cr_assert_gt(btf__add_func(btf, function, BTF_FUNC_STATIC, proto), 0);
	return btf;
}

static const struct hook_info *hook_of(const char *target)
{
	for (size_t i = 0; i < hook_count; i++) {
		if (hook_table[i].notes && !strcmp(hook_table[i].target, target))
			return &hook_table[i];
	}
	cr_assert_fail("no hook %s", target);
	return NULL;
}

static const struct hook_lack *unwanted(const char *target, const char *function, int parameters,
					bool all)
{
	struct options options = { .all = all };
	struct types types;
	struct hook_case when = {
		.types = &types, .options = &options, .full = true, .way = HOOK_FENTRY,
	};
	const struct hook_lack *why;

	cr_assert_eq(types_take(&types, kernel_with(function, parameters)), 0);
	why = hook_unwanted(hook_of(target), &when);
	types_close(&types);
	return why;
}

/* Presence and prototype decide, so that no note costs the tier. */
Test(note, hooks_are_chosen_by_type)
{
	cr_expect_str_eq(unwanted("tw_timer_handler", "tw_timer_handler", 1, false)->reason,
			 "with --all");
	cr_expect_null(unwanted("tw_timer_handler", "tw_timer_handler", 1, true));
	cr_expect_str_eq(unwanted("tw_timer_handler", "other", 1, true)->reason,
			 "this kernel has no such function");
	cr_expect_null(unwanted("nf_send_reset", "nf_send_reset", 4, true));
	cr_expect_str_eq(unwanted("nf_send_reset", "nf_send_reset", 3, true)->reason,
			 "this kernel's takes other parameters");
	cr_expect_str_eq(unwanted("kfree_skb", "other", 1, true)->reason,
			 "this kernel gives no reason there");
}

/* What is missing has what mends it; what only was not asked for is not missing. */
Test(note, a_hook_that_was_not_asked_for_is_not_missing)
{
	cr_expect_eq(unwanted("tw_timer_handler", "tw_timer_handler", 1, false)->state,
		     HOOK_OPTION);
	cr_expect_eq(unwanted("tw_timer_handler", "other", 1, true)->state, HOOK_MISSING);
	cr_expect(unwanted("tw_timer_handler", "other", 1, true)->mend);
	cr_expect(unwanted("kfree_skb", "other", 1, true)->mend);
}
