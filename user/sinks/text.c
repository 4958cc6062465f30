// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * text.c - one line an act for people; two below 100 columns, because addresses are never cut
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../cause.h"
#include "../evidence.h"
#include "../frame.h"
#include "../note.h"
#include "../wrap.h"
#include "flood.h"
#include "line.h"

/* A record may have runs of several boots, each with a clock of its own. */
struct moment {
	uint64_t run;
	uint64_t ktime_ns;	/* CLOCK_MONOTONIC; 0: there is none */
	uint64_t wall_ns;
};

static struct {
	struct moment start, last;	/* last: of the line before */
	struct flood flood;
} stream;

static int text_start(const struct sink_options *options, const struct run *run)
{
	memset(&stream, 0, sizeof(stream));
	stream.start = (struct moment){ run->id,
					run->start_wall_ns - (uint64_t)run->wall.last.wall_ns,
					run->start_wall_ns };
	if (!options->messages)
		return 0;
	sink_greet(options, run, "tracing");
	if (!options->silent)
		line_head(options);
	return sink_failed(options->out);
}

static const char *arrow(const struct act *act)
{
	if (act_wire(act) == WIRE_FIN)
		return "FIN>";
	if (act_wire(act) == WIRE_RST)
		return act_direction(act) == DIRECTION_IN ? "<RST" : "RST>";
	return "-";
}

static void print_frames(FILE *out, const struct frames *frames)
{
	char text[FRAME_TEXT];

	for (size_t i = 0; frames->known && i < frames->count; i++) {
		frame_text(&frames->frame[i], text);
		fprintf(out, "    %s\n", text);
	}
}

static enum paint paint_of(const struct act *act)
{
	static const enum paint paints[CAUSE_CLASSES] = {
		[CLASS_UNKNOWN] = PAINT_ALARM,	   [CLASS_ORDERLY] = PAINT_GOOD,
		[CLASS_LOCAL_RESET] = PAINT_OURS,  [CLASS_KILLED] = PAINT_OURS,
		[CLASS_PEER_RESET] = PAINT_THEIRS, [CLASS_REFUSED] = PAINT_THEIRS,
		[CLASS_TIMEOUT] = PAINT_THEIRS,	   [CLASS_REPLY] = PAINT_REPLY,
	};

	return paints[act->cause->class];
}

/* On a terminal only so many lines a second; @name is what the others are counted as. */
static bool room(const struct sink_options *options, unsigned int lines, const char *name)
{
	if (line_folds(options))
		lines++;
	return !options->columns || options->recorded ||
	       flood_admits(&stream.flood, options->now_ns, lines, name);
}

/* From a run to another by the time of day, which may have been set back meanwhile. */
static int64_t passed(const struct moment *from, const struct moment *to)
{
	if (!from->ktime_ns)
		return 0;
	if (from->run == to->run)
		return (int64_t)(to->ktime_ns - from->ktime_ns);
	return to->wall_ns > from->wall_ns ? (int64_t)(to->wall_ns - from->wall_ns) : 0;
}

/* For the styles of -t that count from something. */
static int64_t since(const struct sink_options *options, const struct moment *now)
{
	int64_t ns = passed(options->stamp == STAMP_ELAPSED ? &stream.start : &stream.last, now);

	stream.last = *now;
	return ns;
}

static void put(const struct sink_options *options, struct line *line)
{
	const struct record *r = &line->act->record;

	line->since_ns = since(options, &(struct moment){ r->run, r->time_ns,
							  line->act->wall_ns });
	line_print(options, line);
}

/* In parentheses, as it is no cause: nothing has ended. */
static int text_held(const struct sink_options *options, const struct act *act,
		     const struct held *held)
{
	const char *via = act_via(act);
	char evidence[EVIDENCE_ROOM];
	size_t used;

	if (!room(options, 1, "(held)"))
		return 0;
	used = (size_t)snprintf(evidence, sizeof(evidence), "%s: %u reference%s left, %s",
				via ?: "closed", held->record.references,
				held->record.references == 1 ? "" : "s",
				held->count ? "held by" : "a call in progress or in flight");
	for (size_t i = 0; i < held->count && used < sizeof(evidence); i++)
		used += (size_t)snprintf(evidence + used, sizeof(evidence) - used, " %d",
					 held->pids[i]);
	if (held->more)
		strncat(evidence, " and others", sizeof(evidence) - strlen(evidence) - 1);
	put(options, &(struct line){ .act = act, .wire = "-", .what = "(held)",
				     .evidence = evidence, .paint = PAINT_ASIDE });
	return sink_failed(options->out);
}

static size_t frame_count(const struct frames *frames)
{
	return frames->known ? frames->count : 0;
}

static unsigned int lines_of(const struct sink_options *options, const struct act *act)
{
	size_t lines = options->verbose ? 3 : 1;

	if (act->frames)
		lines += frame_count(&act->frames->user) + frame_count(&act->frames->kernel);
	return (unsigned int)lines;
}

static void hint(const struct sink_options *options, const char *label, const char *text)
{
	fputs(label, options->out);
	wrap_within(options->out, text, (int)strlen(label), (int)options->columns);
}

static int text_act(const struct sink_options *options, const struct act *act)
{
	char evidence[EVIDENCE_ROOM], cause[40];

	if (!room(options, lines_of(options, act), act->cause->slug))
		return 0;
	/* ~ marks a verdict that is inferred; unknown says so itself. */
	snprintf(cause, sizeof(cause), "%s%s", act->cause->slug,
		 act->exact || act->cause->class == CLASS_UNKNOWN ? "" : "~");
	evidence_text(act, evidence, sizeof(evidence));
	if (act->late)
		strncat(evidence, " (late)", sizeof(evidence) - strlen(evidence) - 1);
	put(options, &(struct line){ .act = act, .wire = arrow(act), .what = cause,
				     .evidence = evidence, .paint = paint_of(act),
				     .bold = act_loses_data(act) });
	if (options->verbose) {
		hint(options, "    why: ", act->cause->summary);
		hint(options, "    mend: ", act->cause->mend);
	}
	if (act->frames) {
		print_frames(options->out, &act->frames->user);
		print_frames(options->out, &act->frames->kernel);
	}
	return sink_failed(options->out);
}

/* In parentheses, so that nobody takes it for a cause. */
static int text_note(const struct sink_options *options, const struct act *note)
{
	char name[40], evidence[128];

	if (!room(options, 1, note_info(note)->name))
		return 0;
	snprintf(name, sizeof(name), "(%s)", note_info(note)->name);
	snprintf(evidence, sizeof(evidence), "%s%s", note_info(note)->text,
		 note->late ? " (late)" : "");
	put(options, &(struct line){ .act = note, .wire = ".", .what = name,
				     .evidence = evidence, .paint = PAINT_ASIDE });
	return sink_failed(options->out);
}

/* By how much, so that times before and after can be compared. */
static int text_clock(const struct sink_options *options, const struct run *run,
		      const struct wall_step *step)
{
	const struct moment now = { run->id, step->ktime_ns, step->wall_ns };
	char when[WORDS_TIME];

	stamp_text(options->stamp, step->wall_ns, since(options, &now), when);
	if (options->stamp != STAMP_NONE)
		fprintf(options->out, "%s  ", when);
	if (step->slept_ns)
		fprintf(options->out, "the host slept for %.3f s%s", (double)step->slept_ns / 1e9,
			step->step_ns ? "; " : "");
	if (step->step_ns)
		fprintf(options->out, "the clock was set %s by %.6f s",
			step->step_ns < 0 ? "back" : "forward",
			fabs((double)step->step_ns / 1e9));
	fputc('\n', options->out);
	return sink_failed(options->out);
}

static int text_suppressed(const struct sink_options *options, const struct run *run,
			   const char *share, uint64_t count)
{
	(void)run;
	fprintf(options->out, "+ %" PRIu64 " %s suppressed, a storm of them fills the ring\n",
		count, share);
	return sink_failed(options->out);
}

static void count(FILE *out, uint64_t number, const char *what)
{
	if (number)
		fprintf(out, ", %" PRIu64 " %s", number, what);
}

static void print_notes(FILE *out, const struct totals *totals)
{
	const char *separator = ": ";

	fprintf(out, "%" PRIu64 " note%s", totals->notes, totals->notes == 1 ? "" : "s");
	for (size_t note = NOTE_NONE + 1; note < NOTES; note++) {
		if (!totals->note[note])
			continue;
		fprintf(out, "%s%" PRIu64 " %s", separator, totals->note[note],
			note_table[note].name);
		separator = ", ";
	}
	fprintf(out, "; %" PRIu64 " lost", totals->notes_lost);
	count(out, totals->notes_filtered, "filtered");
	fputc('\n', out);
}

static int text_end(const struct sink_options *options, const struct run *run,
		    const struct totals *totals)
{
	FILE *out = options->messages;
	const char *separator = ": ";

	(void)run;
	flood_tell(&stream.flood, options->out);
	if (!out)
		return sink_failed(options->out);
	fprintf(out, "%" PRIu64 " act%s", totals->emitted, totals->emitted == 1 ? "" : "s");
	const struct { uint64_t number; const char *what; } wires[] = {
		{ totals->wire_fin, "FIN" },
		{ totals->wire_rst_out, "RST sent" },
		{ totals->wire_rst_in, "RST received" },
		{ totals->wire_none, "without a packet" },
	};
	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
		if (!wires[i].number)
			continue;
		fprintf(out, "%s%" PRIu64 " %s", separator, wires[i].number, wires[i].what);
		separator = ", ";
	}
	fprintf(out, "; %" PRIu64 " lost", totals_lost(totals));
	count(out, totals->lost_ring, "for want of room in the ring (raise --buffer)");
	count(out, totals->suppressed, "suppressed in storms (raise --buffer)");
	count(out, totals->lost_store, "that could not be written to the record");
	count(out, totals->lost_pending, "for want of room for samples (raise --samples)");
	count(out, totals->lost_table, "for want of room for their like");
	count(out, totals->undecodable, "not understood");
	count(out, totals->lost_amend, "left provisional");
	count(out, totals->missed, "program runs skipped by the kernel");
	count(out, totals->owner_full, "owners not remembered");
	count(out, totals->note_full, "facts not remembered");
	count(out, totals->children_full, "processes not followed");
	count(out, totals->held_lost, "closes not looked at, or not told (--held)");
	count(out, totals->stack_full, "stacks not taken (raise --buffer)");
	count(out, totals->unowned, "of unknown owner not shown");
	count(out, totals->late, "late");
	fputc('\n', out);
	if (totals->all)
		print_notes(out, totals);
	return sink_failed(options->out);
}

/* The sum of what a terminal did not get, once a second. */
static uint64_t text_tick(const struct sink_options *options)
{
	if (options->now_ns >= flood_due(&stream.flood))
		flood_tell(&stream.flood, options->out);
	return flood_due(&stream.flood);
}

static const struct sink text_sink = {
	.name = "text",
	.summary = "one line an act, for people (the default)",
	.start = text_start,
	.act = text_act,
	.held = text_held,
	.note = text_note,
	.tick = text_tick,
	.clock = text_clock,
	.suppressed = text_suppressed,
	.end = text_end,
};
SINK_REGISTER(text_sink);
