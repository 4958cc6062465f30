// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * text.c - one line an act for people; two below 100 columns, because addresses are never cut
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>

#include "../cause.h"
#include "../evidence.h"
#include "../frame.h"
#include "../note.h"
#include "../words.h"
#include "sink.h"

#define FOLD_COLUMNS	100

static bool folds(const struct sink_options *options)
{
	return options->columns && options->columns < FOLD_COLUMNS;
}

static int failed(FILE *out)
{
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}

static int text_start(const struct sink_options *options, const struct run *run)
{
	if (!options->messages)
		return 0;
	if (folds(options))
		fprintf(options->out, "%-12s  %-18s  %s > %s\n  %-5s  %-22s  %s\n", "TIME", "WHO",
			"LOCAL", "PEER", "WIRE", "CAUSE", "EVIDENCE");
	else
		fprintf(options->out, "%-12s  %-18s  %-21s  %-21s  %-5s  %-22s  %s\n", "TIME",
			"WHO", "LOCAL", "PEER", "WIRE", "CAUSE", "EVIDENCE");
	fprintf(options->messages, "closetrace: tracing in the %s tier, Ctrl-C ends\n", run->tier);
	return failed(options->out);
}

/* "nginx[812]"; "nginx[-]": its number is not one of our pid namespace. */
static void task(const struct record_task *task, char *buffer, size_t size)
{
	char comm[WORDS_COMM];

	words_comm(task->comm, sizeof(task->comm), comm);
	if (task->pid)
		snprintf(buffer, size, "%s[%u]", comm, task->pid);
	else
		snprintf(buffer, size, "%s[-]", comm);
}

/*
 * "nginx[812]" decided it, "(nginx[812])" only owned the socket, "(~nginx[812])": that is inferred,
 * "-": not known.
 */
static void who(const struct act *act, char *buffer, size_t size)
{
	const struct record *r = &act->record;
	char name[WORDS_COMM + 16];

	if (r->known & KNOWN_ACTOR) {
		task(&r->actor, buffer, size);
	} else if (r->known & KNOWN_OWNER) {
		task(&r->owner, name, sizeof(name));
		snprintf(buffer, size, "(%s%s)", r->owner_by == OWNER_LISTENER ? "~" : "", name);
	} else {
		snprintf(buffer, size, "-");
	}
}

static void endpoint(const uint8_t address[16], int family, uint16_t port, char *buffer,
		     size_t size)
{
	char text[WORDS_ADDRESS];

	words_address(address, family, text);
	snprintf(buffer, size, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
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

/* One line, or two on a narrow terminal. */
static void line(const struct sink_options *options, const struct act *act, const char *wire,
		 const char *what, const char *evidence)
{
	const struct record *r = &act->record;
	char when[WORDS_TIME], whom[WORDS_COMM + 20];
	char local[WORDS_ADDRESS + 10], peer[WORDS_ADDRESS + 10];

	words_clock(act->wall_ns, when);
	who(act, whom, sizeof(whom));
	endpoint(r->laddr, r->family, r->lport, local, sizeof(local));
	endpoint(r->raddr, r->family, r->rport, peer, sizeof(peer));
	if (folds(options))
		fprintf(options->out, "%-12s  %-18s  %s > %s\n  %-5s  %-22s  %s\n", when, whom,
			local, peer, wire, what, evidence);
	else
		fprintf(options->out, "%-12s  %-18s  %-21s  %-21s  %-5s  %-22s  %s\n", when, whom,
			local, peer, wire, what, evidence);
}

/* In parentheses, as it is no cause: nothing has ended. */
static int text_held(const struct sink_options *options, const struct act *act,
		     const struct held *held)
{
	const char *via = act_via(act);
	char evidence[EVIDENCE_ROOM];
	size_t used;

	used = (size_t)snprintf(evidence, sizeof(evidence), "%s: %u reference%s left, %s",
				via ?: "closed", held->record.references,
				held->record.references == 1 ? "" : "s",
				held->count ? "held by" : "a call in progress or in flight");
	for (size_t i = 0; i < held->count && used < sizeof(evidence); i++)
		used += (size_t)snprintf(evidence + used, sizeof(evidence) - used, " %d",
					 held->pids[i]);
	if (held->more)
		strncat(evidence, " and others", sizeof(evidence) - strlen(evidence) - 1);
	line(options, act, "-", "(held)", evidence);
	return failed(options->out);
}

static int text_act(const struct sink_options *options, const struct act *act)
{
	char evidence[EVIDENCE_ROOM], cause[40];

	/* ~ marks a verdict that is inferred; unknown says so itself. */
	snprintf(cause, sizeof(cause), "%s%s", act->cause->slug,
		 act->exact || act->cause->class == CLASS_UNKNOWN ? "" : "~");
	evidence_text(act, evidence, sizeof(evidence));
	if (act->late)
		strncat(evidence, " (late)", sizeof(evidence) - strlen(evidence) - 1);
	line(options, act, arrow(act), cause, evidence);
	if (options->verbose)
		fprintf(options->out, "    why: %s\n    mend: %s\n", act->cause->summary,
			act->cause->mend);
	if (act->frames) {
		print_frames(options->out, &act->frames->user);
		print_frames(options->out, &act->frames->kernel);
	}
	return failed(options->out);
}

/* In parentheses, so that nobody takes it for a cause. */
static int text_note(const struct sink_options *options, const struct act *note)
{
	char name[40], text[128];

	snprintf(name, sizeof(name), "(%s)", note_info(note)->name);
	snprintf(text, sizeof(text), "%s%s", note_info(note)->text, note->late ? " (late)" : "");
	line(options, note, ".", name, text);
	return failed(options->out);
}

/* By how much, so that times before and after can be compared. */
static int text_clock(const struct sink_options *options, const struct run *run,
		      const struct wall_step *step)
{
	char when[WORDS_TIME];

	(void)run;
	words_clock(step->wall_ns, when);
	fprintf(options->out, "%-12s  ", when);
	if (step->slept_ns)
		fprintf(options->out, "the host slept for %.3f s%s", (double)step->slept_ns / 1e9,
			step->step_ns ? "; " : "");
	if (step->step_ns)
		fprintf(options->out, "the clock was set %s by %.6f s",
			step->step_ns < 0 ? "back" : "forward",
			fabs((double)step->step_ns / 1e9));
	fputc('\n', options->out);
	return failed(options->out);
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
	if (!out)
		return 0;
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
	count(out, totals->lost_pending, "for want of room for samples");
	count(out, totals->undecodable, "not understood");
	count(out, totals->lost_amend, "left provisional");
	count(out, totals->missed, "program runs skipped by the kernel");
	count(out, totals->owner_full, "owners not remembered");
	count(out, totals->note_full, "facts not remembered");
	count(out, totals->children_full, "processes not followed");
	count(out, totals->held_lost, "closes that were not the last not told");
	count(out, totals->stack_full, "stacks not taken (raise --buffer)");
	count(out, totals->unowned, "of unknown owner not shown");
	count(out, totals->late, "late");
	fputc('\n', out);
	if (totals->all)
		print_notes(out, totals);
	return 0;
}

static const struct sink text_sink = {
	.name = "text",
	.summary = "one line an act, for people (the default)",
	.start = text_start,
	.act = text_act,
	.held = text_held,
	.note = text_note,
	.clock = text_clock,
	.end = text_end,
};
SINK_REGISTER(text_sink);
