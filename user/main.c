// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* main.c - closetrace(8): parse, dispatch, exit */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "options.h"
#include "trace.h"
#include "version.h"

static int dispatch(const struct options *options)
{
	switch (options->verb) {
	case VERB_CHECK:
		return check_run(options);
	case VERB_TRACE:
		return trace_run(options);
	}
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct options options;

	if (options_parse(&options, argc, argv)) {
		fprintf(stderr, "closetrace: %s\n", options.error);
		exit(options.command ? STATUS_FAILED : STATUS_USAGE);
	}
	switch (options.action) {
	case OPTIONS_HELP:
		options_help(stdout);
		break;
	case OPTIONS_VERSION:
		printf("closetrace %s\n", CLOSETRACE_VERSION);
		break;
	case OPTIONS_RUN:
		exit(dispatch(&options));
	}
	exit(fflush(stdout) ? STATUS_IO : STATUS_DONE);
}
