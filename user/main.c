// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* main.c - closetrace(8): parse, dispatch, exit */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "explain.h"
#include "message.h"
#include "options.h"
#include "report/report.h"
#include "trace.h"
#include "verify/verify.h"
#include "version.h"

/* What was only printed is done when it is written; a reader that went away has had enough. */
static int printed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	if (errno == EPIPE)
		return STATUS_DONE;
	message_tell("cannot write: %s", strerror(errno));
	return STATUS_IO;
}

/* The verbs that print and end by themselves. */
static int dispatch(const struct options *options)
{
	switch (options->verb) {
	case VERB_CHECK:
		return check_run(options);
	case VERB_EXPLAIN:
		return explain_run(options);
	case VERB_VERIFY:
		return verify_run(options);
	default:
		return STATUS_USAGE;
	}
}

/*
 * No file of ours takes the number of a standard one that our caller closed: what is meant for
 * people would be written there.  Held in this way, writing fails as it should, and a command finds
 * it closed, as it was.
 */
static void hold_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
	}
}

/* A record in SQLite is mapped while it is read: what is cut off is gone from under our feet. */
static void on_cut(int number)
{
	static const char text[] = "closetrace: the file was cut while it was read: nobody but its "
				   "recorder may write to it; read a copy\n";
	ssize_t told = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)number;
	(void)told;
	_exit(STATUS_IO);
}

int main(int argc, char **argv)
{
	struct options options;

	hold_standard_files();
	if (options_parse(&options, argc, argv)) {
		fprintf(stderr, "closetrace: %s\n", options.error);
		exit(options.command ? STATUS_FAILED : STATUS_USAGE);
	}
	if (options.action == OPTIONS_RUN &&
	    (options.verb == VERB_TRACE || options.verb == VERB_RECORD))
		exit(trace_run(&options));
	signal(SIGPIPE, SIG_IGN);
	signal(SIGBUS, on_cut);
	if (options.action == OPTIONS_RUN && options.verb == VERB_REPORT)
		exit(report_run(&options));
	switch (options.action) {
	case OPTIONS_HELP:
		options_help(stdout, &options);
		exit(printed(STATUS_DONE));
	case OPTIONS_VERSION:
		printf("closetrace %s\n", CLOSETRACE_VERSION);
		exit(printed(STATUS_DONE));
	case OPTIONS_RUN:
		exit(printed(dispatch(&options)));
	}
}
