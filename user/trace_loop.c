// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_loop.c - waits for records, signals, the ends of processes and steps of the clock
 *
 * The reader paces itself: a wake-up of the ring costs the traced host 1 to 1.5 us, so a reader
 * that was woken a moment ago sleeps for a millisecond before it drains.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "process.h"
#include "signals.h"
#include "trace_private.h"

#define BUSY_NS		3000000ULL	/* woken again within this time: the host is busy */
#define BUSY_SLEEP_NS	1000000L
#define GRACE_NS	5000000000ULL	/* how long the last sockets of an ended process may take */
#define GRACE_POLL_NS	50000000ULL

bool trace_drain(struct trace *trace)
{
	int rc;

	trace->taken = 0;
	rc = ring_buffer__consume(trace->ring);
	if (rc < 0 && rc != -EAGAIN)
		trace->pipeline.error = rc;
	return rc == -EAGAIN;
}

static void pace(struct trace *trace)
{
	struct timespec nap = { .tv_nsec = BUSY_SLEEP_NS };
	uint64_t now = run_now();

	/* Behind, it does not sleep at all. */
	if (now - trace->woken_ns < BUSY_NS && !trace->behind)
		nanosleep(&nap, NULL);
	trace->woken_ns = run_now();
}

void trace_settle_losses(struct trace *trace)
{
	trace->pipeline.order.amends_lost = probe_amends_lost(trace->probe) > 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
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
	totals->lost_store = trace->recording.lost;
	totals->emitted -= trace->recording.lost;
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

/* Until something happens or @next, CLOCK_MONOTONIC. */
static void wait_for(struct trace *trace, uint64_t next)
{
	uint64_t now = run_now();
	struct timespec timeout;

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
		if (trace->polls[WATCH_CLOCK].revents)
			on_clock(trace);
		if (trace->polls[WATCH_RING].revents)
			pace(trace);
		trace->behind = trace_drain(trace);
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
