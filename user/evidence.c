// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "cause.h"
#include "evidence.h"
#include "field.h"
#include "words.h"

struct text {
	char *buffer;
	size_t size;
	size_t used;
	const char *separator;	/* before the next part */
};

__attribute__((format(printf, 2, 3)))
static void part(struct text *text, const char *format, ...)
{
	va_list args;

	if (text->used >= text->size)
		return;
	text->used += (size_t)snprintf(text->buffer + text->used, text->size - text->used, "%s",
				       text->separator);
	if (text->used >= text->size)
		return;
	va_start(args, format);
	text->used += (size_t)vsnprintf(text->buffer + text->used, text->size - text->used, format,
					args);
	va_end(args);
	text->separator = "; ";
}

/* "close():", "killed by SIGKILL:", "exit(0):" */
static void how(struct text *text, const struct act *act)
{
	const struct record *r = &act->record;
	const char *via = act_via(act);
	const char *signal;

	if (!via)
		return;
	if (!strcmp(via, "signal")) {
		signal = sigabbrev_np(WTERMSIG(r->exit_code));
		part(text, "killed by SIG%s:", signal ?: "?");
	} else if (!strcmp(via, "exit")) {
		part(text, "exit(%d):", WEXITSTATUS(r->exit_code));
	} else if (!strcmp(via, "disconnect")) {
		part(text, "connect(AF_UNSPEC):");
	} else if (!strcmp(via, "kthread")) {
		part(text, "a kernel thread:");
	} else {
		part(text, "%s():", via);
	}
	text->separator = " ";
}

/* What happens to bytes that were written: a FIN goes behind them, a RST throws them away. */
static void unsent(struct text *text, const struct act *act)
{
	const struct record *r = &act->record;
	bool fin = act_wire(act) == WIRE_FIN;

	if (r->unsent && fin)
		part(text, "%u B still to send, FIN follows them", r->unsent);
	else if (r->unsent)
		part(text, "%u B unsent thrown away", r->unsent);
	if (r->unacked)
		part(text, "%u B not acknowledged", r->unacked);
}

static void bytes(struct text *text, const struct act *act)
{
	if (!(act->record.known & KNOWN_BYTES))
		return;
	if (act->record.unread)
		part(text, "%u B unread", act->record.unread);
	/* In SYN_SENT the one unacknowledged byte is the SYN. */
	if (!act_has(act, FACT(st_syn_sent)))
		unsent(text, act);
}

static void state(struct text *text, const struct act *act)
{
	const char *name = words_state(act->record.state);

	if (act_has(act, FACT(sk_none)))
		part(text, "no socket for %s", act_has(act, FACT(seg_syn)) ? "a SYN" : "a segment");
	else if (act_has(act, FACT(late_data)) && !act->amended)
		part(text, "the ACK of our FIN brought it");
	else if (name)
		part(text, "in %s", name);
}

void evidence_text(const struct act *act, char *buffer, size_t size)
{
	struct text text = { .buffer = buffer, .size = size, .separator = "" };
	char facts[512];

	buffer[0] = '\0';
	how(&text, act);
	bytes(&text, act);
	if (act_direction(act) != DIRECTION_OUT || act_has(act, FACT(rst_reply)))
		state(&text, act);
	if (act->cause->class == CLASS_UNKNOWN) {
		if (act->record.err > 0)
			part(&text, "%s", strerrorname_np(act->record.err) ?: "unknown errno");
		field_facts(act, facts, sizeof(facts));
		part(&text, "facts: %s", facts);
	}
	/* "close():" alone needs no colon. */
	if (text.used && text.used < size && buffer[text.used - 1] == ':')
		buffer[text.used - 1] = '\0';
}
