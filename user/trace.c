// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace.c - the live stream: ring -> pipeline, until a signal, a limit or the end of the processes
 *
 * The reader paces itself: a wake-up of the ring costs the traced host 1 to 1.5 us, so a reader
 * that was woken a moment ago sleeps for a millisecond before it drains.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "pipeline.h"
#include "probe.h"
#include "process.h"
#include "services.h"
#include "terminal.h"
#include "trace.h"

#define BUSY_NS		3000000ULL	/* woken again within this time: the host is busy */
#define BUSY_SLEEP_NS	1000000L
#define GRACE_NS	5000000000ULL	/* how long the last sockets of an ended process may take */
#define GRACE_POLL_NS	50000000ULL

enum { WATCH_RING, WATCH_SIGNAL, WATCH_OUTPUT, WATCH_PIDS };

struct trace {
	const struct options *options;
	struct run run;
	struct probe *probe;
	struct ring_buffer *ring;
	struct pipeline pipeline;
	struct pollfd polls[WATCH_PIDS + SETTINGS_PIDS];
	nfds_t poll_count;
	size_t alive;			/* of -p */
	bool watching;			/* there were some: with the last of them it ends */
	uint64_t ended_ns;		/* when the last of -p ended; 0: not yet */
	uint64_t deadline_ns;		/* of -d; UINT64_MAX: none */
	uint64_t woken_ns;
	bool stop;
};

static int complain(const char *message, int status)
{
	fprintf(stderr, "closetrace: %s\n", message);
	return status;
}

static int take(void *context, void *data, size_t size)
{
	struct trace *trace = context;

	return pipeline_take(&trace->pipeline, data, size);
}

/* Everything in the ring, again and again: it fills while it is read. */
static void drain(struct trace *trace)
{
	if (ring_buffer__consume(trace->ring) < 0)
		trace->pipeline.error = -ENOMEM;
}

static void pace(struct trace *trace)
{
	struct timespec nap = { .tv_nsec = BUSY_SLEEP_NS };
	uint64_t now = run_now();

	if (now - trace->woken_ns < BUSY_NS)
		nanosleep(&nap, NULL);
	trace->woken_ns = run_now();
}

/* A provisional verdict must not be settled by the absence of a reply that was lost. */
static void settle_losses(struct trace *trace)
{
	trace->pipeline.order.amends_lost = probe_amends_lost(trace->probe) > 0;
}

static uint64_t advance(struct trace *trace)
{
	settle_losses(trace);
	run_update_clock(&trace->run);
	return pipeline_drain(&trace->pipeline, run_now());
}

static int watch_signals(struct trace *trace)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	/* A reader that went away is seen as a failed write. */
	signal(SIGPIPE, SIG_IGN);
	trace->polls[WATCH_SIGNAL].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return trace->polls[WATCH_SIGNAL].fd < 0 ? -errno : 0;
}

static void watch_processes(struct trace *trace)
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

static int open_ring(struct trace *trace)
{
	trace->ring = ring_buffer__new(probe_ring_fd(trace->probe), take, trace, NULL);
	if (!trace->ring)
		return -errno;
	trace->polls[WATCH_RING].fd = ring_buffer__epoll_fd(trace->ring);
	trace->polls[WATCH_RING].events = POLLIN;
	trace->polls[WATCH_SIGNAL].events = POLLIN;
	/* No events: only that the reader of a pipe went away, while nothing is written. */
	trace->polls[WATCH_OUTPUT].fd = STDOUT_FILENO;
	trace->poll_count = WATCH_PIDS;
	return watch_signals(trace);
}

static void collect_totals(struct trace *trace, struct totals *totals)
{
	struct timespec now;

	*totals = trace->pipeline.totals;
	totals->all = trace->options->all;
	probe_count(trace->probe, totals);
	totals->missed += probe_missed(trace->probe);
	clock_gettime(CLOCK_REALTIME, &now);
	totals->end_wall_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void on_signal(struct trace *trace)
{
	struct signalfd_siginfo info;
	struct totals totals;

	while (read(trace->polls[WATCH_SIGNAL].fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGUSR1) {
			trace->stop = true;
			continue;
		}
		collect_totals(trace, &totals);
		fprintf(stderr, "closetrace: %llu seen, %llu shown, %llu filtered, %llu lost\n",
			(unsigned long long)totals.seen, (unsigned long long)totals.emitted,
			(unsigned long long)totals.filtered,
			(unsigned long long)totals_lost(&totals));
	}
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
	    !probe_children(trace->probe))
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

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
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

static void loop(struct trace *trace)
{
	uint64_t next = UINT64_MAX;

	while (!trace->stop && !trace->pipeline.full && !trace->pipeline.error) {
		uint64_t now;

		wait_for(trace, next);
		if (trace->polls[WATCH_RING].revents)
			pace(trace);
		drain(trace);
		next = advance(trace);
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

static int status_of(const struct trace *trace, const struct totals *totals)
{
	if (trace->pipeline.error && trace->pipeline.error != -EPIPE)
		return STATUS_IO;
	if (trace->pipeline.found)
		return STATUS_FOUND;
	if (trace->pipeline.error)
		return STATUS_DONE;
	return totals_complete(totals) ? STATUS_DONE : STATUS_INCOMPLETE;
}

/* Detach first: then the ring holds all there will be, and the account can be closed. */
static int finish(struct trace *trace)
{
	struct sink_options *out = &trace->pipeline.sink_options;
	struct totals totals;
	int rc = 0;

	probe_detach(trace->probe);
	drain(trace);
	settle_losses(trace);
	pipeline_drain(&trace->pipeline, UINT64_MAX);
	collect_totals(trace, &totals);
	totals.status = status_of(trace, &totals);
	if (trace->pipeline.error == -EPIPE)
		return totals.status;
	if (out->messages && trace->ended_ns)
		fprintf(out->messages, "closetrace: the processes of -p have ended\n");
	if (!trace->pipeline.error) {
		pipeline_summarize(&trace->pipeline);
		rc = trace->pipeline.sink->end(out, &trace->run, &totals);
		if (fflush(out->out) && !rc)
			rc = -errno;
	}
	if (trace->pipeline.error || rc) {
		fprintf(stderr, "closetrace: cannot write: %s; acts after that are missing\n",
			strerror(-(trace->pipeline.error ?: rc)));
		return STATUS_IO;
	}
	return totals.status;
}

/* After the hooks: the names of younger cgroups are theirs. */
static int prepare_pipeline(struct trace *trace)
{
	trace->pipeline.cgroups = cgroups_new();
	trace->pipeline.held = trace->options->held ? held_log_new() : NULL;
	if (!trace->pipeline.cgroups || (trace->options->held && !trace->pipeline.held))
		return -ENOMEM;
	if (trace->options->summary)
		trace->pipeline.summary = summary_new(run_now(), trace->options->summary_ns);
	if (trace->options->summary && !trace->pipeline.summary)
		return -ENOMEM;
	return cgroups_scan(trace->pipeline.cgroups);
}

static void init_sink(struct sink_options *sink, const struct options *options)
{
	*sink = (struct sink_options){
		.out = stdout,
		.messages = options->quiet ? NULL : stderr,
		.columns = terminal_columns(fileno(stdout)),
		.verbose = options->verbose,
		.color = terminal_colors(fileno(stdout), options->color),
		.services = options->services,
		.silent = options->summary && !options->format_given,
		.stamp = options->stamp,
		.now_ns = run_now(),
	};
	if (options->services)
		services_learn();
}

static void init_pipeline(struct trace *trace)
{
	struct pipeline *pipeline = &trace->pipeline;

	pipeline->options = trace->options;
	pipeline->run = &trace->run;
	pipeline->sink = sink_by_name(trace->options->format);
	init_sink(&pipeline->sink_options, trace->options);
}

static int open_stacks(struct trace *trace)
{
	struct stacks *stacks;

	if (!trace->options->stacks)
		return 0;
	stacks = stack_open();
	if (!stacks)
		return -ENOMEM;
	for (size_t i = 0; i < trace->options->pids; i++) {
		if (!trace->options->pid[i].not)
			stack_learn(stacks, trace->options->pid[i].pid);
	}
	trace->pipeline.stacks = stacks;
	return 0;
}

static int check_pids(const struct options *options, char message[256])
{
	for (size_t i = 0; i < options->pids; i++) {
		pid_t leader, pid = options->pid[i].pid;
		int rc = process_check(pid, &leader);

		if (rc == -ESRCH)
			snprintf(message, 256, "no process %d; ps -e lists those there are", pid);
		else if (rc)
			snprintf(message, 256, "%d is a thread of process %d; use -p %d", pid,
				 leader, leader);
		if (rc)
			return rc;
	}
	return 0;
}

static int run(struct trace *trace)
{
	char message[256] = "out of memory";
	int rc;

	if (check_pids(trace->options, message))
		return complain(message, STATUS_USAGE);
	if (probe_open(&trace->probe, trace->options, &trace->run, message))
		return complain(message, STATUS_CANNOT_TRACE);
	trace->run.tier = probe_tier(trace->probe);
	rc = prepare_pipeline(trace) ?: open_stacks(trace) ?: open_ring(trace);
	if (rc)
		return complain(strerror(-rc), STATUS_CANNOT_TRACE);
	watch_processes(trace);
	if (trace->options->duration_ns)
		trace->deadline_ns = run_now() + trace->options->duration_ns;
	trace->pipeline.error = trace->pipeline.sink->start(&trace->pipeline.sink_options,
							    &trace->run);
	pipeline_drain(&trace->pipeline, 0);
	loop(trace);
	return finish(trace);
}

int trace_run(const struct options *options)
{
	struct trace trace = { .options = options, .deadline_ns = UINT64_MAX };
	int status;

	if (run_init(&trace.run))
		return complain("cannot read the name of this system", STATUS_CANNOT_TRACE);
	init_pipeline(&trace);
	status = run(&trace);
	ring_buffer__free(trace.ring);
	if (trace.probe)
		probe_close(trace.probe);
	pipeline_free(&trace.pipeline);
	return status;
}
