/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One run of closetrace: started, stopped, and what it said.
 */
#ifndef VERIFY_TRACER_H
#define VERIFY_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct json_object;

struct tracer {
	pid_t pid;
	int out_fd;			/* its standard output: a file */
	int err_fd;			/* its standard error: a file in memory */
	int status;			/* as from waitpid(), once stopped */
	char tier[16];			/* from the start line */
	struct json_object **line;	/* every line, in order; once read */
	size_t lines;
};

/*
 * Starts PATH -j [--tier TIER] [MORE ...] with its output in keep (NULL: in memory) and waits for
 * the start line. 0 or a negative errno; then tracer_complain() may know more.
 */
int tracer_start(struct tracer *tracer, const char *path, const char *tier, char *const *more,
		 const char *keep, unsigned int slow);

/* SIGINT, then waits for the end; 0 or a negative errno. */
int tracer_stop(struct tracer *tracer, unsigned int slow);
/*
 * Hands on every line, which take() then owns, until it returns something else than 0; that, or
 * -EBADMSG when a line is not a JSON object.
 */
int tracer_each(const struct tracer *tracer, int (*take)(void *context, struct json_object *line),
		void *context);
/* Reads all lines; 0, or -EBADMSG when one is not a JSON object, then .lines is its index. */
int tracer_read(struct tracer *tracer);
/* The last lines of its standard error. */
void tracer_complain(const struct tracer *tracer, FILE *out);
void tracer_release(struct tracer *tracer);

#endif
