// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* choice.c - --cause, --unexpected, --fail-on: which acts, alone and with the other filters */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "choice.h"
#include "filter.h"
#include "fixture.h"

/* The act of a fixture of that cause. */
static struct act act_of(const char *slug)
{
	struct act act;

	for (size_t i = 0; i < fixture_count; i++) {
		if (!strcmp(fixtures[i].slug, slug)) {
			fixture_act(&fixtures[i], &act);
			return act;
		}
	}
	cr_assert_fail("no fixture of %s", slug);
	return act;
}

static void add(struct choice *choice, const char *word)
{
	bool not = *word == '!';

	cr_assert_eq(choice_add(choice, word + not, not), 0, "%s", word);
}

/* Whether a list, words divided by blanks, takes the act of a cause. */
static bool takes(const char *list, const char *slug)
{
	char *words = strdup(list), *rest = words, *word;
	struct choice choice = { 0 };
	struct act act = act_of(slug);
	bool taken;

	while ((word = strsep(&rest, " "))) {
		if (*word)
			add(&choice, word);
	}
	taken = choice_takes(&choice, &act);
	free(words);
	return taken;
}

Test(choice, nothing_chosen_is_everything)
{
	for (size_t i = 0; i < cause_count; i++)
		cr_expect(takes("", cause_rows[i].slug), "%s", cause_rows[i].slug);
}

/* Each cause by its name and by its class, and nothing else; with '!' the reverse. */
Test(choice, each_cause_and_class)
{
	for (size_t i = 0; i < cause_count; i++) {
		const struct cause *one = &cause_rows[i];
		char not[64];

		snprintf(not, sizeof(not), "!%s", one->slug);
		for (size_t j = 0; j < cause_count; j++) {
			const struct cause *other = &cause_rows[j];
			bool same = i == j || !strcmp(one->slug, cause_class_name(other->class));

			cr_expect_eq(takes(one->slug, other->slug), same, "%s takes %s", one->slug,
				     other->slug);
			cr_expect_eq(takes(not, other->slug), !same, "%s takes %s", not,
				     other->slug);
			cr_expect_eq(takes(cause_class_name(one->class), other->slug),
				     one->class == other->class, "class %s takes %s",
				     cause_class_name(one->class), other->slug);
		}
	}
}

Test(choice, lists)
{
	cr_expect(takes("linger0 unread_data", "linger0"));
	cr_expect(takes("linger0 unread_data", "unread_data"));
	cr_expect(!takes("linger0 unread_data", "fin_close"));
	cr_expect(takes("orderly peer_rst", "fin_close"));
	cr_expect(takes("orderly peer_rst", "peer_rst"));
	/* What is excluded wins, wherever it stands. */
	cr_expect(!takes("local_reset !linger0", "linger0"));
	cr_expect(!takes("!linger0 local_reset", "linger0"));
	cr_expect(takes("local_reset !linger0", "unread_data"));
	cr_expect(!takes("local_reset !linger0", "fin_close"));
	cr_expect(!takes("linger0 !local_reset", "linger0"));
	/* Only excluded ones leave all others. */
	cr_expect(takes("!linger0 !orderly", "peer_rst"));
	cr_expect(!takes("!linger0 !orderly", "fin_close"));
	/* The third kind of word. */
	cr_expect(takes("unexpected", "linger0"));
	cr_expect(!takes("unexpected", "fin_close"));
	cr_expect(takes("!unexpected", "fin_close"));
	cr_expect(!takes("!unexpected", "linger0"));
	cr_expect(takes("unexpected fin_close", "fin_close"));
	cr_expect(takes("unexpected !timeout", "linger0"));
	cr_expect(!takes("unexpected !timeout", "rto_timeout"));
}

Test(choice, names_that_are_none)
{
	static const char *const bad[] = { "", "!", "fin", "FIN_CLOSE", "fin_close ", "linger0,",
					   "peer", "14", "-" };
	struct choice choice = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(choice_add(&choice, bad[i], false), -EINVAL, "'%s'", bad[i]);
	cr_expect(!choice.used);
}

static void check_near(const char *word, const char *expected)
{
	const char *near = choice_near(word);

	if (expected)
		cr_expect(near && !strcmp(near, expected), "%s: %s, not %s", word,
			  near ?: "nothing", expected);
	else
		cr_expect_null(near, "%s: %s", word, near);
}

Test(choice, near_misses)
{
	check_near("unread_dta", "unread_data");
	check_near("unread-data", "unread_data");
	check_near("unraed_data", "unread_data");
	check_near("linger", "linger0");
	check_near("lingre0", "linger0");
	check_near("ordely", "orderly");
	check_near("peer_rest", "peer_rst");
	check_near("timeouts", "timeout");
	check_near("unexpcted", "unexpected");
	check_near("fin_cloze_passive", "fin_close_passive");
	check_near("xyzzy", NULL);
	check_near("", NULL);
	check_near("ab", NULL);
	check_near("a_word_that_is_longer_than_any_name_of_a_cause_could_be", NULL);
	/* A cause's own name is the nearest of all. */
	for (size_t i = 0; i < cause_count; i++)
		check_near(cause_rows[i].slug, cause_rows[i].slug);
}

static bool loses(const char *slug, void (*change)(struct act *act))
{
	struct act act = act_of(slug);

	change(&act);
	return act_loses_data(&act);
}

static void clean(struct act *act)
{
	act->record.unread = act->record.unsent = act->record.unacked = 0;
}

static void unread(struct act *act)
{
	clean(act);
	act->record.unread = 1;
}

static void unsent(struct act *act)
{
	clean(act);
	act->record.unsent = 1;
}

static void unacked(struct act *act)
{
	clean(act);
	act->record.unacked = 1;
}

static void with_data(struct act *act)
{
	act->facts |= FACT(seg_data);
}

static void without_data(struct act *act)
{
	act->facts &= ~FACT(seg_data);
}

Test(choice, what_loses_data)
{
	static const struct {
		const char *slug;
		bool clean, unread, unsent, unacked;
	} rows[] = {
		{ "linger0", false, true, true, true },
		{ "peer_rst", false, true, true, true },
		{ "rto_timeout", false, true, true, true },
		{ "unread_data", false, true, true, true },
		/* Behind a FIN what was written goes out; after shutdown() one may still read. */
		{ "fin_close", false, true, false, false },
		{ "fin_shutdown_wr", false, false, false, false },
		/* The one byte that is not acknowledged is the SYN. */
		{ "peer_refused", false, false, false, false },
		/* The peer's data met nobody. */
		{ "data_after_close", true, true, true, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(loses(rows[i].slug, clean), rows[i].clean, "%s", rows[i].slug);
		cr_expect_eq(loses(rows[i].slug, unread), rows[i].unread, "%s", rows[i].slug);
		cr_expect_eq(loses(rows[i].slug, unsent), rows[i].unsent, "%s", rows[i].slug);
		cr_expect_eq(loses(rows[i].slug, unacked), rows[i].unacked, "%s", rows[i].slug);
	}
	cr_expect(loses("data_after_close_tw", with_data));
	cr_expect(!loses("data_after_close_tw", without_data));
	cr_expect(loses("no_socket_rst", with_data));
	cr_expect(!loses("no_socket_rst", without_data));
}

Test(choice, unexpected_is_by_class_or_by_loss)
{
	for (size_t i = 0; i < fixture_count; i++) {
		enum cause_class class;
		struct act act;

		fixture_act(&fixtures[i], &act);
		class = act.cause->class;
		if (class == CLASS_ORDERLY || class == CLASS_REFUSED || class == CLASS_REPLY)
			cr_expect_eq(cause_unexpected(&act), act_loses_data(&act), "%s",
				     fixtures[i].name);
		else
			cr_expect(cause_unexpected(&act), "%s", fixtures[i].name);
	}
}

/* A filter on the command line, and what it means, said in another way. */
struct filter {
	const char *words[2];
	bool (*means)(const struct act *act);
};

static bool is_anything(const struct act *act)
{
	return act->cause;
}

static bool is_fin(const struct act *act)
{
	return act_wire(act) == WIRE_FIN;
}

static bool is_rst_out(const struct act *act)
{
	return act_wire(act) == WIRE_RST && act_direction(act) == DIRECTION_OUT;
}

static bool is_silent_or_rst_in(const struct act *act)
{
	return act_wire(act) != WIRE_FIN && !is_rst_out(act);
}

static bool is_reset_or_timeout(const struct act *act)
{
	return act->cause->class == CLASS_LOCAL_RESET || act->cause->class == CLASS_TIMEOUT;
}

static bool is_not_orderly(const struct act *act)
{
	return act->cause->class != CLASS_ORDERLY;
}

static bool is_local_reset_but_linger0(const struct act *act)
{
	return act->cause->class == CLASS_LOCAL_RESET && strcmp(act->cause->slug, "linger0");
}

static bool is_of_a(const struct act *act)
{
	return act->cgroup && !strcmp(act->cgroup, "/a.service");
}

static bool is_not_of_a(const struct act *act)
{
	return !is_of_a(act);
}

static bool is_below_b(const struct act *act)
{
	return act->cgroup && !strncmp(act->cgroup, "/b", 2);
}

static bool is_not_below_b(const struct act *act)
{
	return !is_below_b(act);
}

#define KINDS		5
#define VARIANTS	5

/* Of each kind one or none; variants with two words are alternatives. */
static const struct filter filters[KINDS][VARIANTS] = {
	{ { { NULL }, is_anything },
	  { { "--fin" }, is_fin },
	  { { "--rst=out" }, is_rst_out },
	  { { "--silent", "--rst=in" }, is_silent_or_rst_in } },
	{ { { NULL }, is_anything },
	  { { "--cause=local_reset,timeout" }, is_reset_or_timeout },
	  { { "--cause=local_reset", "--cause=timeout" }, is_reset_or_timeout },
	  { { "--cause=!orderly" }, is_not_orderly },
	  { { "--cause=local_reset,!linger0" }, is_local_reset_but_linger0 } },
	{ { { NULL }, is_anything },
	  { { "--unexpected" }, cause_unexpected } },
	{ { { NULL }, is_anything },
	  { { "--unit=a" }, is_of_a },
	  { { "--unit=!a" }, is_not_of_a } },
	{ { { NULL }, is_anything },
	  { { "--cgroup=/b" }, is_below_b },
	  { { "--cgroup=!/b" }, is_not_below_b } },
};

/* The acts of all fixtures in each of these cgroups must be shown when every filter agrees. */
static unsigned int check_combination(const struct filter *const set[KINDS])
{
	static const char *const cgroups[] = { "/a.service", "/b", "/b/c", "/c", NULL };
	char *argv[2 * KINDS + 2] = { strdup("closetrace") };
	struct options options;
	unsigned int shown = 0;
	int argc = 1;

	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < 2 && set[kind]->words[i]; i++)
			argv[argc++] = strdup(set[kind]->words[i]);
	}
	cr_assert_eq(options_parse(&options, argc, argv), 0, "%s", options.error);
	for (size_t i = 0; i < fixture_count * 5; i++) {
		struct act act;
		bool expected = true;

		fixture_act(&fixtures[i / 5], &act);
		act.cgroup = act.owner_cgroup = cgroups[i % 5];
		for (size_t kind = 0; kind < KINDS; kind++)
			expected &= set[kind]->means(&act);
		cr_expect_eq(filter_passes(&options, &act), expected, "%s in %s: %s %s %s %s %s",
			     fixtures[i / 5].name, act.cgroup ?: "no cgroup",
			     set[0]->words[0] ?: "", set[1]->words[0] ?: "",
			     set[2]->words[0] ?: "", set[3]->words[0] ?: "",
			     set[4]->words[0] ?: "");
		shown += expected;
	}
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return shown;
}

/* Every variant of every kind with every other: between kinds AND, within one OR, '!' excludes. */
Test(choice, filters_combine)
{
	unsigned int combinations = 1, empty = 0;

	for (size_t kind = 0; kind < KINDS; kind++)
		combinations *= VARIANTS;
	for (unsigned int number = 0; number < combinations; number++) {
		const struct filter *set[KINDS];
		unsigned int rest = number;
		bool there = true;

		for (size_t kind = 0; kind < KINDS; kind++, rest /= VARIANTS) {
			set[kind] = &filters[kind][rest % VARIANTS];
			there &= set[kind]->means != NULL;
		}
		if (there)
			empty += !check_combination(set);
	}
	/* --fin with causes that send none, and few others: the rest tells something. */
	cr_expect_lt(empty, combinations / 10, "%u of %u", empty, combinations);
}

/* --fail-on looks at what was shown; notes have no cause and are no part of it. */
Test(choice, notes_have_no_cause)
{
	struct options options = { 0 };
	struct act note = { 0 };

	note.record.kind = RECORD_NOTE;
	cr_expect(filter_passes_note(&options, &note));
	options.unexpected = true;
	cr_expect(!filter_passes_note(&options, &note));
	options.unexpected = false;
	add(&options.cause, "!linger0");
	cr_expect(!filter_passes_note(&options, &note));
}
