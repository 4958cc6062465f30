/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * judge.c - one act against the log of those who did it
 *
 * An actor is right when the log says that this process, of this name, was ending its hold of this
 * end at the act's time, and that nobody is known to have held it any longer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "verify/line.h"
#include "stress.h"

#define COMPLAINTS	20u	/* that are shown */
#define UNKNOWNS	5u

struct act {
	struct json_object *line;
	struct log *log;
	struct conn *conn;
	const struct end *end, *other;
	enum side side;
	uint64_t time_ns;
};

/* In us from the act. */
static void print_span(FILE *out, const struct act *act, const char *name, const struct span *span)
{
	if (!span->begin_ns)
		return;
	fprintf(out, ", %s %" PRId64, name, (int64_t)(span->begin_ns - act->time_ns) / 1000);
	if (span->end_ns)
		fprintf(out, " to %" PRId64, (int64_t)(span->end_ns - act->time_ns) / 1000);
}

static void complain(struct verdict *verdict, uint64_t *count, const struct act *act,
		     const char *what)
{
	++*count;
	if (verdict->complaints++ >= COMPLAINTS)
		return;
	fprintf(verdict->out, "wrong %s: %s\n", what,
		json_object_to_json_string_ext(act->line, JSON_C_TO_STRING_NOSLASHESCAPE));
	for (int i = 0; i < 4; i++) {
		const struct hold *hold = &act->conn->end[i / 2].hold[i % 2];

		if (!hold->pid)
			continue;
		fprintf(verdict->out, "    %s: %d%s %s %s", i / 2 ? "server" : "client",
			hold->pid, hold->child ? " (child)" : "", way_name(hold->shut_way),
			way_name(hold->way));
		print_span(verdict->out, act, "held", &hold->taken);
		print_span(verdict->out, act, "shut", &hold->shut);
		print_span(verdict->out, act, "dissolved", &hold->dissolved);
		print_span(verdict->out, act, "dropped", &hold->dropped);
		fprintf(verdict->out, "\n");
	}
}

static bool is_named(const struct act *act, const char *key, uint32_t proc, bool child)
{
	char name[STRESS_NAME];

	log_name(name, proc, child);
	return line_says(act->line, key, name);
}

/* A process that has begun another program has the name of that one. */
static bool is_hold(const struct act *act, const struct hold *hold, const char *pid,
		    const char *comm)
{
	return hold->pid && line_number(act->line, pid) == hold->pid &&
	       (is_named(act, comm, hold->proc, hold->child) ||
		(hold->way == WAY_CHILD_EXEC && hold->child));
}

static bool is_server(const struct act *act, const char *pid, const char *comm)
{
	uint32_t server = act->conn->server;

	return line_number(act->line, pid) == act->log->proc[server].pid &&
	       is_named(act, comm, server, false);
}

/* A listener of the server was being closed. */
static bool was_closing(const struct act *act)
{
	const struct proc *proc = &act->log->proc[act->conn->server];

	for (uint32_t i = 0; i < proc->closings; i++) {
		if (span_has(&proc->closing[i], act->time_ns))
			return true;
	}
	return false;
}

/* Somebody has accepted it, or is about to. */
static bool is_taken(const struct end *end, uint64_t time_ns)
{
	return log_before(end->hold[0].taken.begin_ns, time_ns);
}

/* The call that came to a drop of this way. */
static const char *via_of(const struct hold *hold)
{
	switch (hold->child ? (enum way)hold->way : WAY_NONE) {
	case WAY_CHILD_EXIT:
	case WAY_CHILD_SHUT:
		return "exit";
	case WAY_CHILD_KILL:
		return "signal";
	case WAY_CHILD_EXEC:
		return "exec";
	default:
		break;
	}
	if (hold->way == WAY_DUP2)
		return "dup";
	return hold->way == WAY_CLOSE_RANGE ? "close_range" : "close";
}

/* Whether the holder was ending its hold at that time; then, whether by the call that was told. */
static bool was_ending(const struct act *act, int i, bool *via_agrees)
{
	const struct hold *hold = &act->end->hold[i];
	const char *via = line_text(act->line, "via");
	bool shut = span_has(&hold->shut, act->time_ns);
	bool dissolved = span_has(&hold->dissolved, act->time_ns);
	bool dropped = span_has(&hold->dropped, act->time_ns) &&
		       !hold_outlived(hold, &act->end->hold[!i]);

	*via_agrees = !via || (shut && !strcmp(via, "shutdown")) ||
		      (dissolved && !strcmp(via, "disconnect")) ||
		      (dropped && !strcmp(via, via_of(hold)));
	return shut || dissolved || dropped;
}

/* Whether this kind of act is somebody's decision; what the kernel decides has no actor. */
static bool is_decision(const struct act *act)
{
	static const char *const kernel[] = {
		"data_after_close", "data_after_close_fw1ack", "linger2_abort_fw1",
		"finwait2_timer_rst", "orphan_limit_timer",
	};

	for (size_t i = 0; i < sizeof(kernel) / sizeof(*kernel); i++) {
		if (line_says(act->line, "cause", kernel[i]))
			return false;
	}
	return line_says(act->line, "class", "orderly") ||
	       line_says(act->line, "class", "local_reset");
}

static void judge_actor(struct verdict *verdict, const struct act *act)
{
	bool decision = is_decision(act);

	if (!line_get(act->line, "pid")) {
		verdict->actor.null += decision;
		return;
	}
	verdict->actor.known += decision;
	/* Whose cause is not known may be a decision too. */
	decision |= line_says(act->line, "class", "unknown");
	for (int i = 0; decision && i < 2; i++) {
		bool via_agrees;

		if (!is_hold(act, &act->end->hold[i], "pid", "comm") ||
		    !was_ending(act, i, &via_agrees))
			continue;
		if (!via_agrees)
			complain(verdict, &verdict->wrong_via, act, "call");
		return;
	}
	/* What nobody has accepted ends with its listener. */
	if (decision && act->side == SIDE_SERVER && !is_taken(act->end, act->time_ns) &&
	    was_closing(act) && is_server(act, "pid", "comm"))
		return;
	complain(verdict, &verdict->wrong_actor, act, "actor");
}

static bool is_holder(const struct act *act, bool (*fits)(const struct log *, const struct hold *))
{
	for (int i = 0; i < 2; i++) {
		const struct hold *hold = &act->end->hold[i];

		if (log_before(hold->taken.begin_ns, act->time_ns) &&
		    (!fits || fits(act->log, hold)) &&
		    is_hold(act, hold, "owner_pid", "owner_comm"))
			return true;
	}
	return false;
}

static bool is_first(const struct act *act)
{
	return is_taken(act->end, act->time_ns) &&
	       is_hold(act, &act->end->hold[0], "owner_pid", "owner_comm");
}

/* Whether the owner is the one that this way of knowing must have found. */
static bool owner_is_right(struct verdict *verdict, const struct act *act)
{
	bool server = act->side == SIDE_SERVER, taken = is_taken(act->end, act->time_ns);

	if (line_says(act->line, "owner_known_by", "connect"))
		return verdict->connected++, !server && is_first(act);
	if (line_says(act->line, "owner_known_by", "accept"))
		return verdict->accepted++, server && is_first(act);
	if (line_says(act->line, "owner_known_by", "listener"))
		return verdict->inferred++, server && is_server(act, "owner_pid", "owner_comm") &&
						    (!taken || is_first(act));
	if (line_says(act->line, "owner_known_by", "seed"))
		return verdict->found++, is_holder(act, hold_at_start);
	if (!line_says(act->line, "owner_known_by", "last"))
		return false;
	verdict->last++;
	return is_holder(act, NULL) ||
	       (server && !taken && is_server(act, "owner_pid", "owner_comm"));
}

/* Of an end that had an owner at the time: the share to which it counts; NULL: it had none. */
static struct share *share_of(struct verdict *verdict, const struct act *act)
{
	const struct hold *hold = act->end->hold;
	uint64_t began = act->conn->end[SIDE_CLIENT].hold[0].taken.begin_ns;
	const struct log *log = act->log;

	if (!hold[0].pid || hold[0].taken.end_ns > act->time_ns)
		return NULL;
	if (began > log->start.end_ns)
		return &verdict->after;
	if (hold_through_start(log, &hold[0]) || hold_through_start(log, &hold[1]))
		return &verdict->seeded;
	/* An orphan of before is nobody's any more. */
	return hold_at_start(log, &hold[0]) || hold_at_start(log, &hold[1]) ? &verdict->between :
									      NULL;
}

/* Told by a segment alone: what answers may belong to nobody. */
static bool is_reply(const struct act *act)
{
	const char *facts = line_text(act->line, "facts");

	return line_says(act->line, "class", "reply") || (facts && strstr(facts, "rst_reply"));
}

/* Who ended this half owns it from then on; acts come in the order of time. */
static bool is_finisher(const struct act *act)
{
	pid_t *finisher = &act->conn->finisher[act->side];

	if (line_says(act->line, "wire", "fin") && line_get(act->line, "pid"))
		*finisher = (pid_t)line_number(act->line, "pid");
	return !*finisher || line_number(act->line, "owner_pid") == *finisher;
}

static void judge_owner(struct verdict *verdict, const struct act *act)
{
	bool known = line_get(act->line, "owner_pid");
	struct share *share = share_of(verdict, act);

	if (share && !is_reply(act)) {
		*(known ? &share->known : &share->null) += 1;
		if (share == &verdict->seeded && !line_get(act->line, "pid"))
			*(known ? &verdict->seeded_alone.known : &verdict->seeded_alone.null) += 1;
	}
	if (known && (!owner_is_right(verdict, act) || !is_finisher(act)))
		complain(verdict, &verdict->wrong_owner, act, "owner");
}

/*
 * When the call was over that the act is of.  Its time is that of the first fact: a program may be
 * preempted (7.2) before it looks at the other end.
 */
static uint64_t over_ns(const struct act *act)
{
	uint64_t over = act->time_ns;

	for (int i = 0; i < 2; i++) {
		const struct hold *hold = &act->end->hold[i];
		const struct span *span[] = { &hold->shut, &hold->dissolved, &hold->dropped };

		for (int j = 0; j < 3; j++) {
			if (span_has(span[j], act->time_ns) && span[j]->end_ns > over)
				over = span[j]->end_ns;
		}
	}
	return over;
}

/* The owner of the other end: its first holder, or a later one that has begun to end it. */
static bool peer_is_right(const struct act *act)
{
	const struct hold *heir = &act->other->hold[1];
	uint64_t over = over_ns(act);

	if (is_taken(act->other, act->time_ns) &&
	    is_hold(act, &act->other->hold[0], "peer_pid", "peer_comm"))
		return true;
	if (is_hold(act, heir, "peer_pid", "peer_comm") &&
	    (log_before(heir->shut.begin_ns, over) || log_before(heir->dropped.begin_ns, over) ||
	     hold_at_start(act->log, heir)))
		return true;
	/* Inferred from the listener, or its queue was reset. */
	return act->side == SIDE_CLIENT &&
	       !log_before(act->other->hold[0].taken.end_ns, act->time_ns) &&
	       is_server(act, "peer_pid", "peer_comm");
}

static void judge_peer(struct verdict *verdict, const struct act *act)
{
	uint64_t began = act->conn->end[SIDE_CLIENT].hold[0].taken.begin_ns;
	bool known = line_get(act->line, "peer_pid");

	if (began > act->log->start.end_ns &&
	    log_before(act->other->hold[0].taken.end_ns, act->time_ns) && !is_reply(act))
		*(known ? &verdict->peer.known : &verdict->peer.null) += 1;
	if (known && !peer_is_right(act))
		complain(verdict, &verdict->wrong_peer, act, "peer");
}

static void judge_role(struct verdict *verdict, const struct act *act)
{
	const char *role = line_text(act->line, "role");

	if (role && strcmp(role, act->side == SIDE_CLIENT ? "client" : "server"))
		complain(verdict, &verdict->wrong_role, act, "role");
}

static bool read_address(const struct json_object *line, const char *key, struct in6_addr *address)
{
	const char *text = line_text(line, key);
	char mapped[INET6_ADDRSTRLEN + 8];

	if (!text)
		return false;
	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	return inet_pton(AF_INET6, mapped, address) == 1;
}

static struct conn *conn_of(struct log *log, const struct json_object *line, enum side *side)
{
	struct in6_addr laddr, raddr;

	if (!read_address(line, "laddr", &laddr) || !read_address(line, "raddr", &raddr))
		return NULL;
	return net_find(log, &laddr, (uint16_t)line_number(line, "lport"), &raddr,
			(uint16_t)line_number(line, "rport"), side);
}

void judge_act(struct verdict *verdict, struct log *log, struct json_object *line)
{
	struct act act = { .line = line, .log = log };

	verdict->acts++;
	act.conn = conn_of(log, line, &act.side);
	if (!act.conn) {
		verdict->strangers++;
		return;
	}
	act.end = &act.conn->end[act.side];
	act.other = &act.conn->end[!act.side];
	act.time_ns = (uint64_t)line_number(line, "ktime_ns");
	act.conn->acts[act.side] = 1;
	if (line_says(line, "cause", "unknown") && verdict->unknown++ < UNKNOWNS)
		fprintf(verdict->out, "    unknown: %s %s in %s%s: %s\n", line_text(line, "wire"),
			line_text(line, "via"), line_text(line, "state"),
			act.time_ns < log->start.end_ns ? ", before start" : "",
			line_text(line, "facts"));
	judge_actor(verdict, &act);
	judge_owner(verdict, &act);
	judge_peer(verdict, &act);
	judge_role(verdict, &act);
}
