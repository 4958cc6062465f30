// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* field_who.c - the keys that name processes and where they run */
#include <string.h>

#include "cgroup.h"
#include "field_get.h"
#include "words.h"

static void set_comm(struct value *value, bool known, const struct record_task *task)
{
	words_comm(task->comm, sizeof(task->comm), value->room);
	set_text(value, known ? value->room : NULL);
}

/* 0: a process that our pid namespace does not show. */
static void set_pid(struct value *value, bool known, uint32_t pid)
{
	set_integer(value, known && pid, pid);
}

void get_pid(const struct act *act, struct value *value)
{
	set_pid(value, knows(act, KNOWN_ACTOR), act->record.actor.pid);
}

void get_tid(const struct act *act, struct value *value)
{
	set_pid(value, knows(act, KNOWN_ACTOR), act->record.actor.tid);
}

void get_comm(const struct act *act, struct value *value)
{
	set_comm(value, knows(act, KNOWN_ACTOR), &act->record.actor);
}

void get_uid(const struct act *act, struct value *value)
{
	set_integer(value, knows(act, KNOWN_ACTOR), act->record.actor.uid);
}

void get_owner_pid(const struct act *act, struct value *value)
{
	set_pid(value, knows(act, KNOWN_OWNER), act->record.owner.pid);
}

void get_owner_comm(const struct act *act, struct value *value)
{
	set_comm(value, knows(act, KNOWN_OWNER), &act->record.owner);
}

void get_owner_known_by(const struct act *act, struct value *value)
{
	static const char *const names[] = {
		NULL, "connect", "accept", "seed", "last", "listener",
	};

	set_text(value, knows(act, KNOWN_OWNER) ? names[act->record.owner_by] : NULL);
}

/* Only of a reply, on behalf of a connection that is over. */
void get_closed_us(const struct act *act, struct value *value)
{
	if (act->record.departed_ns)
		set_integer(value, true,
			    (int64_t)(act->record.time_ns - act->record.departed_ns) / 1000);
}

void get_context(const struct act *act, struct value *value)
{
	static const char *const names[] = { "unknown", "process", "softirq", "timer", "kthread" };

	set_text(value, names[act_context(act)]);
}

void get_cgroup(const struct act *act, struct value *value)
{
	if (act->cgroup)
		words_inert(act->cgroup, strlen(act->cgroup), value->room, sizeof(value->room));
	set_text(value, act->cgroup ? value->room : NULL);
}

void get_container(const struct act *act, struct value *value)
{
	char container[CGROUP_CONTAINER];
	bool known = act->cgroup && cgroup_container(act->cgroup, container);

	if (known)
		words_inert(container, sizeof(container), value->room, sizeof(value->room));
	set_text(value, known ? value->room : NULL);
}

void get_peer_pid(const struct act *act, struct value *value)
{
	set_pid(value, knows(act, KNOWN_PEER), act->record.peer.pid);
}

void get_peer_comm(const struct act *act, struct value *value)
{
	set_comm(value, knows(act, KNOWN_PEER), &act->record.peer);
}

void get_held_us(const struct act *act, struct value *value)
{
	if (act->held)
		set_integer(value, true,
			    (int64_t)(act->record.time_ns - act->held->time_ns) / 1000);
}

void get_held_pid(const struct act *act, struct value *value)
{
	if (act->held)
		set_pid(value, act->held->known & KNOWN_ACTOR, act->held->actor.pid);
}
