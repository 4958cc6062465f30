// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mutation.c - each row and each fact of causes.def matters: without it some fixture is judged
 * otherwise
 *
 * A fact that other facts imply cannot be missed by any real act.  Such are listed below, with
 * the reason; a reason that no longer holds is a failure, as is a row of the list too many.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "fixture.h"

enum part { REQUIRED, FORBIDDEN, WITNESS };

static const char *const part_names[] = { "required", "forbidden", "witness" };

struct exempt {
	const char *slug;
	enum part part;
	fact_set fact;
	fact_set with;		/* redundant only together with this one: without both it shows */
	const char *reason;
};

static const struct exempt exempts[] = {
#define F(name) FACT(name)
#define EXEMPT(slug, part, fact, with, reason) { #slug, part, fact, with, reason },
#include "../fixtures/exempt.def"
#undef EXEMPT
#undef F
};

#define EXEMPTS (sizeof(exempts) / sizeof(exempts[0]))

struct verdicts {
	const struct cause **rows;	/* of cause_rows, one a fixture */
	fact_set *facts;
};

static void setup(struct verdicts *verdicts)
{
	verdicts->rows = calloc(fixture_count, sizeof(*verdicts->rows));
	verdicts->facts = calloc(fixture_count, sizeof(*verdicts->facts));
	cr_assert(verdicts->rows && verdicts->facts);
	for (size_t i = 0; i < fixture_count; i++) {
		struct act act;

		fixture_act(&fixtures[i], &act);
		verdicts->rows[i] = act.cause;
		verdicts->facts[i] = act.facts;
	}
}

static void teardown(struct verdicts *verdicts)
{
	free(verdicts->rows);
	free(verdicts->facts);
}

static struct cause *copy_rows(void)
{
	struct cause *rows = malloc(cause_count * sizeof(*rows));

	cr_assert(rows);
	memcpy(rows, cause_rows, cause_count * sizeof(*rows));
	return rows;
}

static bool is_exact(const struct cause *row, fact_set facts)
{
	return !row->witness || (row->witness & facts);
}

/* How many fixtures another table judges otherwise. */
static size_t noticed(const struct verdicts *verdicts, const struct cause *rows, size_t count)
{
	size_t changed = 0;

	for (size_t i = 0; i < fixture_count; i++) {
		const struct cause *row = cause_match(rows, count, verdicts->facts[i]);

		changed += row->number != verdicts->rows[i]->number ||
			   is_exact(row, verdicts->facts[i]) !=
				   is_exact(verdicts->rows[i], verdicts->facts[i]);
	}
	return changed;
}

Test(mutation, each_row_is_needed)
{
	struct verdicts verdicts;

	setup(&verdicts);
	for (size_t i = 0; i + 1 < cause_count; i++) {
		struct cause *rows = copy_rows();

		memmove(rows + i, rows + i + 1, (cause_count - i - 1) * sizeof(*rows));
		cr_expect(noticed(&verdicts, rows, cause_count - 1),
			  "no fixture notices that %s is missing", cause_rows[i].slug);
		free(rows);
	}
	teardown(&verdicts);
}

static fact_set *part_of(struct cause *row, enum part part)
{
	if (part == REQUIRED)
		return &row->required;
	return part == FORBIDDEN ? &row->forbidden : &row->witness;
}

static size_t noticed_without(const struct verdicts *verdicts, size_t index, enum part part,
			      fact_set facts)
{
	struct cause *rows = copy_rows();
	size_t changed;

	*part_of(&rows[index], part) &= ~facts;
	changed = noticed(verdicts, rows, cause_count);
	free(rows);
	return changed;
}

static const struct exempt *exempt_of(const char *slug, enum part part, fact_set fact)
{
	for (size_t i = 0; i < EXEMPTS; i++) {
		if (!strcmp(exempts[i].slug, slug) && exempts[i].part == part &&
		    exempts[i].fact == fact)
			return &exempts[i];
	}
	return NULL;
}

static void check_bit(const struct verdicts *verdicts, size_t index, enum part part,
		      unsigned int bit)
{
	const char *slug = cause_rows[index].slug, *name = cause_fact_name(bit);
	const struct exempt *exempt = exempt_of(slug, part, (fact_set)1 << bit);
	size_t changed = noticed_without(verdicts, index, part, (fact_set)1 << bit);

	if (!exempt) {
		cr_expect(changed, "no fixture notices that %s lacks the %s %s", slug,
			  part_names[part], name);
		return;
	}
	cr_expect(!changed, "the %s %s of %s is noticed and not exempt", part_names[part], name,
		  slug);
	if (exempt->with)
		cr_expect(noticed_without(verdicts, index, part, exempt->fact | exempt->with),
			  "no fixture notices that %s lacks the %s %s and what stands in for it",
			  slug, part_names[part], name);
}

Test(mutation, each_fact_is_needed)
{
	struct verdicts verdicts;

	setup(&verdicts);
	for (size_t i = 0; i + 1 < cause_count; i++) {
		struct cause row = cause_rows[i];

		for (enum part part = REQUIRED; part <= WITNESS; part++) {
			for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
				if (*part_of(&row, part) >> bit & 1)
					check_bit(&verdicts, i, part, bit);
			}
		}
	}
	teardown(&verdicts);
}

Test(mutation, exempt_facts_exist)
{
	for (size_t i = 0; i < EXEMPTS; i++) {
		const struct cause *found = cause_by_slug(exempts[i].slug);
		struct cause row;

		cr_assert(found, "no cause %s", exempts[i].slug);
		row = *found;
		cr_expect_eq(*part_of(&row, exempts[i].part) & exempts[i].fact, exempts[i].fact,
			     "%s has no such %s fact: %s", exempts[i].slug,
			     part_names[exempts[i].part], exempts[i].reason);
		cr_expect(*exempts[i].reason, "%s: a reason is wanted", exempts[i].slug);
	}
}

/* The facts of @general are among those of @special, and nothing keeps it away. */
static bool covers(const struct cause *general, const struct cause *special)
{
	return (special->required & general->required) == general->required &&
	       !(special->required & general->forbidden);
}

/* A general row comes after the special one: moved before it, it must show. */
Test(mutation, each_order_is_needed)
{
	struct verdicts verdicts;
	size_t pairs = 0;

	setup(&verdicts);
	for (size_t i = 0; i + 1 < cause_count; i++) {
		for (size_t j = i + 1; j + 1 < cause_count; j++) {
			struct cause *rows = copy_rows();

			memmove(rows + i + 1, rows + i, (j - i) * sizeof(*rows));
			rows[i] = cause_rows[j];
			if (covers(&cause_rows[j], &cause_rows[i])) {
				pairs++;
				cr_expect(noticed(&verdicts, rows, cause_count),
					  "no fixture notices %s before %s", cause_rows[j].slug,
					  cause_rows[i].slug);
			}
			free(rows);
		}
	}
	cr_expect_gt(pairs, 0);
	teardown(&verdicts);
}
