// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cause.c - the rule table against the fixtures, against itself and against what is frozen */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <ctype.h>
#include <string.h>

#include "cause.h"
#include "fixture.h"

#define SEEN_BITS	64	/* facts below are set by programs, the others derived */
#define SUMMARY_MAX	72
#define MEND_MAX	100

/* Parameters cross a process boundary, so a fixture is passed by its index. */
ParameterizedTestParameters(cause, fixture)
{
	static int indices[512];

	for (size_t i = 0; i < fixture_count; i++)
		indices[i] = (int)i;
	return cr_make_param_array(int, indices, fixture_count);
}

ParameterizedTest(int *index, cause, fixture)
{
	const struct fixture *fixture = &fixtures[*index];
	struct act act;

	fixture_act(fixture, &act);
	cr_expect_str_eq(act.cause->slug, fixture->slug, "%s is judged %s, not %s", fixture->name,
			 act.cause->slug, fixture->slug);
	cr_expect_eq(act.exact, fixture->exact, "%s is %s", fixture->name,
		     act.exact ? "exact" : "inferred");
	cr_expect_eq(act_wire(&act), fixture->wire, "%s: wire is %d", fixture->name,
		     act_wire(&act));
	cr_expect_eq(act_direction(&act), fixture->direction, "%s: direction is %d", fixture->name,
		     act_direction(&act));
}

Test(cause, fixtures_are_sound)
{
	fact_set seen_only = ((fact_set)1 << SEEN_BITS) - 1;

	for (size_t i = 0; i < fixture_count; i++) {
		cr_expect(cause_by_slug(fixtures[i].slug), "%s: no cause %s", fixtures[i].name,
			  fixtures[i].slug);
		cr_expect_eq(fixtures[i].seen & ~(seen_only | FACT(settled)), 0,
			     "%s: derived facts are not seen", fixtures[i].name);
		for (size_t j = 0; j < i; j++)
			cr_expect_str_neq(fixtures[i].name, fixtures[j].name, "twice");
	}
}

Test(cause, required_facts_alone_reach_their_row)
{
	for (size_t i = 0; i < cause_count; i++) {
		const struct cause *row = &cause_rows[i];
		const struct cause *match = cause_match(cause_rows, cause_count, row->required);

		cr_expect_eq(match, row, "the facts of %s are judged %s", row->slug, match->slug);
		if (row->witness && row->class != CLASS_UNKNOWN) {
			match = cause_match(cause_rows, cause_count, row->required | row->witness);
			cr_expect_eq(match, row, "%s with all its witnesses is judged %s",
				     row->slug, match->slug);
		}
	}
}

Test(cause, forbidden_facts_keep_their_row_away)
{
	for (size_t i = 0; i < cause_count; i++) {
		const struct cause *row = &cause_rows[i];

		cr_expect_eq(row->forbidden & (row->required | row->witness), 0,
			     "%s forbids what it requires", row->slug);
		for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
			fact_set fact = (fact_set)1 << bit;

			if (!(row->forbidden & fact))
				continue;
			cr_expect_neq(cause_match(cause_rows, cause_count, row->required | fact),
				      row, "%s in spite of %s", row->slug, cause_fact_name(bit));
		}
	}
}

Test(cause, last_row_matches_everything)
{
	const struct cause *last = &cause_rows[cause_count - 1];

	cr_expect_str_eq(last->slug, "unknown");
	cr_expect_eq(last->class, CLASS_UNKNOWN);
	cr_expect_eq(last->required | last->forbidden, 0);
	cr_expect_eq(cause_match(cause_rows, cause_count, 0), last);
	/* With nothing but the last row, everything is the last row. */
	cr_expect_eq(cause_match(last, 1, ~0ULL), last);
	cr_expect_eq(cause_match(last, 1, 0), last);
}

Test(cause, rows_name_known_facts)
{
	for (size_t i = 0; i < cause_count; i++) {
		const struct cause *row = &cause_rows[i];
		fact_set used = row->required | row->forbidden | row->witness;

		for (unsigned int bit = 0; bit < FACT_BITS; bit++)
			cr_expect(!(used >> bit & 1) || cause_fact_name(bit), "%s: bit %u",
				  row->slug, bit);
	}
}

/* A lower-case C identifier: it is a file name, a metric label and an argument. */
static bool is_identifier(const char *text)
{
	if (!islower((unsigned char)*text))
		return false;
	for (; *text; text++) {
		if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) &&
		    *text != '_')
			return false;
	}
	return true;
}

/* One printable line of at most @most characters, without a full stop at its end. */
static bool is_line(const char *text, size_t most)
{
	size_t length = strlen(text);

	if (!length || length > most || text[length - 1] == '.' || isspace((unsigned char)*text))
		return false;
	for (; *text; text++) {
		if (!isprint((unsigned char)*text))
			return false;
	}
	return true;
}

Test(cause, words_keep_their_form)
{
	for (size_t i = 0; i < cause_count; i++) {
		const struct cause *row = &cause_rows[i];

		cr_expect(is_identifier(row->slug), "slug %s", row->slug);
		cr_expect(is_line(row->summary, SUMMARY_MAX), "summary of %s: %zu characters",
			  row->slug, strlen(row->summary));
		cr_expect(is_line(row->mend, MEND_MAX), "mend of %s: %zu characters", row->slug,
			  strlen(row->mend));
		cr_expect(row->class < CAUSE_CLASSES && cause_class_name(row->class),
			  "class of %s", row->slug);
		cr_expect_eq(cause_by_slug(row->slug), row, "%s is there twice", row->slug);
		cr_expect(strlen(row->slug) <= 38, "%s does not fit the text sink", row->slug);
	}
	cr_expect_null(cause_by_slug("no_such_cause"));
	cr_expect_null(cause_by_slug(""));
}

static const struct frozen {
	unsigned int number;
	const char *name;
} frozen_causes[] = {
#define FROZEN(number, name) { number, #name },
#include "../fixtures/numbers.def"
#undef FROZEN
}, frozen_facts[] = {
#define FROZEN(number, name) { number, #name },
#include "../fixtures/facts.def"
#undef FROZEN
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(cause, numbers_never_change)
{
	for (size_t i = 0; i < COUNT(frozen_causes); i++) {
		const struct cause *row = cause_by_slug(frozen_causes[i].name);

		cr_expect(row, "%s is gone", frozen_causes[i].name);
		if (row)
			cr_expect_eq(row->number, frozen_causes[i].number,
				     "%s was number %u, not %u", row->slug,
				     frozen_causes[i].number, row->number);
	}
	for (size_t i = 0; i < cause_count; i++) {
		size_t found = 0;

		for (size_t j = 0; j < COUNT(frozen_causes); j++)
			found += frozen_causes[j].number == cause_rows[i].number;
		cr_expect_eq(found, 1, "add FROZEN(%u, %s) to tests/fixtures/numbers.def",
			     cause_rows[i].number, cause_rows[i].slug);
	}
}

Test(cause, fact_bits_never_change)
{
	for (size_t i = 0; i < COUNT(frozen_facts); i++) {
		const char *name = cause_fact_name(frozen_facts[i].number);

		cr_expect(name && !strcmp(name, frozen_facts[i].name), "bit %u was %s, not %s",
			  frozen_facts[i].number, frozen_facts[i].name, name ? name : "unused");
	}
	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		size_t found = 0;

		if (!cause_fact_name(bit))
			continue;
		for (size_t i = 0; i < COUNT(frozen_facts); i++)
			found += frozen_facts[i].number == bit;
		cr_expect_eq(found, 1, "add FROZEN(%u, %s) to tests/fixtures/facts.def", bit,
			     cause_fact_name(bit));
	}
	cr_expect_null(cause_fact_name(FACT_BITS));
}

static const struct fact_row {
	unsigned int bit;
	bool derived;
	const char *name;
	const char *text;
} fact_rows[] = {
#define SEEN(bit, name, text) { bit, false, #name, text },
#define DERIVED(bit, name, text) { bit, true, #name, text },
#include "abi/facts.def"
#undef SEEN
#undef DERIVED
};

Test(cause, facts_keep_their_form)
{
	for (size_t i = 0; i < COUNT(fact_rows); i++) {
		const struct fact_row *row = &fact_rows[i];

		cr_expect(row->bit < FACT_BITS, "%s: bit %u", row->name, row->bit);
		cr_expect_eq(row->bit >= SEEN_BITS, row->derived, "%s: bit %u", row->name,
			     row->bit);
		cr_expect(is_identifier(row->name), "%s", row->name);
		cr_expect(*row->text, "%s has no text", row->name);
		for (size_t j = 0; j < i; j++) {
			cr_expect_neq(row->bit, fact_rows[j].bit, "%s and %s share a bit",
				      row->name, fact_rows[j].name);
			cr_expect_str_neq(row->name, fact_rows[j].name, "twice");
		}
	}
}
