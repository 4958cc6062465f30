// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_loop.c - waits for records, signals, the ends of processes and steps of the clock
 *
 * The reader paces itself.  To be woken costs the traced host some microseconds: an interrupt, and
 * a task that is preempted.  So a reader that was woken often a moment ago sleeps and looks again
 * when it wakes by itself, and the ring wakes it no more until little comes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "output.h"
#include "process.h"
#include "signals.h"
#include "trace_private.h"

#define BATCH		4096		/* records at a time, before what is due is written */
#define NAP_NS		10000000ULL	/* how long a line may wait when the host is busy */
#define NAP_PER_BYTE	2		/* ns: no nap fills the ring, whatever comes */
#define WAKES		8		/* in the time of a nap; more, and the host is busy */
#define FEW		4		/* records of a nap; less, and it is no more */
#define LOOK_NS		1000000000ULL	/* between two looks at the file of a record */
#define GRACE_NS	5000000000ULL	/* how long the last sockets of an ended process may take */
#define GRACE_POLL_NS	50000000ULL

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void trace_pace(struct trace *trace)
{
	trace->pace.nap_ns = earlier(NAP_NS, trace->ring.size * NAP_PER_BYTE);
}

/* The ring has woken us: once more in this window. */
static void count_wake(struct pace *pace)
{
	uint64_t now = run_now();

	if (now - pace->window_ns > NAP_NS) {
		pace->window_ns = now;
		pace->wakes = 0;
	}
	pace->busy |= ++pace->wakes > WAKES;
}

static int take(void *context, void *data, size_t size)
{
	struct trace *trace = context;

	probe_taken(trace->probe, data, size);
	return pipeline_take(&trace->pipeline, data, size);
}

static int read_ring(struct trace *trace)
{
	int count = ring_read(&trace->ring, BATCH, trace->pace.busy, take, trace);

	if (count < 0)
		trace->pipeline.error = count;
	return count;
}

void trace_drain(struct trace *trace)
{
	struct pace *pace = &trace->pace;
	int count;

	if (trace->polls[WATCH_RING].revents)
		count_wake(pace);
	count = read_ring(trace);
	if (pace->busy && count < FEW) {
		pace->busy = false;
		count = read_ring(trace);
	}
	/* In a storm there is always something: what is due must be told in between. */
	pace->behind = count == BATCH;
	pace->busy |= pace->behind;
}

void trace_settle_losses(struct trace *trace)
{
	trace->pipeline.order.amends_lost = probe_amends_lost(trace->probe) > 0;
}

void trace_storm(struct trace *trace)
{
	struct pipeline *pipeline = &trace->pipeline;
	uint64_t suppressed[SHARES] = { 0 };
	int rc;

	probe_suppressed(trace->probe, suppressed);
	rc = storm_tell(&trace->storm, suppressed, pipeline->sink, &pipeline->sink_options,
			&trace->run);
	if (rc && !pipeline->error)
		pipeline->error = rc;
}

uint64_t trace_advance(struct trace *trace)
{
	uint64_t now = run_now(), next;

	trace_settle_losses(trace);
	if (!trace->pipeline.error && storm_due(&trace->storm, now)) {
		trace->pipeline.sink_options.now_ns = now;
		trace_storm(trace);
	}
	next = pipeline_drain(&trace->pipeline, now);
	if (!trace->pipeline.error && now >= stats_next(&trace->stats))
		trace_stats(trace);
	next = earlier(next, stats_next(&trace->stats));
	return earlier(next, storm_next(&trace->storm));
}

void trace_watch_processes(struct trace *trace)
{
	for (size_t i = 0; i < trace->options->pids; i++) {
		const struct option_pid *wanted = &trace->options->pid[i];
		int fd = wanted->not ? -ESRCH : process_watch(wanted->pid);

		trace->watching |= !wanted->not;
		if (fd < 0)
			continue;	/* excluded, or ended since it was checked */
		trace->polls[trace->poll_count].fd = fd;
		trace->polls[trace->poll_count++].events = POLLIN;
		trace->alive++;
	}
}

void trace_totals(const struct trace *trace, struct totals *totals)
{
	struct timespec now;

	*totals = trace->pipeline.totals;
	totals->all = trace->options->all;
	pipeline_account(&trace->pipeline, totals);
	totals->lost_store = trace->recording.lost.acts;
	totals->emitted -= trace->recording.lost.acts;
	totals->notes_lost += trace->recording.lost.notes;
	totals->held_lost += trace->recording.lost.held;
	probe_count(trace->probe, totals);
	totals->missed += probe_missed(trace->probe);
	totals->held_lost += probe_held_missed(trace->probe);
	clock_gettime(CLOCK_REALTIME, &now);
	totals->end_wall_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void trace_print_totals(const struct trace *trace)
{
	struct totals totals;

	trace_totals(trace, &totals);
	fprintf(stderr, "closetrace: %llu seen, %llu %s, %llu filtered, %llu lost\n",
		(unsigned long long)totals.seen, (unsigned long long)totals.emitted,
		trace->recording.recorder ? "recorded" : "shown",
		(unsigned long long)totals.filtered, (unsigned long long)totals_lost(&totals));
}

static void reopen(struct trace *trace)
{
	int rc = trace->recording.recorder->reopen(&trace->recording);

	if (rc && !trace->pipeline.error)
		trace->pipeline.error = rc;
}

/* What was removed would take all that comes with it: rm is no way to turn to a new file. */
void trace_look_for_file(struct trace *trace, uint64_t now)
{
	const struct recording *recording = &trace->recording;

	if (!recording->recorder || trace->pipeline.error || now - trace->looked_ns < LOOK_NS)
		return;
	trace->looked_ns = now;
	if (!recording->recorder->is_gone(recording))
		return;
	message_tell("'%s' was removed or emptied, with all that was in it; it is begun anew",
		     recording->path);
	reopen(trace);
}

/* While a command runs, what ends us is its end: a signal is for it. */
static void on_signal(struct trace *trace)
{
	struct sink_options *out = &trace->pipeline.sink_options;
	struct signalfd_siginfo info;

	while (signals_next(trace->polls[WATCH_SIGNAL].fd, &info)) {
		if (info.ssi_signo == SIGUSR1)
			trace_print_totals(trace);
		else if (info.ssi_signo == SIGHUP && trace->recording.recorder)
			reopen(trace);
		else if (info.ssi_signo == SIGWINCH)
			out->columns = output_columns(out->out);
		else if (info.ssi_signo == SIGCHLD)
			command_look(&trace->command);
		else if (trace->command.running)
			command_signal(&trace->command, &info);
		else if (info.ssi_signo != SIGCONT)
			trace->stop = true;
	}
}

static void on_clock(struct trace *trace)
{
	struct wall_reading reading;
	struct wall_step step;

	if (!wall_was_set(trace->polls[WATCH_CLOCK].fd))
		return;
	wall_read(&reading);
	if (wall_take(&trace->run.wall, &reading, &step))
		pipeline_step(&trace->pipeline, &step);
}

static void on_processes(struct trace *trace)
{
	for (nfds_t i = WATCH_PIDS; i < trace->poll_count; i++) {
		if (!trace->polls[i].revents)
			continue;
		close(trace->polls[i].fd);
		trace->polls[i].fd = -1;	/* poll() skips it */
		trace->alive--;
	}
	/* Nothing wakes us when the last child of -f ends: wait_for() looks again and again. */
	if (trace->watching && !trace->alive && !trace->ended_ns &&
	    (!trace->options->follow || !probe_children(trace->probe)))
		trace->ended_ns = run_now();
}

/* The processes of -p are gone: until their last connection is over, 5 s at most. */
static bool subjects_over(const struct trace *trace, uint64_t now)
{
	if (!trace->ended_ns)
		return false;
	if (now - trace->ended_ns > GRACE_NS)
		return true;
	return now - trace->ended_ns > GRACE_POLL_NS && !probe_subject_sockets(trace->probe);
}

/* Until something happens or @next, CLOCK_MONOTONIC.  On a busy host what is due waits as well. */
static void wait_for(struct trace *trace, uint64_t next)
{
	const struct pace *pace = &trace->pace;
	uint64_t now = run_now();
	struct timespec timeout;

	trace->polls[WATCH_RING].fd = pace->busy ? -1 : trace->ring.fd;
	if (pace->busy)
		next = pace->behind ? now : now + pace->nap_ns;
	next = earlier(next, trace->deadline_ns);
	if (trace->watching && !trace->alive)
		next = earlier(next, now + GRACE_POLL_NS);
	timeout.tv_sec = next > now ? (time_t)((next - now) / 1000000000) : 0;
	timeout.tv_nsec = next > now ? (long)((next - now) % 1000000000) : 0;
	ppoll(trace->polls, trace->poll_count, next == UINT64_MAX ? NULL : &timeout, NULL);
}

void trace_loop(struct trace *trace)
{
	uint64_t next = 0;	/* the first round finds out what is due when */

	while (!trace->stop && !trace->pipeline.full && !trace->pipeline.error) {
		uint64_t now;

		wait_for(trace, next);
		/* Before anything is written: after a quiet time it would go with the file. */
		trace_look_for_file(trace, run_now());
		if (trace->polls[WATCH_CLOCK].revents)
			on_clock(trace);
		trace_drain(trace);
		next = trace_advance(trace);
		if (trace->polls[WATCH_SIGNAL].revents)
			on_signal(trace);
		if (trace->polls[WATCH_OUTPUT].revents & POLLERR)
			trace->pipeline.error = -EPIPE;
		on_processes(trace);
		now = run_now();
		if (now >= trace->deadline_ns || subjects_over(trace, now))
			trace->stop = true;
	}
}
