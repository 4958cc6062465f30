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
#include "field.h"
#include "frame.h"
#include "words.h"

static void set_text(struct value *value, const char *text)
{
	value->kind = text ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

static void set_integer(struct value *value, bool known, int64_t integer)
{
	value->kind = known ? VALUE_INTEGER : VALUE_NULL;
	value->integer = integer;
}

static void set_boolean(struct value *value, bool boolean)
{
	value->kind = VALUE_BOOLEAN;
	value->boolean = boolean;
}

static void set_id(struct value *value, bool known, uint64_t id)
{
	snprintf(value->room, sizeof(value->room), "%" PRIx64, id);
	set_text(value, known ? value->room : NULL);
}

static bool knows(const struct act *act, uint32_t bit)
{
	return act->record.known & bit;
}

/* A reply is not an act of the socket it met: values of a socket make no sense for it. */
static bool has_socket(const struct act *act)
{
	return !act_has(act, FACT(rst_reply)) || act->amended;
}

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

/* A FIN that crosses ours is seen only later; nobody tells it yet. */
static void get_simultaneous(const struct act *act, struct value *value)
{
	if (act_has(act, FACT(fin_sent)))
		value->kind = VALUE_NULL;
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
	for (unsigned int bit = 0; bit < 64; bit++) {
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

static void set_comm(struct value *value, bool known, const struct record_task *task)
{
	words_comm(task->comm, sizeof(task->comm), value->room);
	set_text(value, known ? value->room : NULL);
}

static void get_pid(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_ACTOR), act->record.actor.pid);
}

static void get_tid(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_ACTOR), act->record.actor.tid);
}

static void get_comm(const struct act *act, struct value *value)
{
	set_comm(value, knows(act, KNOWN_ACTOR), &act->record.actor);
}

static void get_uid(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_ACTOR), act->record.actor.uid);
}

static void get_owner_pid(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_OWNER), act->record.owner.pid);
}

static void get_owner_comm(const struct act *act, struct value *value)
{
	set_comm(value, knows(act, KNOWN_OWNER), &act->record.owner);
}

static void get_owner_known_by(const struct act *act, struct value *value)
{
	static const char *const names[] = { NULL, "connect", "accept", "seed", "last" };

	set_text(value, knows(act, KNOWN_OWNER) ? names[act->record.owner_by] : NULL);
}

static void get_context(const struct act *act, struct value *value)
{
	static const char *const names[] = { "unknown", "process", "softirq", "timer", "kthread" };

	set_text(value, names[act->record.context]);
}

static void get_cgroup(const struct act *act, struct value *value)
{
	(void)act;
	value->kind = VALUE_NULL;
}

static void get_container(const struct act *act, struct value *value)
{
	(void)act;
	value->kind = VALUE_NULL;
}

static void get_peer_pid(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_PEER), act->record.peer.pid);
}

static void get_peer_comm(const struct act *act, struct value *value)
{
	set_comm(value, knows(act, KNOWN_PEER), &act->record.peer);
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
#define FIELD(key, kind, text) { #key, VALUE_##kind, text, get_##key },
#include "fields.def"
#undef FIELD
};

const size_t field_count = sizeof(fields) / sizeof(fields[0]);
