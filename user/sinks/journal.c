// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * journal.c - entries of journald: MESSAGE is the line of text, each key of JSON is a field
 *
 * Built only with libsystemd.  An entry is sent at once, so that it stands beside what the
 * process itself had to say.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "../cause.h"
#include "../field.h"
#include "../frame.h"
#include "../note.h"
#include "sink.h"

#define SOCKET	"/run/systemd/journal/socket"
#define FIELDS	128	/* of one entry; fields.def has some 60 */

/* syslog(3)'s, as journalctl -p takes them. */
enum { PRIORITY_WARNING = 4, PRIORITY_NOTICE, PRIORITY_INFO };

/* Fields, one behind the other in a stream. */
struct entry {
	FILE *text;
	char *data;
	size_t size;
	size_t at[FIELDS + 1];		/* where each begins */
	size_t count;
};

/* libsystemd takes entries for nobody, and says that all is well. */
static int journal_ready(char message[MESSAGE])
{
	if (!access(SOCKET, W_OK))
		return 0;
	message_form(message, "-o journal needs journald, and " SOCKET " %s; -o json writes the "
		     "same keys", errno == ENOENT ? "is not there" : strerror(errno));
	return -ENOENT;
}

static int entry_begin(struct entry *entry, int priority)
{
	memset(entry, 0, sizeof(*entry));
	entry->text = open_memstream(&entry->data, &entry->size);
	if (!entry->text)
		return -ENOMEM;
	fprintf(entry->text, "SYSLOG_IDENTIFIER=closetrace");
	entry->at[++entry->count] = (size_t)ftell(entry->text);
	fprintf(entry->text, "PRIORITY=%d", priority);
	entry->at[++entry->count] = (size_t)ftell(entry->text);
	return 0;
}

static void entry_end_field(struct entry *entry)
{
	entry->at[++entry->count] = (size_t)ftell(entry->text);
}

__attribute__((format(printf, 2, 3)))
static void entry_add(struct entry *entry, const char *format, ...)
{
	va_list args;

	if (entry->count == FIELDS)
		return;
	va_start(args, format);
	vfprintf(entry->text, format, args);
	va_end(args);
	entry_end_field(entry);
}

/* 0 or a negative errno. */
static int entry_send(struct entry *entry)
{
	struct iovec parts[FIELDS];
	int rc = fclose(entry->text) ? -ENOMEM : 0;

	for (size_t i = 0; i < entry->count; i++)
		parts[i] = (struct iovec){ entry->data + entry->at[i],
					   entry->at[i + 1] - entry->at[i] };
	if (!rc)
		rc = sd_journal_sendv(parts, (int)entry->count);
	free(entry->data);
	return rc < 0 ? rc : 0;
}

/* The name of a field as journald wants it: CLOSETRACE_OWNER_PID= */
static void put_name(struct entry *entry, const char *key)
{
	fputs("CLOSETRACE_", entry->text);
	for (; *key; key++)
		fputc(*key >= 'a' && *key <= 'z' ? *key - 'a' + 'A' : *key, entry->text);
	fputc('=', entry->text);
}

static void put_frames(struct entry *entry, const struct frames *frames)
{
	for (size_t i = 0; i < frames->count; i++) {
		char text[FRAME_TEXT];

		frame_text(&frames->frame[i], text);
		fprintf(entry->text, "%s%s", i ? "\n" : "", text);
	}
}

/* What is null in JSON is no field. */
static void add_field(struct entry *entry, const struct field *field, const struct act *act)
{
	struct value value = { .kind = VALUE_ABSENT };

	field->get(act, &value);
	if (value.kind == VALUE_ABSENT || value.kind == VALUE_NULL || entry->count == FIELDS)
		return;
	put_name(entry, field->key);
	if (value.kind == VALUE_TEXT)
		fputs(value.text, entry->text);
	else if (value.kind == VALUE_INTEGER)
		fprintf(entry->text, "%" PRId64, value.integer);
	else if (value.kind == VALUE_BOOLEAN)
		fputs(value.boolean ? "true" : "false", entry->text);
	else
		put_frames(entry, value.frames);
	entry_end_field(entry);
}

/* The line that the text sink would write, without its time: journald has its own. */
static void add_message(struct entry *entry, const struct sink_options *options,
			const struct act *act, const struct held *held)
{
	const struct sink *text = sink_by_name("text");
	struct act plain = *act;
	struct sink_options line = { .services = options->services, .stamp = STAMP_NONE };
	char *data = NULL;
	size_t size;

	plain.frames = NULL;
	line.out = open_memstream(&data, &size);
	if (!line.out)
		return;
	if (held)
		text->held(&line, &plain, held);
	else if (note_is(act))
		text->note(&line, &plain);
	else
		text->act(&line, &plain);
	fclose(line.out);
	entry_add(entry, "MESSAGE=%.*s", (int)strcspn(data ?: "", "\n"), data ?: "");
	free(data);
}

static int journal_start(const struct sink_options *options, const struct run *run)
{
	struct entry entry;
	int rc = entry_begin(&entry, PRIORITY_INFO);

	if (rc)
		return rc;
	sink_greet(options, run, "writing to the journal");
	entry_add(&entry, "CLOSETRACE_TYPE=start");
	entry_add(&entry, "CLOSETRACE_RUN=%" PRIx64, run->id);
	entry_add(&entry, "CLOSETRACE_VERSION=%s", run->version);
	entry_add(&entry, "CLOSETRACE_TIER=%s", run->tier);
	entry_add(&entry, "MESSAGE=tracing in the %s tier", run->tier);
	return entry_send(&entry);
}

static int priority_of(const struct act *act)
{
	if (act_loses_data(act))
		return PRIORITY_WARNING;
	return cause_unexpected(act) ? PRIORITY_NOTICE : PRIORITY_INFO;
}

static int journal_act(const struct sink_options *options, const struct act *act)
{
	struct entry entry;
	int rc = entry_begin(&entry, priority_of(act));

	if (rc)
		return rc;
	entry_add(&entry, "CLOSETRACE_TYPE=act");
	add_message(&entry, options, act, NULL);
	for (size_t i = 0; i < field_count; i++)
		add_field(&entry, &fields[i], act);
	return entry_send(&entry);
}

static int journal_held(const struct sink_options *options, const struct act *act,
			const struct held *held)
{
	struct entry entry;
	int rc = entry_begin(&entry, PRIORITY_INFO);

	if (rc)
		return rc;
	entry_add(&entry, "CLOSETRACE_TYPE=held");
	add_message(&entry, options, act, held);
	for (size_t i = 0; i < field_count; i++) {
		if (field_of_held(&fields[i]))
			add_field(&entry, &fields[i], act);
	}
	entry_add(&entry, "CLOSETRACE_REFERENCES=%u", held->record.references);
	return entry_send(&entry);
}

static int journal_note(const struct sink_options *options, const struct act *note)
{
	struct entry entry;
	int rc = entry_begin(&entry, PRIORITY_INFO);

	if (rc)
		return rc;
	entry_add(&entry, "CLOSETRACE_TYPE=note");
	entry_add(&entry, "CLOSETRACE_NOTE=%s", note_info(note)->name);
	add_message(&entry, options, note, NULL);
	for (size_t i = 0; i < field_count; i++) {
		if (note_has_field(&fields[i], note_info(note)->task))
			add_field(&entry, &fields[i], note);
	}
	return entry_send(&entry);
}

/* An account that is not complete is worth a look. */
static int journal_end(const struct sink_options *options, const struct run *run,
		       const struct totals *totals)
{
	uint64_t lost = totals_lost(totals);
	struct entry entry;
	int rc = entry_begin(&entry, totals_complete(totals) ? PRIORITY_INFO : PRIORITY_WARNING);

	if (rc)
		return rc;
	entry_add(&entry, "CLOSETRACE_TYPE=end");
	entry_add(&entry, "CLOSETRACE_RUN=%" PRIx64, run->id);
	entry_add(&entry, "CLOSETRACE_SEEN=%" PRIu64, totals->seen);
	entry_add(&entry, "CLOSETRACE_EMITTED=%" PRIu64, totals->emitted);
	entry_add(&entry, "CLOSETRACE_FILTERED=%" PRIu64, totals->filtered);
	entry_add(&entry, "CLOSETRACE_LOST=%" PRIu64, lost);
	entry_add(&entry, "CLOSETRACE_STATUS=%d", totals->status);
	entry_add(&entry, "MESSAGE=%" PRIu64 " acts; %" PRIu64 " lost", totals->emitted, lost);
	rc = entry_send(&entry);
	return rc ?: sink_by_name("text")->end(options, run, totals);
}

static const struct sink journal_sink = {
	.name = "journal",
	.summary = "entries of journald, their fields those of JSON: CLOSETRACE_CAUSE, ...",
	.runs = true,
	.ready = journal_ready,
	.start = journal_start,
	.act = journal_act,
	.held = journal_held,
	.note = journal_note,
	.end = journal_end,
};
SINK_REGISTER(journal_sink);
