// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
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
	if (*text->separator)
		text->used += (size_t)snprintf(text->buffer + text->used, text->size - text->used,
					       "%s", text->separator);
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
	} else if (!strcmp(via, "scm_gc")) {
		part(text, "in flight over a Unix socket, and collected:");
	} else if (!strcmp(via, "io_uring")) {
		part(text, "io_uring:");
	} else if (!strcmp(via, "sock_destroy")) {
		part(text, "SOCK_DESTROY:");
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
	const char *name = words_state(act_state(act));

	if (act_has(act, FACT(sk_none)))
		part(text, "no socket for %s", act_has(act, FACT(seg_syn)) ? "a SYN" : "a segment");
	else if (act_has(act, FACT(late_data)) && !act->amended)
		part(text, "the ACK of our FIN brought it");
	else if (name && !act_has(act, FACT(rst_reply) | FACT(closed) | FACT(linger2_negative)))
		part(text, "in %s", name);
}

/* Of a reply, on behalf of a connection that is over. */
static void since(struct text *text, const struct act *act)
{
	uint64_t ms = (act->record.time_ns - act->record.departed_ns) / 1000000;

	if (act->record.departed_ns)
		part(text, "closed %" PRIu64 ".%03" PRIu64 " s ago", ms / 1000, ms % 1000);
}

/* With --held: it was closed before, but somebody held it still. */
static void held(struct text *text, const struct act *act)
{
	const struct record *r = act->held;
	char comm[WORDS_COMM];
	uint64_t ms;

	if (!r)
		return;
	ms = (act->record.time_ns - r->time_ns) / 1000000;
	words_comm(r->actor.comm, sizeof(r->actor.comm), comm);
	part(text, "%s[%u] had closed it %" PRIu64 ".%03" PRIu64 " s before", comm, r->actor.pid,
	     ms / 1000, ms % 1000);
}

/* Of a death that the verdict does not name in full: which error, and after how much. */
static void trouble(struct text *text, const struct act *act)
{
	const struct record *r = &act->record;
	const char *name = r->err > 0 ? strerrorname_np(r->err) ?: "unknown errno" : NULL;
	bool timeout = act->cause->class == CLASS_TIMEOUT;

	if (timeout && r->err != ETIMEDOUT && name)
		part(text, "an ICMP error before: %s", name);
	else if (name && (act->cause->class == CLASS_UNKNOWN || act_has(act, FACT(err_icmp))))
		part(text, "%s", name);
	if (!timeout || !(r->known & KNOWN_TIMERS))
		return;
	if (r->retransmits)
		part(text, "%u retransmissions", r->retransmits);
	if (r->probes)
		part(text, "%u probes", r->probes);
	if (r->user_timeout_ms)
		part(text, "TCP_USER_TIMEOUT %u ms", r->user_timeout_ms);
}

/* The state says something of what did not end by a FIN or by the task's own reset. */
static bool state_matters(const struct act *act)
{
	return act_direction(act) != DIRECTION_OUT || act_has(act, FACT(rst_reply)) ||
	       act->cause->class == CLASS_TIMEOUT || act->cause->class == CLASS_KILLED;
}

void evidence_text(const struct act *act, char *buffer, size_t size)
{
	struct text text = { .buffer = buffer, .size = size, .separator = "" };
	char facts[FIELD_ROOM];

	buffer[0] = '\0';
	how(&text, act);
	bytes(&text, act);
	if (state_matters(act))
		state(&text, act);
	since(&text, act);
	held(&text, act);
	trouble(&text, act);
	if (act->cause->class == CLASS_UNKNOWN) {
		field_facts(act, facts, sizeof(facts));
		part(&text, "facts: %s", facts);
	}
	/* "close():" alone needs no colon. */
	if (text.used && text.used < size && buffer[text.used - 1] == ':')
		buffer[text.used - 1] = '\0';
}
