// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "cause.h"
#include "filter.h"
#include "note.h"
#include "pipeline.h"
#include "record.h"
#include "subject.h"

static bool done(const struct pipeline *pipeline)
{
	return pipeline->full || pipeline->error;
}

/* Second halves belong to acts that were counted. */
static int keep_unjudged(struct pipeline *pipeline, const void *data, size_t size)
{
	struct act act = { 0 };
	bool known = !record_decode(data, size, &act);
	bool counts = known && act.record.kind < RECORD_ACTS && !(act.record.facts & FACT(amends));

	if (done(pipeline)) {
		pipeline->totals.filtered += counts;
		pipeline->totals.notes_filtered += known && note_is(&act);
		return 0;
	}
	pipeline->error = pipeline->sink->record(&pipeline->sink_options, data, size);
	if (!pipeline->error && counts) {
		pipeline->totals.emitted++;
		pipeline->full = pipeline->options->count == pipeline->totals.emitted;
	}
	return 0;
}

/* Of a record: closes and notes that nobody asked for now. */
static bool unwanted(const struct pipeline *pipeline, const struct act *act)
{
	if (pipeline->everything)
		return false;
	return (held_is(act) && !pipeline->options->held) ||
	       (note_is(act) && !pipeline->options->all);
}

int pipeline_take(struct pipeline *pipeline, const void *data, size_t size)
{
	struct order *order = &pipeline->order;
	struct act act;
	uint64_t id;
	const char *path = record_cgroup_path(data, size, &id);
	int rc = 0;

	if (pipeline->tally && tally_learn(pipeline->tally, data, size))
		return 0;
	if (path)
		rc = cgroups_learn(pipeline->cgroups, id, path);
	if (pipeline->sink->record)
		return path && rc ? rc : keep_unjudged(pipeline, data, size);
	if (path)
		return rc;
	if (record_decode(data, size, &act)) {
		pipeline->totals.undecodable++;
		return 0;
	}
	if (pipeline->recorded && unwanted(pipeline, &act))
		return 0;
	if (held_is(&act) && pipeline->held)
		held_log_add(pipeline->held, &act.record);
	rc = order_add(order, &act);
	if (!rc && pipeline->stacks)
		stack_note(pipeline->stacks, &order->acts[order->count - 1]);
	return rc;
}

static void find_cgroups(const struct pipeline *pipeline, struct act *act)
{
	const struct record *r = &act->record;

	if (r->known & KNOWN_OWNER)
		act->owner_cgroup = cgroups_path(pipeline->cgroups, r->owner_cgroup);
	act->cgroup = r->known & KNOWN_CGROUP ? cgroups_path(pipeline->cgroups, r->cgroup) :
						act->owner_cgroup;
}

/* Of an act that has passed all filters: they ask for real addresses. */
static void hide(const struct pipeline *pipeline, struct act *act)
{
	if (pipeline->anonym)
		anonym_act(pipeline->anonym, act);
}

/* Who holds the socket, as it is now. */
static const struct held *find_held(struct pipeline *pipeline, const struct act *act)
{
	if (!pipeline->held)
		return NULL;
	held_log_look(pipeline->held);
	return held_log_find(pipeline->held, &act->record);
}

/* No act: it has no verdict, and -c does not count it.  @held: NULL in a live trace. */
static void show_held(struct pipeline *pipeline, struct act *act, const struct held *held)
{
	if (done(pipeline) || !filter_passes_place(pipeline->options, act))
		return;
	if (pipeline->sink_options.silent || !pipeline->sink->held)
		return;
	held = held ?: find_held(pipeline, act);
	hide(pipeline, act);
	if (held)
		pipeline->error = pipeline->sink->held(&pipeline->sink_options, act, held);
	else
		pipeline->totals.held_lost++;
}

/* Nor is this one an act. */
static void show_note(struct pipeline *pipeline, struct act *act)
{
	if (done(pipeline) || !filter_passes_note(pipeline->options, act)) {
		pipeline->totals.notes_filtered++;
		return;
	}
	/* Of a live trace the programs have counted them. */
	pipeline->totals.notes += pipeline->recorded;
	hide(pipeline, act);
	if (pipeline->sink->note && !pipeline->sink_options.silent)
		pipeline->error = pipeline->sink->note(&pipeline->sink_options, act);
}

/* To the sink, and into the counts. */
static int tell(struct pipeline *pipeline, struct act *act)
{
	int rc = 0;

	if (pipeline->summary)
		rc = summary_add(pipeline->summary, act, 1);
	if (rc || pipeline->sink_options.silent)
		return rc;
	if (pipeline->stacks)
		act->frames = stack_frames(pipeline->stacks, act);
	hide(pipeline, act);
	return pipeline->sink->act(&pipeline->sink_options, act);
}

/* What is asked of a record alone. */
static bool is_asked_for(const struct pipeline *pipeline, const struct act *act)
{
	const struct option_report *report = &pipeline->options->report;

	if (act->wall_ns < report->since_ns ||
	    (report->until_ns && act->wall_ns > report->until_ns))
		return false;
	return !pipeline->which || which_takes(pipeline->which, &act->record);
}

/* What the programs have decided of a live trace. */
static bool is_subject(struct pipeline *pipeline, const struct act *act, uint64_t times)
{
	enum record_fate fate = FATE_EMITTED;
	uint64_t count = held_is(act) || note_is(act) ? 0 : times;

	if (pipeline->recorded)
		fate = is_asked_for(pipeline, act) ?
		       subject_fate(pipeline->options, &act->record) : FATE_FILTERED;
	pipeline->totals.notes_filtered += note_is(act) && fate != FATE_EMITTED;
	pipeline->totals.filtered += fate == FATE_FILTERED ? count : 0;
	pipeline->totals.unowned += fate == FATE_UNOWNED ? count : 0;
	return fate == FATE_EMITTED;
}

static void tell_step(struct pipeline *pipeline)
{
	const struct sink *sink = pipeline->sink;

	pipeline->stepped = false;
	if (!done(pipeline) && sink->clock && !pipeline->sink_options.silent)
		pipeline->error = sink->clock(&pipeline->sink_options, pipeline->run,
					      &pipeline->step);
}

void pipeline_step(struct pipeline *pipeline, const struct wall_step *step)
{
	if (pipeline->stepped)
		tell_step(pipeline);
	pipeline->step = *step;
	pipeline->stepped = true;
	/* Nothing waits that is not judged: what comes is after it. */
	if (pipeline->sink->record)
		tell_step(pipeline);
}

/* A judged act is shown when it passes. */
static void show_act(struct pipeline *pipeline, struct act *act, uint64_t times)
{
	int rc;

	if (done(pipeline) || !filter_passes(pipeline->options, act)) {
		pipeline->totals.filtered += times;
		return;
	}
	pipeline->sink_options.times = times;
	rc = tell(pipeline, act);
	if (rc) {
		pipeline->error = rc;
		return;
	}
	totals_add(&pipeline->totals, act, times);
	if (pipeline->options->fail_on.used && choice_takes(&pipeline->options->fail_on, act))
		pipeline->found = true;
	pipeline->full = pipeline->options->count == pipeline->totals.emitted;
}

static void judge(struct pipeline *pipeline, struct act *act)
{
	act_derive(act);
	cause_classify(act);
	if (pipeline->held)
		held_log_tie(pipeline->held, act);
}

static void route(struct pipeline *pipeline, struct act *act, const struct held *held,
		  uint64_t times)
{
	if (!is_subject(pipeline, act, times))
		return;
	if (held_is(act))
		show_held(pipeline, act, held);
	else if (note_is(act))
		show_note(pipeline, act);
	else
		show_act(pipeline, act, times);
}

static void show(void *context, struct act *act)
{
	struct pipeline *pipeline = context;

	if (pipeline->stepped && act->record.time_ns >= pipeline->step.ktime_ns)
		tell_step(pipeline);
	act->wall_ns = wall_at(&pipeline->run->wall, act->record.time_ns);
	/* Half an act, whose first half was lost or told too early: it is counted there. */
	if ((act->record.facts & FACT(amends)) && !act->amended) {
		pipeline->totals.lost_amend++;
		return;
	}
	find_cgroups(pipeline, act);
	if (!held_is(act) && !note_is(act))
		judge(pipeline, act);
	route(pipeline, act, NULL, 1);
}

void pipeline_judged(struct pipeline *pipeline, struct act *act, const struct held *held,
		     uint64_t times)
{
	if (pipeline->stepped && act->wall_ns >= pipeline->step.wall_ns)
		tell_step(pipeline);
	if (!unwanted(pipeline, act))
		route(pipeline, act, held, times);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* No reply was lost that would have changed what is provisional. */
static bool settled(const struct pipeline *pipeline)
{
	return !pipeline->order.amends_lost;
}

static void write_counts(struct pipeline *pipeline, bool over)
{
	const struct options *options = pipeline->options;
	int rc;

	if (pipeline->summary)
		rc = tally_summarize(pipeline->tally, options, settled(pipeline), over,
				     pipeline->summary);
	else
		rc = tally_write(pipeline->tally, options, settled(pipeline), pipeline->sink,
				 &pipeline->sink_options, pipeline->run);
	if (!pipeline->error)
		pipeline->error = rc;
}

/* When counts are written next: into a summary when that is. */
static uint64_t count_due(const struct pipeline *pipeline)
{
	uint64_t every = pipeline->options->count_only_ns;

	if (pipeline->summary)
		return summary_due(pipeline->summary);
	return every ? pipeline->counted_ns + every : UINT64_MAX;
}

/* --count-only: what the programs have counted, when it is due; returns when it is next. */
static uint64_t count(struct pipeline *pipeline)
{
	uint64_t now = pipeline->sink_options.now_ns;

	if (now >= count_due(pipeline)) {
		write_counts(pipeline, false);
		pipeline->counted_ns = now;
	}
	/* Of a summary it is not known before that has been written. */
	return pipeline->summary ? UINT64_MAX : count_due(pipeline);
}

/* What is written once in a while; returns when to look again. */
static uint64_t tick(struct pipeline *pipeline)
{
	const struct sink_options *options = &pipeline->sink_options;
	uint64_t next = UINT64_MAX, due;

	if (done(pipeline))
		return next;
	if (pipeline->sink->tick)
		next = pipeline->sink->tick(options);
	if (pipeline->tally)
		next = earlier(next, count(pipeline));
	if (!pipeline->summary)
		return next;
	due = summary_tick(pipeline->summary, options);
	return earlier(next, due);
}

uint64_t pipeline_drain(struct pipeline *pipeline, uint64_t now_ns)
{
	const struct order *order = &pipeline->order;
	uint64_t next, due;

	/* At the end, when all is due, the time is still that of the last call. */
	if (now_ns != UINT64_MAX)
		pipeline->sink_options.now_ns = now_ns;
	tick(pipeline);
	next = order_release(&pipeline->order, now_ns, show, pipeline);
	if (pipeline->stepped &&
	    (!order->count || order->acts[0].record.time_ns >= pipeline->step.ktime_ns))
		tell_step(pipeline);
	due = tick(pipeline);
	if (due < next)
		next = due;
	if (fflush(pipeline->sink_options.out) && !pipeline->error)
		pipeline->error = -errno;
	return next;
}

void pipeline_summarize(struct pipeline *pipeline)
{
	if (pipeline->tally)
		write_counts(pipeline, true);
	if (pipeline->summary)
		summary_end(pipeline->summary, &pipeline->sink_options);
}

void pipeline_account(const struct pipeline *pipeline, struct totals *totals)
{
	if (pipeline->tally)
		tally_account(pipeline->tally, pipeline->options, settled(pipeline), totals);
}

void pipeline_free(struct pipeline *pipeline)
{
	order_free(&pipeline->order);
	cgroups_free(pipeline->cgroups);
	held_log_free(pipeline->held);
	stack_close(pipeline->stacks);
	summary_free(pipeline->summary);
	tally_free(pipeline->tally);
}
