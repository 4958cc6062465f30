// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* story_tell.c - a connection in words: who did what, by which evidence, and what it means */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "choice.h"
#include "evidence.h"
#include "note.h"
#include "story.h"
#include "topic.h"
#include "wrap.h"
#include "sinks/line.h"

#define INDENT	6
#define LABEL	8	/* of what stands behind a label, from INDENT */
#define WHO	(LINE_WHO + 32)	/* of who did it, in words */
#define TEXT	(WHO + 256)	/* of a sentence */
#define CGROUP_ROOM	512

struct teller {
	const struct story *story;
	const struct story_connection *connection;
	const struct sink_options *options;
	cause_set told;		/* what a cause means is said once */
};

static int columns_of(const struct teller *teller)
{
	unsigned int columns = teller->options->columns;

	return columns && columns < WRAP_COLUMNS ? (int)columns : WRAP_COLUMNS;
}

static void paragraph(const struct teller *teller, const char *label, const char *text)
{
	FILE *out = teller->options->out;
	int indent = INDENT + (*label ? LABEL : 0);

	if (!text || !*text)
		return;
	fprintf(out, "%*s%-*s", INDENT, "", indent - INDENT, label);
	wrap_within(out, text, indent, columns_of(teller));
}

static const struct act *act_at(const struct teller *teller, size_t i)
{
	return &teller->story->event[i].act;
}

static bool is_of(const struct teller *teller, size_t i)
{
	return &teller->story->connection[teller->story->event[i].connection] ==
	       teller->connection;
}

static bool is_ending(const struct act *act)
{
	return !held_is(act) && !note_is(act);
}

static void end_of(const struct teller *teller, const struct record *r, char end[LINE_END])
{
	line_end(teller->options, r->laddr, r->family, r->lport, end);
}

/* "nginx[812]", or who owned it, or nobody. */
static void doer(const struct act *act, char text[WHO])
{
	char who[LINE_WHO];

	line_who(act, who);
	if (who[0] == '(')
		snprintf(text, WHO, "the kernel, for %.*s,", (int)strlen(who) - 2, who + 1);
	else
		snprintf(text, WHO, "%s", who[0] == '-' ? "the kernel" : who);
}

static void owner(const struct act *act, char text[WHO])
{
	char who[LINE_WHO];

	line_who(act, who);
	if (who[0] == '-')
		strcpy(text, "a socket of unknown owner");
	else if (who[0] == '(')
		snprintf(text, WHO, "the socket of %.*s", (int)strlen(who) - 2, who + 1);
	else
		snprintf(text, WHO, "the socket of %s", who);
}

static void say_reply(const struct act *act, char text[TEXT])
{
	char who[WHO];

	doer(act, who);
	if (act->cause->class == CLASS_REPLY)
		snprintf(text, TEXT, "%s answered a segment with a RST; no connection of ours died "
			 "by it", who);
	else
		snprintf(text, TEXT, "%s answered a segment with a RST", who);
}

static void say_ending(const struct act *act, char text[TEXT])
{
	char who[WHO];

	if (act_has(act, FACT(rst_reply)) && !act->amended) {
		say_reply(act, text);
		return;
	}
	if (act_direction(act) == DIRECTION_IN) {
		owner(act, who);
		snprintf(text, TEXT, "a RST came for %s", who);
		return;
	}
	doer(act, who);
	if (act_wire(act) == WIRE_FIN)
		snprintf(text, TEXT, "%s ended its direction: a FIN was sent", who);
	else if (act_wire(act) == WIRE_RST)
		snprintf(text, TEXT, "%s reset the connection: a RST was sent", who);
	else
		snprintf(text, TEXT, "%s ended it without a packet", who);
}

static void say_held(const struct story_event *event, char text[TEXT])
{
	uint32_t left = event->act.record.references;
	char who[WHO];
	size_t used;

	doer(&event->act, who);
	used = (size_t)snprintf(text, TEXT, "%s closed a descriptor of it, which ended nothing: %u "
				"reference%s left", who, left, left == 1 ? "" : "s");
	for (size_t i = 0; i < event->pid_count && used < TEXT - 32; i++)
		used += (size_t)snprintf(text + used, TEXT - used, "%s%d",
					 i ? ", " : ", held by process ", event->pids[i]);
	if (event->more_pids)
		snprintf(text + used, TEXT - used, " and others");
}

static void say(const struct story_event *event, char text[TEXT])
{
	const struct act *act = &event->act;
	char who[LINE_WHO];

	if (held_is(act)) {
		say_held(event, text);
	} else if (note_is(act)) {
		line_who(act, who);
		snprintf(text, TEXT, "%s%s(%s) %s", note_info(act)->task ? who : "",
			 note_info(act)->task ? " " : "", note_info(act)->name,
			 note_info(act)->text);
	} else {
		say_ending(act, text);
	}
}

/* The other end's reset, when that is in the record: then it is known why this one came. */
static const struct act *sender_of(const struct teller *teller, const struct act *victim)
{
	int side = story_side(teller->story, &victim->record);

	if (act_direction(victim) != DIRECTION_IN)
		return NULL;
	for (size_t i = teller->connection->first; i <= teller->connection->last; i++) {
		const struct act *act = act_at(teller, i);

		if (is_of(teller, i) && is_ending(act) && act_wire(act) == WIRE_RST &&
		    act_direction(act) == DIRECTION_OUT &&
		    story_side(teller->story, &act->record) != side)
			return act;
	}
	return NULL;
}

/* What explain says of it. */
static void tell_topic(struct teller *teller, const struct act *act)
{
	const struct topic *topic = topic_by_name(act->cause->slug);
	cause_set row;

	if (!topic)
		return;
	row = (cause_set)1 << (act->cause - cause_rows);
	if (teller->told & row)
		return;
	teller->told |= row;
	paragraph(teller, "means", topic->text->meaning);
	paragraph(teller, "peer", topic->text->peer);
	if (cause_unexpected(act))
		paragraph(teller, "mend", act->cause->mend);
}

static void explain(struct teller *teller, const struct act *act)
{
	const struct act *sender = sender_of(teller, act);
	char evidence[EVIDENCE_ROOM], line[256];

	snprintf(line, sizeof(line), "%s%s (%s): %s", act->cause->slug,
		 act->exact ? "" : ", inferred", cause_class_name(act->cause->class),
		 act->cause->summary);
	paragraph(teller, "", line);
	evidence_text(act, evidence, sizeof(evidence));
	paragraph(teller, "seen", evidence);
	if (!sender) {
		tell_topic(teller, act);
		return;
	}
	snprintf(line, sizeof(line), "the other end sent it, for the reason told there: %s",
		 sender->cause->slug);
	paragraph(teller, "means", line);
}

/* Local date and time of the first event, the time since then of all others. */
static void stamp(const struct teller *teller, size_t i)
{
	uint64_t first = act_at(teller, teller->connection->first)->wall_ns;
	uint64_t at = act_at(teller, i)->wall_ns;
	char when[WORDS_TIME];

	if (i == teller->connection->first)
		stamp_text(STAMP_DATE, at, 0, when);
	else
		snprintf(when, sizeof(when), "+%" PRIu64 ".%06" PRIu64 " s",
			 (at - first) / 1000000000, (at - first) / 1000 % 1000000);
	fputs(when, teller->options->out);
}

static void tell_event(struct teller *teller, size_t i)
{
	const struct story_event *event = &teller->story->event[i];
	char end[LINE_END], text[TEXT];

	end_of(teller, &event->act.record, end);
	say(event, text);
	stamp(teller, i);
	fprintf(teller->options->out, "  at %s\n", end);
	paragraph(teller, "", text);
	if (is_ending(&event->act))
		explain(teller, &event->act);
	fputc('\n', teller->options->out);
}

/* The last word of an end on its connection: it knows most. */
static const struct act *last_of(const struct teller *teller, int side)
{
	const struct act *found = NULL;

	for (size_t i = teller->connection->first; i <= teller->connection->last; i++) {
		const struct act *act = act_at(teller, i);

		if (is_of(teller, i) && story_side(teller->story, &act->record) == side &&
		    act->record.known & KNOWN_SOCKET && (!found || is_ending(act)))
			found = act;
	}
	return found;
}

static const char *role_of(const struct record *r)
{
	if (r->role == ROLE_CLIENT)
		return "client";
	return r->role == ROLE_SERVER ? "server" : "either role";
}

static void tell_owner(FILE *out, const struct act *act)
{
	static const char *const known_by[] = { "", "connect", "accept", "being there before",
						"the last one who had it", "its listener" };
	const char *cgroup = act->owner_cgroup ?: act->cgroup;
	char who[WORDS_COMM], path[CGROUP_ROOM];

	words_comm(act->record.owner.comm, sizeof(act->record.owner.comm), who);
	fprintf(out, ", of %s[%u], known by %s", who, act->record.owner.pid,
		known_by[act->record.owner_by]);
	if (!cgroup)
		return;
	words_inert(cgroup, strlen(cgroup), path, sizeof(path));
	fprintf(out, ", in %s", path);
}

/* What is right only when it has ended. */
static void tell_life(FILE *out, const struct record *r)
{
	const char *separator = "    ";

	if (r->known & KNOWN_BORN) {
		fprintf(out, "%slived %.6f s", separator, (double)(r->time_ns - r->born_ns) / 1e9);
		separator = ", ";
	}
	if (r->known & KNOWN_BYTES) {
		fprintf(out, "%ssent %llu B, received %llu B", separator, r->bytes_sent,
			r->bytes_received);
		separator = ", ";
	}
	if (*separator == ',')
		fputc('\n', out);
}

static void tell_end(const struct teller *teller, int side)
{
	const struct act *act = last_of(teller, side);
	FILE *out = teller->options->out;
	char end[LINE_END];

	if (!act)
		return;
	end_of(teller, &act->record, end);
	fprintf(out, "  %s: %s, socket %llx", end, role_of(&act->record), act->record.socket);
	if (act->record.known & KNOWN_OWNER)
		tell_owner(out, act);
	fputc('\n', out);
	if (is_ending(act))
		tell_life(out, &act->record);
}

/* What decided it: the first that was not orderly, else the first FIN. */
static const struct act *decisive(const struct teller *teller)
{
	const struct act *found = NULL;

	for (size_t i = teller->connection->first; i <= teller->connection->last; i++) {
		const struct act *act = act_at(teller, i);

		if (!is_of(teller, i) || !is_ending(act))
			continue;
		if (!found || (!cause_unexpected(found) && cause_unexpected(act)))
			found = act;
	}
	return found;
}

static void tell_short(const struct teller *teller)
{
	const struct act *act = decisive(teller);
	char end[LINE_END], text[TEXT + 256], what[TEXT];

	if (!act)
		return;
	end_of(teller, &act->record, end);
	say_ending(act, what);
	snprintf(text, sizeof(text), "In short: at %s %s (%s)%s.", end, what, act->cause->slug,
		 act_loses_data(act) ? "; data was lost" : "");
	fputs("  ", teller->options->out);
	wrap_within(teller->options->out, text, 2, columns_of(teller));
}

static void tell_connection(struct teller *teller)
{
	const struct record *r = &act_at(teller, teller->connection->first)->record;
	char one[LINE_END], other[LINE_END];
	FILE *out = teller->options->out;

	line_end(teller->options, teller->story->ends.end[0].address, r->family,
		 teller->story->ends.end[0].port, one);
	line_end(teller->options, teller->story->ends.end[1].address, r->family,
		 teller->story->ends.end[1].port, other);
	fprintf(out, "connection %s - %s\n", one, other);
	tell_end(teller, 0);
	tell_end(teller, 1);
	if (!last_of(teller, 0) != !last_of(teller, 1))
		fputs("  the other end is not in this record\n", out);
	tell_short(teller);
	fputc('\n', out);
	for (size_t i = teller->connection->first; i <= teller->connection->last; i++) {
		if (is_of(teller, i))
			tell_event(teller, i);
	}
}

int story_tell(const struct story *story, const struct sink_options *options)
{
	for (size_t i = 0; i < story->connections; i++) {
		struct teller teller = { .story = story, .connection = &story->connection[i],
					 .options = options };

		if (story_wants(story, teller.connection))
			tell_connection(&teller);
	}
	return sink_failed(options->out);
}
