// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* field.c - one getter a key; a value is absent, null, or known */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cause.h"
#include "field_get.h"
#include "frame.h"
#include "words.h"

static void get_time(const struct act *act, struct value *value)
{
	words_time(act->wall_ns, value->room);
	set_text(value, value->room);
}

static void get_ktime_ns(const struct act *act, struct value *value)
{
	set_integer(value, true, (int64_t)act->record.time_ns);
}

static void get_age_us(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_BORN),
		    (int64_t)(act->record.time_ns - act->record.born_ns) / 1000);
}

static void get_run(const struct act *act, struct value *value)
{
	set_id(value, true, act->record.run);
}

static void get_socket(const struct act *act, struct value *value)
{
	set_id(value, knows(act, KNOWN_SOCKET), act->record.socket);
}

static void get_netns(const struct act *act, struct value *value)
{
	set_integer(value, act->record.netns, act->record.netns);
}

static void get_family(const struct act *act, struct value *value)
{
	set_text(value, act->record.family == AF_INET ? "ipv4" : "ipv6");
}

static void get_laddr(const struct act *act, struct value *value)
{
	words_address(act->record.laddr, act->record.family, value->room);
	set_text(value, value->room);
}

static void get_lport(const struct act *act, struct value *value)
{
	set_integer(value, true, act->record.lport);
}

static void get_raddr(const struct act *act, struct value *value)
{
	words_address(act->record.raddr, act->record.family, value->room);
	set_text(value, value->room);
}

static void get_rport(const struct act *act, struct value *value)
{
	set_integer(value, true, act->record.rport);
}

static void get_role(const struct act *act, struct value *value)
{
	if (act->record.role == ROLE_CLIENT)
		set_text(value, "client");
	else
		set_text(value, act->record.role == ROLE_SERVER ? "server" : NULL);
}

static void get_listener(const struct act *act, struct value *value)
{
	if (strcmp(act->cause->slug, "listen_queue_abort") && !knows(act, KNOWN_PARENT))
		return;
	set_id(value, knows(act, KNOWN_PARENT), act->record.parent);
}

const char *field_wire(const struct act *act)
{
	static const char *const names[] = { "none", "fin", "rst" };

	return names[act_wire(act)];
}

const char *field_dir(const struct act *act)
{
	static const char *const names[] = { "none", "out", "in" };

	return names[act_direction(act)];
}

static void get_wire(const struct act *act, struct value *value)
{
	set_text(value, field_wire(act));
}

static void get_dir(const struct act *act, struct value *value)
{
	set_text(value, field_dir(act));
}

static void get_cause(const struct act *act, struct value *value)
{
	set_text(value, act->cause->slug);
}

static void get_class(const struct act *act, struct value *value)
{
	set_text(value, cause_class_name(act->cause->class));
}

static void get_certainty(const struct act *act, struct value *value)
{
	set_text(value, act->exact ? "exact" : "inferred");
}

static void get_state(const struct act *act, struct value *value)
{
	if (act_has(act, FACT(sk_none)))
		return;
	set_text(value, words_state(act_state(act)));
}

/*
 * In CLOSE_WAIT the peer's FIN came first.  One that crosses ours is seen only later: with --all,
 * as the note fin_received in FIN_WAIT1.
 */
static void get_simultaneous(const struct act *act, struct value *value)
{
	if (!act_has(act, FACT(fin_sent)))
		return;
	value->kind = VALUE_NULL;
	if (act_has(act, FACT(st_close_wait)))
		set_boolean(value, false);
}

static void get_amended(const struct act *act, struct value *value)
{
	set_boolean(value, act->amended);
}

static void get_late(const struct act *act, struct value *value)
{
	if (act->late)
		set_boolean(value, true);
}

static void get_reason(const struct act *act, struct value *value)
{
	if (act_wire(act) != WIRE_RST || act_direction(act) != DIRECTION_OUT)
		return;
	set_text(value, knows(act, KNOWN_REASON) ? words_reason(act->record.reason) : NULL);
}

static void get_errno(const struct act *act, struct value *value)
{
	if (!has_socket(act))
		return;
	set_text(value, act->record.err > 0 ? strerrorname_np(act->record.err) : NULL);
}

void field_facts(const struct act *act, char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		const char *name = cause_fact_name(bit);

		if (!name || !(act->facts >> bit & 1) || used + strlen(name) + 2 > size)
			continue;
		used += (size_t)sprintf(buffer + used, "%s%s", used ? " " : "", name);
	}
}

static void get_facts(const struct act *act, struct value *value)
{
	if (act->cause->class != CLASS_UNKNOWN)
		return;
	field_facts(act, value->room, sizeof(value->room));
	set_text(value, value->room);
}

static void get_via(const struct act *act, struct value *value)
{
	const char *via = act_via(act);

	if (!via && !knows(act, KNOWN_ACTOR))
		via = "none";
	set_text(value, via);
}

static void get_how(const struct act *act, struct value *value)
{
	static const char *const names[] = { NULL, "rd", "wr", "rdwr" };
	const char *via = act_via(act);

	if (via && !strcmp(via, "shutdown"))
		set_text(value, knows(act, KNOWN_HOW) ? names[act->record.how] : NULL);
}

static void get_signal(const struct act *act, struct value *value)
{
	int number = WTERMSIG(act->record.exit_code);
	const char *name;

	if (!knows(act, KNOWN_EXIT) || !number)
		return;
	name = sigabbrev_np(number);
	if (name)
		snprintf(value->room, sizeof(value->room), "SIG%s", name);
	else
		snprintf(value->room, sizeof(value->room), "%d", number);
	set_text(value, value->room);
}

static void get_exit_code(const struct act *act, struct value *value)
{
	if (knows(act, KNOWN_EXIT) && WIFEXITED(act->record.exit_code))
		set_integer(value, true, WEXITSTATUS(act->record.exit_code));
}

static void get_linger(const struct act *act, struct value *value)
{
	if (has_socket(act))
		set_integer(value, knows(act, KNOWN_LINGER), act->record.linger_s);
}

static void set_bytes(const struct act *act, struct value *value, uint64_t bytes)
{
	if (has_socket(act))
		set_integer(value, knows(act, KNOWN_BYTES), (int64_t)bytes);
}

static void get_unread(const struct act *act, struct value *value)
{
	set_bytes(act, value, act->record.unread);
}

static void get_unsent(const struct act *act, struct value *value)
{
	set_bytes(act, value, act->record.unsent);
}

static void get_unacked(const struct act *act, struct value *value)
{
	set_bytes(act, value, act->record.unacked);
}

static void get_bytes_sent(const struct act *act, struct value *value)
{
	set_bytes(act, value, act->record.bytes_sent);
}

static void get_bytes_received(const struct act *act, struct value *value)
{
	set_bytes(act, value, act->record.bytes_received);
}

static void get_seq(const struct act *act, struct value *value)
{
	if (act_direction(act) == DIRECTION_OUT)
		set_integer(value, knows(act, KNOWN_SEQ), act->record.seq);
}

static void get_stack(const struct act *act, struct value *value)
{
	frames_value(act->frames ? &act->frames->user : NULL, value);
}

static void get_kstack(const struct act *act, struct value *value)
{
	frames_value(act->frames ? &act->frames->kernel : NULL, value);
}

const struct field fields[] = {
/* No macro for the name: errno is one itself. */
#define FIELD(key, kind, otel, ecs, text)                                                          \
	{ #key, ",\"" #key "\":", sizeof(",\"" #key "\":") - 1, VALUE_##kind, text, get_##key },
#include "fields.def"
#undef FIELD
};

const size_t field_count = sizeof(fields) / sizeof(fields[0]);

const char *const field_of_count[] = { "cause", "class", "certainty", "wire", "dir", NULL };

const struct field *field_by_key(const char *key)
{
	const struct field *field = fields;

	while (strcmp(field->key, key))
		field++;
	return field;
}

bool field_of_held(const struct field *field)
{
	static const char *const keys[] = {
		"time", "ktime_ns", "age_us", "run", "socket", "netns", "family", "laddr", "lport",
		"raddr", "rport", "role", "state", "via", "signal", "exit_code", "pid", "tid",
		"comm", "uid", "owner_pid", "owner_comm", "owner_known_by", "cgroup", "container",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(keys[i], field->key))
			return true;
	}
	return false;
}
