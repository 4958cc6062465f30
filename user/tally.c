// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "filter.h"
#include "tally.h"

#define SLOTS (TALLY_SLOTS + TALLY_OTHER_SLOTS)

struct tally {
	const volatile uint64_t *counts;
	uint64_t told[SLOTS];		/* to the summary */
	struct tally_key key[SLOTS];
	bool known[SLOTS];
};

struct tally *tally_new(const volatile uint64_t *counts)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (tally)
		tally->counts = counts;
	return tally;
}

void tally_free(struct tally *tally)
{
	free(tally);
}

bool tally_learn(struct tally *tally, const void *data, size_t size)
{
	const struct record_tally *record = data;

	if (size != sizeof(*record) || record->kind != RECORD_TALLY ||
	    record->version != RECORD_VERSION || record->size != sizeof(*record) ||
	    record->slot >= SLOTS)
		return false;
	tally->key[record->slot] = record->key;
	tally->known[record->slot] = true;
	return true;
}

static void restore_numbers(struct record *r, uint32_t values)
{
	bool small = values & TALLY_WINDOW_SMALL;

	r->unread = !!(values & TALLY_UNREAD);
	r->unacked = !!(values & TALLY_UNACKED);
	r->unsent = values & TALLY_UNSENT ? 2 : 0;
	r->linger2 = values & TALLY_LINGER2_NEGATIVE ? -1 : 0;
	r->user_timeout_ms = !!(values & TALLY_USER_TIMEOUT);
	/* Whether it is less than what is unsent. */
	r->snd_wnd = small ? 1 : 2;
	r->packets_out = !small;
	if (values & TALLY_WINDOW_SHUT)
		r->snd_wnd = 0;
	r->err_soft = values & TALLY_ERROR_IS_SOFT ? r->err : !r->err;
}

static void restore_who(struct record *r, const struct tally_key *key)
{
	struct record_task *task = key->known & KNOWN_OWNER ? &r->owner : &r->actor;

	task->pid = key->pid;
	memcpy(task->comm, key->comm, sizeof(task->comm));
	if (key->values & TALLY_AWAY) {
		r->role = ROLE_CLIENT;
		r->rport = key->port;
	} else {
		r->role = ROLE_SERVER;
		r->lport = key->port;
	}
}

void tally_act(const struct tally_key *key, struct act *act)
{
	struct record *r = &act->record;

	memset(act, 0, sizeof(*act));
	r->size = sizeof(*r);
	r->version = RECORD_VERSION;
	r->kind = key->kind;
	r->family = AF_INET;
	r->state = key->state;
	r->known = key->known;
	r->facts = key->facts;
	r->err = key->err;
	r->reason = key->reason;
	r->syscall = key->syscall;
	restore_numbers(r, key->values);
	restore_who(r, key);
	act->amended = key->values & TALLY_AMENDED;
}

void tally_judge(struct act *act, bool settled)
{
	bool provisional = (act->record.facts & FACT(provisional)) && !act->amended;

	if (provisional && settled)
		act->facts |= FACT(settled);
	act_derive(act);
	cause_classify(act);
}

/* The judged act of a number; false: it has none, or nothing was counted. */
static bool look(const struct tally *tally, size_t slot, bool settled, struct act *act,
		 uint64_t *count)
{
	*count = tally->known[slot] ? tally->counts[slot] : 0;
	if (!tally->known[slot])
		return false;
	tally_act(&tally->key[slot], act);
	tally_judge(act, settled);
	return true;
}

void tally_account(const struct tally *tally, const struct options *options, bool settled,
		   struct totals *totals)
{
	struct act act;
	uint64_t count;

	for (size_t slot = 0; slot < SLOTS; slot++) {
		if (!look(tally, slot, settled, &act, &count))
			continue;
		if (filter_passes(options, &act))
			totals_add(totals, &act, count);
		else
			totals->filtered += count;
	}
}

int tally_summarize(struct tally *tally, const struct options *options, bool settled, bool over,
		    struct summary *summary)
{
	struct act act;
	uint64_t count;
	int rc = 0;

	for (size_t slot = 0; slot < SLOTS && !rc; slot++) {
		if (!look(tally, slot, settled, &act, &count) || count == tally->told[slot] ||
		    (count < tally->told[slot] && !over) || !filter_passes(options, &act))
			continue;
		rc = summary_add(summary, &act, count - tally->told[slot]);
		tally->told[slot] = count;
	}
	return rc;
}

bool tally_found(const struct tally *tally, const struct options *options, bool settled)
{
	struct act act;
	uint64_t count;

	for (size_t slot = 0; slot < SLOTS && options->fail_on.used; slot++) {
		if (look(tally, slot, settled, &act, &count) && count &&
		    filter_passes(options, &act) && choice_takes(&options->fail_on, &act))
			return true;
	}
	return false;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* What a line says besides its number. */
static int by_line(const void *left, const void *right)
{
	const struct count_line *a = left, *b = right;
	const struct record *x = &a->act.record, *y = &b->act.record;
	const struct record_task *owner = act_task(&a->act), *other = act_task(&b->act);

	return compare(a->act.cause->number, b->act.cause->number) ?:
	       compare(a->act.exact, b->act.exact) ?:
	       compare(act_wire(&a->act), act_wire(&b->act)) ?:
	       compare(act_direction(&a->act), act_direction(&b->act)) ?:
	       compare(x->lport, y->lport) ?: compare(x->rport, y->rport) ?:
	       compare(a->others, b->others) ?: compare(!owner, !other) ?:
	       (owner ? compare(owner->pid, other->pid) ?:
			memcmp(owner->comm, other->comm, sizeof(owner->comm)) : 0);
}

static int most_first(const void *left, const void *right)
{
	const struct count_line *a = left, *b = right;

	return compare(b->acts, a->acts) ?: by_line(left, right);
}

/* The lines that the counts make; keys that differ in what no line says become one. */
static size_t collect(const struct tally *tally, const struct options *options, bool settled,
		      struct count_line *lines)
{
	size_t count = 0, kept = 0;

	for (size_t slot = 0; slot < SLOTS; slot++) {
		struct count_line *line = &lines[count];

		if (!look(tally, slot, settled, &line->act, &line->acts) || !line->acts ||
		    !filter_passes(options, &line->act))
			continue;
		line->others = tally->key[slot].values & TALLY_OTHERS;
		count++;
	}
	qsort(lines, count, sizeof(*lines), by_line);
	for (size_t i = 1; i < count; i++) {
		if (by_line(&lines[kept], &lines[i]))
			lines[++kept] = lines[i];
		else
			lines[kept].acts += lines[i].acts;
	}
	return count ? kept + 1 : 0;
}

int tally_write(const struct tally *tally, const struct options *options, bool settled,
		const struct sink *sink, const struct sink_options *out, const struct run *run)
{
	struct count_line *lines = calloc(SLOTS, sizeof(*lines));
	size_t count;
	int rc = 0;

	if (!lines)
		return -ENOMEM;
	count = collect(tally, options, settled, lines);
	qsort(lines, count, sizeof(*lines), most_first);
	for (size_t i = 0; i < count && !rc; i++) {
		lines[i].act.record.run = run->id;
		rc = sink->count(out, run, &lines[i]);
	}
	free(lines);
	return rc;
}
