/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verdict.c - all that was told against all that was done, and what is demanded of it */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "verify/line.h"
#include "stress.h"
#include "verify/tracer.h"

#define MISSING_LINES	10u	/* that are shown */
#define ENOUGH	1000u	/* ends: the rarest way has one in 50 of them */

struct reading {
	struct verdict *verdict;
	struct log *log;
	struct tracer *tracer;
	uint64_t netns;
};

/* Acts are judged and forgotten; of the other lines the last is kept. */
static int take(void *context, struct json_object *line)
{
	struct reading *reading = context;

	if (line_is(line, "act")) {
		reading->verdict->told++;
		if (line_number(line, "netns") == (int64_t)reading->netns)
			judge_act(reading->verdict, reading->log, line);
		json_object_put(line);
		return 0;
	}
	json_object_put(reading->verdict->last_line);
	reading->verdict->last_line = line;
	return 0;
}

/* When the first of its holders began to end it; 0: never, or it was not held. */
static uint64_t began_to_end(const struct end *end)
{
	uint64_t first = 0;

	for (int i = 0; i < 2; i++) {
		const struct hold *hold = &end->hold[i];
		uint64_t at = hold->shut.begin_ns ? hold->shut.begin_ns : hold->dropped.begin_ns;

		if (at && (!first || at < first))
			first = at;
	}
	return first;
}

/* What is known of an end without an act; times in ms from the start of closetrace. */
static void show_missing(const struct verdict *verdict, const struct log *log,
			 const struct conn *conn, int side)
{
	if (verdict->missing > MISSING_LINES)
		return;
	fprintf(verdict->out, "no act: %s of st-%02u's", side ? "server" : "client",
		conn->server);
	for (int i = 0; i < 4; i++) {
		const struct hold *hold = &conn->end[i / 2].hold[i % 2];

		if (hold->pid)
			fprintf(verdict->out, ", %s %s %s at %.3f", i / 2 ? "server" : "client",
				way_name(hold->shut_way), way_name(hold->way),
				((double)hold->dropped.begin_ns - (double)log->start.end_ns) / 1e6);
	}
	fputc('\n', verdict->out);
}

/* Each end that was held has an act at least, if both ends lived until closetrace ran. */
static void count_ends(struct verdict *verdict, const struct log *log, const struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		const struct end *end = &conn->end[side], *other = &conn->end[!side];
		uint64_t ours = began_to_end(end), theirs = began_to_end(other);

		if (!ours || ours < log->start.end_ns || (theirs && theirs < log->start.end_ns) ||
		    !conn->established)
			continue;
		verdict->ends++;
		verdict->missing += !conn->acts[side];
		if (!conn->acts[side])
			show_missing(verdict, log, conn, side);
		for (int i = 0; i < 2; i++) {
			verdict->ways[end->hold[i].shut_way]++;
			verdict->ways[end->hold[i].way]++;
		}
	}
}

int verdict_reach(struct verdict *verdict, struct log *log, struct tracer *tracer, uint64_t netns)
{
	struct reading reading = { verdict, log, tracer, netns };
	int rc = tracer_each(tracer, take, &reading);

	for (uint32_t proc = 0; !rc && proc < log->procs; proc++) {
		for (uint32_t i = 0; i < log->proc[proc].conns; i++)
			count_ends(verdict, log, log_conn(log, proc, i));
	}
	return rc;
}

static double percent(const struct share *share)
{
	uint64_t all = share->known + share->null;

	return all ? 100.0 * (double)share->known / (double)all : 0;
}

static void print_share(const char *name, const struct share *share)
{
	printf("    %-28s %8" PRIu64 " known %7" PRIu64 " null  %6.2f %%\n", name, share->known,
	       share->null, percent(share));
}

static void print_figures(const struct verdict *verdict)
{
	printf("    acts %" PRIu64 ", of %" PRIu64 " ends %" PRIu64 " without any, cause unknown %"
	       PRIu64 ", of nobody %" PRIu64 "\n", verdict->acts, verdict->ends, verdict->missing,
	       verdict->unknown, verdict->strangers);
	print_share("actors", &verdict->actor);
	print_share("owners, opened after start", &verdict->after);
	print_share("owners, opened before", &verdict->seeded);
	print_share("  of those without an actor", &verdict->seeded_alone);
	print_share("owners, opened meanwhile", &verdict->between);
	print_share("peers", &verdict->peer);
	printf("    owners by connect %" PRIu64 ", accept %" PRIu64 ", listener %" PRIu64
	       ", seed %" PRIu64 ", last %" PRIu64 "\n    ways:", verdict->connected,
	       verdict->accepted, verdict->inferred, verdict->found, verdict->last);
	for (int way = WAY_CLOSE; way < WAYS; way++)
		printf(" %s %" PRIu64, way_name((enum way)way), verdict->ways[way]);
	printf("\n");
}

struct count {
	const char *label;
	unsigned int passed, failed;
};

static void demand(struct count *count, const char *name, bool holds, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void demand(struct count *count, const char *name, bool holds, const char *fmt, ...)
{
	va_list args;

	printf("%s %s %s ", holds ? "PASS" : "FAIL", count->label, name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	*(holds ? &count->passed : &count->failed) += 1;
}

static void demand_none(struct count *count, const char *name, uint64_t wrong)
{
	demand(count, name, !wrong, "%" PRIu64 " wrong", wrong);
}

static void demand_share(struct count *count, const char *name, const struct share *share,
			 double least)
{
	demand(count, name, percent(share) >= least, "%.2f %% known, at least %.0f %%",
	       percent(share), least);
}

/*
 * The account at the end: nothing is lost, and it agrees with what was read.  Events for which the
 * kernel ran no program (status 4) are acts that are missing, not wrong.
 */
static void demand_stream(struct count *count, const struct verdict *verdict,
			  const struct tracer *tracer)
{
	struct json_object *end = verdict->last_line;
	int status = WIFEXITED(tracer->status) ? WEXITSTATUS(tracer->status) : -1;
	int64_t missed = line_number(end, "missed");
	int64_t lost = line_number(end, "lost"), late = line_number(end, "late");
	bool agrees = line_is(end, "end") &&
		      line_number(end, "emitted") == (int64_t)verdict->told;

	demand(count, "stream", agrees && !lost && status == (missed ? 4 : 0),
	       "status %d, %" PRIu64 " acts, %" PRId64 " lost, %" PRId64 " late, %" PRId64
	       " runs missed", status, verdict->told, lost, late, missed);
}

/* Nearly every end is told of, and every way was gone if there were enough to choose from. */
static void demand_coverage(struct count *count, const struct verdict *verdict)
{
	unsigned int ways = 0;

	for (int way = WAY_CLOSE; way < WAYS; way++)
		ways += verdict->ways[way] > 0;
	demand(count, "coverage",
	       verdict->ends && verdict->missing * 20 < verdict->ends && !verdict->strangers &&
		       (ways == WAYS - WAY_CLOSE || verdict->ends < ENOUGH),
	       "%u of %d ways, %" PRIu64 " of %" PRIu64 " ends told, %" PRIu64
	       " acts of no connection", ways, WAYS - WAY_CLOSE,
	       verdict->ends - verdict->missing, verdict->ends, verdict->strangers);
}

unsigned int verdict_print(const struct verdict *verdict, const struct tracer *tracer,
			   const char *label)
{
	struct count count = { .label = label };

	print_figures(verdict);
	demand_none(&count, "actors_right", verdict->wrong_actor);
	demand_none(&count, "owners_right", verdict->wrong_owner);
	demand_none(&count, "peers_right", verdict->wrong_peer);
	demand_none(&count, "roles_right", verdict->wrong_role);
	demand_none(&count, "calls_right", verdict->wrong_via);
	demand_share(&count, "actors_known", &verdict->actor, 99);
	demand_share(&count, "owners_known", &verdict->after, 99);
	demand_share(&count, "seeded_known", &verdict->seeded, 95);
	demand_share(&count, "seeded_found", &verdict->seeded_alone, 95);
	demand_coverage(&count, verdict);
	demand_stream(&count, verdict, tracer);
	return count.failed;
}
