/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Acts are matched by cause and end (which socket of the connection, told by the ports), then each
 * key is compared. A key that is null is not known to this kernel or tier: that is accepted where
 * the contract allows it, never for cause, wire, dir, state and the addresses.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <string.h>
#include <arpa/inet.h>
#include <json-c/json.h>
#include <netinet/tcp.h>
#include <sys/wait.h>

#include "complain.h"
#include "judge.h"
#include "line.h"
#include "order.h"

int judge_end_of(const struct json_object *act, const struct lab_ends *ends)
{
	int64_t lport = line_number(act, "lport"), rport = line_number(act, "rport");

	for (int i = 0; i < LAB_CLIENTS; i++) {
		if (!ends->client_port[i])
			continue;
		if (lport == ends->server_port && rport == ends->client_port[i])
			return LAB_END_SERVER;
		if (rport == ends->server_port && lport == ends->client_port[i])
			return LAB_END_CLIENT;
	}
	return -1;
}

/* Once it is left, the number of the server's namespace may be a stranger's: the ports tell. */
bool judge_is_of(const struct json_object *line, const char *type, const struct trial *trial)
{
	uint64_t netns = (uint64_t)line_number(line, "netns");
	uint64_t us = (uint64_t)line_number(line, "ktime_ns") / 1000;

	if (!line_is(line, type) || us < trial->begin_us)
		return false;
	if (netns == trial->netns[LAB_END_SERVER] && trial->left_us && us > trial->left_us)
		return judge_end_of(line, &trial->ends) >= 0;
	return netns == trial->netns[LAB_END_CLIENT] || netns == trial->netns[LAB_END_SERVER];
}

static void check_text(struct complaints *judge, const struct json_object *act, const char *key,
		       const char *want)
{
	const char *got = line_text(act, key);

	if (!got || strcmp(got, want))
		complain(judge, "%s: %s is %s, expected %s", line_text(act, "cause"), key,
			 got ? got : "null", want);
}

static void check_null(struct complaints *judge, const struct json_object *act, const char *key)
{
	struct json_object *got = line_get(act, key);

	if (got)
		complain(judge, "%s: %s is %s, expected null", line_text(act, "cause"), key,
			 json_object_get_string(got));
}

static void check_number(struct complaints *judge, const struct json_object *act, const char *key,
			 int64_t want)
{
	int64_t got = line_number(act, key);

	if (got != want)
		complain(judge, "%s: %s is %" PRId64 ", expected %" PRId64,
			 line_text(act, "cause"), key, got, want);
}

static void check_address(struct complaints *judge, const struct json_object *act, const char *key,
			  const struct trial *trial, enum lab_end end)
{
	int family = trial->scenario->mapped ? AF_INET : trial->family;
	struct sockaddr_storage addr;
	char want[64] = "::ffff:";
	size_t prefix = trial->scenario->mapped ? strlen(want) : 0;

	path_address(trial->veth, family, end, 0, &addr);
	inet_ntop(family, family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)&addr)->sin6_addr :
					       (void *)&((struct sockaddr_in *)&addr)->sin_addr,
		  want + prefix, (socklen_t)(sizeof(want) - prefix));
	check_text(judge, act, key, want);
}

static void check_where(struct complaints *judge, const struct json_object *act,
			const struct trial *trial, enum lab_end end)
{
	static const char *const present[] = {
		"time", "ktime_ns", "run", "class", "certainty",
	};

	/* A reply that no socket matches is an IPv4 packet, whatever its sender takes it for. */
	if (!trial->scenario->mapped || strcmp(line_text(act, "cause"), "no_socket_rst")) {
		check_text(judge, act, "family", trial_family_name(trial->family));
		check_address(judge, act, "laddr", trial, end);
		check_address(judge, act, "raddr", trial, lab_other_end(end));
	}
	check_number(judge, act, "netns", (int64_t)trial->netns[end]);
	for (size_t i = 0; i < sizeof(present) / sizeof(*present); i++) {
		if (!line_get(act, present[i]))
			complain(judge, "%s: no %s", line_text(act, "cause"), present[i]);
	}
}

static void check_who(struct complaints *judge, const struct json_object *act,
		      const struct scenario_act *want, const struct lab_actor *actor,
		      const char *tier)
{
	if (!want->via) {
		check_null(judge, act, "pid");
		check_null(judge, act, "comm");
		return;
	}
	/*
	 * Whoever runs the collector of Unix sockets, a worker or one who closes such a socket, is
	 * known not to have ended anything in the full tier alone.
	 */
	if (!strcmp(want->via, "scm_gc")) {
		if (strcmp(tier, "full"))
			return;
		check_text(judge, act, "via", want->via);
		check_null(judge, act, "pid");
		check_number(judge, act, "owner_pid", actor->pid);
		return;
	}
	if (line_get(act, "via"))
		check_text(judge, act, "via", want->via);
	if (!strcmp(want->via, "kthread"))
		return;		/* whichever of the kernel's workers it was */
	check_number(judge, act, "pid", actor->pid);
	check_text(judge, act, "comm", actor->comm);
	if (line_get(act, "context"))
		check_text(judge, act, "context", "process");
}

static void check_how_much(struct complaints *judge, const struct json_object *act,
			   const struct scenario_act *want)
{
	bool fin = !strcmp(want->wire, "fin");

	if (want->via && want->unread == SCENARIO_SOME && line_number(act, "unread") <= 0)
		complain(judge, "%s: unread is %" PRId64 ", expected more than 0", want->cause,
			 line_number(act, "unread"));
	else if (want->via && want->unread != SCENARIO_SOME &&
		 (want->unread || line_get(act, "unread")))
		check_number(judge, act, "unread", want->unread);
	if (want->unsent && line_number(act, "unsent") <= 0)
		complain(judge, "%s: unsent is %" PRId64 ", expected more than 0", want->cause,
			 line_number(act, "unsent"));
	if (fin && !want->unsent && line_get(act, "unsent"))
		check_number(judge, act, "unsent", 0);
}

static void check_act(struct complaints *judge, const struct json_object *act,
		      const struct scenario_act *want, const struct trial *trial, const char *tier)
{
	check_where(judge, act, trial, want->end);
	check_text(judge, act, "wire", want->wire);
	check_text(judge, act, "dir", want->dir);
	if (want->state)
		check_text(judge, act, "state", want->state);
	if (want->error && *want->error)
		check_text(judge, act, "errno", want->error);
	else if (want->error)
		check_null(judge, act, "errno");
	check_who(judge, act, want, &trial->ends.actor[want->end], tier);
	check_how_much(judge, act, want);
	if (!strcmp(tier, "full"))
		check_text(judge, act, "certainty", "exact");
	if (want->child && !line_text(act, "listener"))
		complain(judge, "%s: listener is null", want->cause);
}

/*
 * The segment itself: one on the wire must have the number that closetrace tells.  When it was lost
 * another may have it: the reply to what comes later.
 */
static void check_seq(struct complaints *judge, const struct json_object *act,
		      const struct scenario_act *want, const struct trial *trial)
{
	bool in = !strcmp(line_text(act, "dir"), "in");
	bool fin = !strcmp(line_text(act, "wire"), "fin");
	int64_t sport = line_number(act, in ? "rport" : "lport"), seq = line_number(act, "seq");

	if (!trial->watched || want->lost || seq < 0 || !strcmp(line_text(act, "wire"), "none"))
		return;
	/* A FIN behind data that never left is queued, but not seen. */
	if (fin && !trial->scenario->wire[judge_end_of(act, &trial->ends)].fin)
		return;
	for (unsigned int i = 0; i < trial->packets; i++) {
		const struct capture_packet *packet = &trial->packet[i];
		bool is_fin = packet->flags & TH_FIN;
		/* Alone among resets it took its number from a segment: maybe a lost one's. */
		bool reply = !(packet->flags & (TH_FIN | TH_ACK));

		/* The FIN's own number: it follows the data of its segment. */
		if (packet->sport == sport && is_fin == fin && !(want->lost && reply) &&
		    seq == (uint32_t)(packet->seq + (fin ? packet->len : 0)))
			return;
	}
	complain(judge, "%s: no %s with seq %" PRId64 " on the wire", line_text(act, "cause"),
		 line_text(act, "wire"), seq);
}

/* Siblings were reset for one listener, each of them once. */
static void check_siblings(struct complaints *judge, const struct json_object *act,
			   const struct json_object *other)
{
	const char *mine = line_text(act, "listener"), *theirs = line_text(other, "listener");

	if (!mine || !theirs || strcmp(mine, theirs))
		complain(judge, "listen_queue_abort: listeners %s and %s", mine ? mine : "null",
			 theirs ? theirs : "null");
	if (line_number(act, "rport") == line_number(other, "rport"))
		complain(judge, "listen_queue_abort: twice for port %" PRId64,
			 line_number(act, "rport"));
}

/* The other record came so late that it could not be waited for: it says so, or its time does. */
static bool too_late(const struct json_object *act, const struct json_object *later)
{
	int64_t apart = line_number(later, "ktime_ns") - line_number(act, "ktime_ns");

	return json_object_get_boolean(line_get(later, "late")) ||
	       apart > (int64_t)ORDER_PROVISIONAL_NS;
}

/* A reset received is told after the one sent, though the victim is often heard of first. */
static void check_order(struct complaints *judge, const struct json_object *act,
			const struct trial *trial, const struct tracer *tracer, size_t at)
{
	if (strcmp(line_text(act, "dir"), "in") || trial->scenario->foreign)
		return;
	for (size_t i = at + 1; i < tracer->lines; i++) {
		const struct json_object *later = tracer->line[i];

		if (judge_is_of(later, "act", trial) &&
		    line_number(later, "lport") == line_number(act, "rport") &&
		    line_number(later, "rport") == line_number(act, "lport") &&
		    !strcmp(line_text(later, "wire"), "rst") &&
		    !strcmp(line_text(later, "dir"), "out") &&
		    !too_late(act, later))
			complain(judge, "%s is told before its %s", line_text(act, "cause"),
				 line_text(later, "cause"));
	}
}

bool judge_is_cause(const struct scenario_act *want, const char *cause)
{
	return !strcmp(want->cause, cause) || (want->other && !strcmp(want->other, cause));
}

/* The expectation an act fulfils, or -1; of two with one cause, the one with its state. */
static int match(const struct json_object *act, const struct trial *trial,
		 const unsigned int *seen)
{
	const char *cause = line_text(act, "cause"), *state = line_text(act, "state");
	int end = judge_end_of(act, &trial->ends), found = -1;

	for (int i = 0; cause && i < SCENARIO_ACTS && trial->scenario->acts[i].cause; i++) {
		const struct scenario_act *want = &trial->scenario->acts[i];

		if (!judge_is_cause(want, cause) || (int)want->end != end || seen[i] >= want->count)
			continue;
		if (state && want->state && !strcmp(state, want->state))
			return i;
		if (found < 0)
			found = i;
	}
	return found;
}

static void check_missing(struct complaints *judge, const struct trial *trial,
			  const unsigned int *seen, struct skips *skips,
			  const struct skips_row **without)
{
	for (int i = 0; i < SCENARIO_ACTS && trial->scenario->acts[i].cause; i++) {
		const struct scenario_act *want = &trial->scenario->acts[i];
		const char *path = trial_path_name(trial->family, trial->veth);
		const struct skips_row *row = skips_find(skips, path, trial->scenario->name,
							 want->cause);

		if (row)
			*without = row;
		if (row && seen[i])
			complain(judge, "%s is told, though line %u of the skips leaves it out",
				 want->cause, row->line);
		if (row && skips_prove(skips, row) != 1)
			complain(judge, "line %u of the skips is not justified: %s", row->line,
				 row->proof);
		if (!row && seen[i] != want->count)
			complain(judge, "missing: %u x %s %s", want->count - seen[i],
				 lab_end_name(want->end), want->cause);
	}
}

unsigned int judge_acts(const struct trial *trial, const struct tracer *tracer,
			struct skips *skips, const struct skips_row **without, FILE *out)
{
	struct complaints judge = { .about = "acts", .out = out };
	unsigned int seen[SCENARIO_ACTS] = { 0 };
	const struct json_object *sibling = NULL;

	for (size_t i = 0; i < tracer->lines; i++) {
		const struct json_object *act = tracer->line[i];
		int found;

		if (!judge_is_of(act, "act", trial))
			continue;
		found = match(act, trial, seen);
		if (found < 0) {
			complain(&judge, "extra: %s", line_text(act, "cause"));
			continue;
		}
		seen[found]++;
		check_act(&judge, act, &trial->scenario->acts[found], trial, tracer->tier);
		check_seq(&judge, act, &trial->scenario->acts[found], trial);
		check_order(&judge, act, trial, tracer, i);
		if (!trial->scenario->acts[found].child)
			continue;
		if (sibling)
			check_siblings(&judge, act, sibling);
		sibling = act;
	}
	check_missing(&judge, trial, seen, skips, without);
	return judge.count;
}

void judge_print(const struct trial *trial, const struct tracer *tracer, FILE *out)
{
	for (size_t i = 0; i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], "act", trial))
			fprintf(out, "said: %s\n", json_object_to_json_string_ext(tracer->line[i],
							JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

unsigned int judge_stream(const struct tracer *tracer, FILE *out)
{
	const struct json_object *end = tracer->lines ? tracer->line[tracer->lines - 1] : NULL;
	struct complaints judge = { .about = "acts", .out = out };
	int64_t acts = 0;

	if (!WIFEXITED(tracer->status) || WEXITSTATUS(tracer->status))
		complain(&judge, "closetrace: %s %d, expected exit status 0",
			 WIFEXITED(tracer->status) ? "exit status" : "signal",
			 WIFEXITED(tracer->status) ? WEXITSTATUS(tracer->status) :
						     WTERMSIG(tracer->status));
	if (!end || !line_is(end, "end")) {
		complain(&judge, "the last line is not of type end");
		return judge.count;
	}
	for (size_t i = 0; i < tracer->lines; i++)
		acts += line_is(tracer->line[i], "act");
	if (line_number(end, "emitted") != acts)
		complain(&judge, "emitted is %" PRId64 ", but there are %" PRId64 " acts",
			 line_number(end, "emitted"), acts);
	if (line_number(end, "missed"))
		complain(&judge, "missed is %" PRId64, line_number(end, "missed"));
	if (line_number(end, "lost"))
		complain(&judge, "lost is %" PRId64, line_number(end, "lost"));
	if (line_number(end, "status"))
		complain(&judge, "status is %" PRId64, line_number(end, "status"));
	if (line_number(end, "seen") !=
	    line_number(end, "emitted") + line_number(end, "filtered") + line_number(end, "lost"))
		complain(&judge, "seen is %" PRId64 ", not emitted + filtered + lost",
			 line_number(end, "seen"));
	return judge.count;
}
