// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * text.c - one line an act for people; two below 100 columns, because addresses are never cut
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "../cause.h"
#include "../evidence.h"
#include "../frame.h"
#include "../words.h"
#include "sink.h"

#define FOLD_COLUMNS	100
#define EVIDENCE	768

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

/* "nginx[812]" decided it, "(nginx[812])" only owned the socket, "-": not known. */
static void who(const struct act *act, char *buffer, size_t size)
{
	const struct record *r = &act->record;
	char comm[WORDS_COMM];

	if (r->known & KNOWN_ACTOR) {
		words_comm(r->actor.comm, sizeof(r->actor.comm), comm);
		snprintf(buffer, size, "%s[%u]", comm, r->actor.pid);
	} else if (r->known & KNOWN_OWNER) {
		words_comm(r->owner.comm, sizeof(r->owner.comm), comm);
		snprintf(buffer, size, "(%s[%u])", comm, r->owner.pid);
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

static int text_act(const struct sink_options *options, const struct act *act)
{
	const struct record *r = &act->record;
	char when[WORDS_TIME], whom[WORDS_COMM + 16], evidence[EVIDENCE];
	char local[WORDS_ADDRESS + 10], peer[WORDS_ADDRESS + 10], cause[40];

	words_clock(act->wall_ns, when);
	who(act, whom, sizeof(whom));
	endpoint(r->laddr, r->family, r->lport, local, sizeof(local));
	endpoint(r->raddr, r->family, r->rport, peer, sizeof(peer));
	/* ~ marks a verdict that is inferred; unknown says so itself. */
	snprintf(cause, sizeof(cause), "%s%s", act->cause->slug,
		 act->exact || act->cause->class == CLASS_UNKNOWN ? "" : "~");
	evidence_text(act, evidence, sizeof(evidence));
	if (act->late)
		strncat(evidence, " (late)", sizeof(evidence) - strlen(evidence) - 1);
	if (folds(options))
		fprintf(options->out, "%-12s  %-18s  %s > %s\n  %-5s  %-22s  %s\n", when, whom,
			local, peer, arrow(act), cause, evidence);
	else
		fprintf(options->out, "%-12s  %-18s  %-21s  %-21s  %-5s  %-22s  %s\n", when, whom,
			local, peer, arrow(act), cause, evidence);
	if (options->verbose)
		fprintf(options->out, "    why: %s\n    mend: %s\n", act->cause->summary,
			act->cause->mend);
	if (act->frames) {
		print_frames(options->out, &act->frames->user);
		print_frames(options->out, &act->frames->kernel);
	}
	return failed(options->out);
}

static void count(FILE *out, uint64_t number, const char *what)
{
	if (number)
		fprintf(out, ", %" PRIu64 " %s", number, what);
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
	count(out, totals->stack_full, "stacks not taken (raise --buffer)");
	count(out, totals->unowned, "of unknown owner not shown");
	count(out, totals->late, "late");
	fputc('\n', out);
	return 0;
}

static const struct sink text_sink = {
	.name = "text",
	.summary = "one line an act, for people (the default)",
	.start = text_start,
	.act = text_act,
	.end = text_end,
};
SINK_REGISTER(text_sink);
