// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace.c - the live stream: what it takes to begin, and the account at its end */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "output.h"
#include "process.h"
#include "signals.h"
#include "trace.h"
#include "trace_private.h"

static int complain(const char *message, int status)
{
	fprintf(stderr, "closetrace: %s\n", message);
	return status;
}

/* A file has no reader that could go away. */
static int output_fd(const struct trace *trace)
{
	const struct recording *recording = &trace->recording;

	if (recording->recorder && strcmp(recording->path, "-"))
		return -1;
	return fileno(trace->pipeline.sink_options.out);
}

static int open_ring(struct trace *trace)
{
	int rc = ring_open(&trace->ring, probe_ring_fd(trace->probe),
			   probe_ring_size(trace->probe));

	if (rc)
		return rc;
	trace_pace(trace);
	trace->polls[WATCH_RING].events = POLLIN;
	trace->polls[WATCH_SIGNAL].events = POLLIN;
	/* No events: only that the reader of a pipe went away, while nothing is written. */
	trace->polls[WATCH_OUTPUT].fd = output_fd(trace);
	trace->polls[WATCH_CLOCK].fd = wall_watch();
	trace->polls[WATCH_CLOCK].events = POLLIN;
	trace->poll_count = WATCH_PIDS;
	trace->polls[WATCH_SIGNAL].fd = signals_watch(trace->options->command,
						   output_fd(trace) < 0);
	return trace->polls[WATCH_CLOCK].fd < 0 ? trace->polls[WATCH_CLOCK].fd :
						  trace->polls[WATCH_SIGNAL].fd;
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
	do {
		trace_drain(trace);
		trace_advance(trace);
	} while (trace->pace.behind);
	trace_look_for_file(trace, UINT64_MAX);
	trace_settle_losses(trace);
	pipeline_drain(&trace->pipeline, UINT64_MAX);
	trace_totals(trace, &totals);
	if (trace->pipeline.tally && tally_found(trace->pipeline.tally, trace->options,
						 !trace->pipeline.order.amends_lost))
		trace->pipeline.found = true;
	totals.status = status_of(trace, &totals);
	if (trace->pipeline.error == -EPIPE)
		return totals.status;
	if (out->messages && trace->ended_ns && !trace->options->command)
		fprintf(out->messages, "closetrace: the processes of -p have ended\n");
	if (!trace->pipeline.error) {
		trace_storm(trace);
		trace_stats_end(trace);
	}
	if (!trace->pipeline.error) {
		pipeline_summarize(&trace->pipeline);
		rc = trace->pipeline.sink->end(out, &trace->run, &totals);
		if (trace->recording.recorder && out->messages)
			trace_print_totals(trace);
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

static int prepare_counts(struct trace *trace)
{
	const volatile uint64_t *counts;

	if (!trace->options->count_only)
		return 0;
	counts = probe_counts(trace->probe);
	trace->pipeline.tally = counts ? tally_new(counts) : NULL;
	trace->pipeline.counted_ns = run_now();
	return trace->pipeline.tally ? 0 : -ENOMEM;
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
	return prepare_counts(trace) ?: cgroups_scan(trace->pipeline.cgroups);
}

static void count(const struct recording *recording, struct totals *totals)
{
	const char *inside = (const char *)recording - offsetof(struct trace, recording);

	trace_totals((const struct trace *)inside, totals);
}

/* Its file is opened when there is something to write. */
static void init_recording(struct trace *trace)
{
	struct recording *recording = &trace->recording;

	recording->recorder = recorder_by_name(trace->options->store.form);
	recording->options = trace->options;
	recording->pipeline = &trace->pipeline;
	recording->count = count;
	trace->pipeline.sink = &recording->recorder->sink;
	trace->pipeline.sink_options = (struct sink_options){
		.out = stdout,
		.messages = trace->options->quiet ? NULL : stderr,
		.recording = recording,
		.now_ns = run_now(),
	};
}

static int open_recording(struct trace *trace, char message[MESSAGE])
{
	return trace->recording.recorder ? recording_open(&trace->recording, message) : 0;
}

/* When it has begun: signals and acts are ours from now on. */
static void start_sink(struct trace *trace)
{
	struct pipeline *pipeline = &trace->pipeline;

	pipeline->error = pipeline->sink->start(&pipeline->sink_options, &trace->run);
	trace_stats_begin(trace);
	pipeline_drain(pipeline, 0);
	if (trace->recording.recorder && pipeline->sink_options.messages)
		fprintf(stderr, "closetrace: recording in the %s tier to %s, Ctrl-C ends\n",
			trace->run.tier, trace->recording.path);
}

static int init_pipeline(struct trace *trace, char message[MESSAGE])
{
	struct pipeline *pipeline = &trace->pipeline;

	pipeline->options = trace->options;
	pipeline->run = &trace->run;
	if (trace->options->verb == VERB_RECORD) {
		init_recording(trace);
		return 0;
	}
	pipeline->sink = sink_by_name(trace->options->format);
	return output_sink(&pipeline->sink_options, trace->options, message);
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
		/* The command is not yet what it will be. */
		if (!trace->options->pid[i].not && trace->options->pid[i].pid != trace->command.pid)
			stack_learn(stacks, trace->options->pid[i].pid);
	}
	trace->pipeline.stacks = stacks;
	return 0;
}

static int run(struct trace *trace)
{
	char message[MESSAGE] = "out of memory";
	int rc;

	if (process_check_all(trace->options, message))
		return complain(message, STATUS_USAGE);
	if (probe_open(&trace->probe, trace->options, &trace->run, message))
		return complain(message, STATUS_CANNOT_TRACE);
	trace->run.tier = probe_tier(trace->probe);
	if (open_recording(trace, message))
		return complain(message, STATUS_IO);
	rc = prepare_pipeline(trace) ?: open_stacks(trace) ?: open_ring(trace);
	if (rc < 0)
		return complain(strerror(-rc), STATUS_CANNOT_TRACE);
	trace_watch_processes(trace);
	if (trace->options->command) {
		rc = command_release(&trace->command, trace->options->command[0], message);
		if (rc)
			return complain(message, rc);
		trace->released = true;
	}
	if (trace->options->duration_ns)
		trace->deadline_ns = run_now() + trace->options->duration_ns;
	start_sink(trace);
	trace_loop(trace);
	return finish(trace);
}

/* Held, it is one more process of -p. */
static int start_command(struct trace *trace, struct options *options, char message[MESSAGE])
{
	struct identity identity;
	int rc = identity_find(&identity, options->run_as, message);

	if (!rc) {
		rc = command_start(&trace->command, options->command, &identity);
		message_form(message, "cannot start a process: %s", strerror(-rc));
	}
	identity_free(&identity);
	if (rc)
		return rc;
	output_beside_command();
	options->pid[options->pids++] = (struct option_pid){ .pid = trace->command.pid };
	return 0;
}

/* Its status is ours, however tracing went; so it is waited for when that has ended before. */
static int end_command(struct trace *trace, int status)
{
	if (!trace->released) {
		command_abandon(&trace->command);
		return status < STATUS_FAILED ? STATUS_FAILED : status;
	}
	command_look(&trace->command);
	if (trace->command.running && trace->pipeline.sink_options.messages)
		fprintf(stderr, "closetrace: tracing has ended, the command goes on\n");
	command_await(&trace->command, trace->polls[WATCH_SIGNAL].fd);
	/* A command that failed says so itself. */
	if (!trace->command.status && trace->pipeline.found)
		return STATUS_FOUND;
	return trace->command.status;
}

int trace_run(const struct options *given)
{
	struct options options = *given;
	struct trace trace = { .options = &options, .deadline_ns = UINT64_MAX,
			       .command.gate = -1 };
	char message[MESSAGE] = "out of memory";
	int status;

	if (run_init(&trace.run))
		status = complain("cannot read the name of this system", STATUS_CANNOT_TRACE);
	else if (init_pipeline(&trace, message))
		status = complain(message, STATUS_IO);
	else if (options.command && start_command(&trace, &options, message))
		status = complain(message, STATUS_FAILED);
	else
		status = run(&trace);
	ring_close(&trace.ring);
	if (trace.probe)
		probe_close(trace.probe);
	if (trace.recording.recorder)
		trace.recording.recorder->close(&trace.recording);
	pipeline_free(&trace.pipeline);
	return options.command ? end_command(&trace, status) : status;
}
