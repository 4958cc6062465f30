/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * source.h - what closetrace report reads: one file a form, which registers itself
 *
 * A source knows a form by its first bytes and hands on, run by run, what a live trace would have
 * had: report_begin(), then records, drains and steps of the clock to report->pipeline, then
 * report_end().
 */
#ifndef CLOSETRACE_SOURCE_H
#define CLOSETRACE_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#define SOURCE_HEAD	16	/* bytes by which a form is known */

struct report;

struct source_file {
	const char *path;		/* "-": standard input */
	FILE *in;			/* stands behind the head */
	unsigned char head[SOURCE_HEAD];
	size_t head_size;		/* less than SOURCE_HEAD: the file ends there */
	bool written;			/* a recorder on this host has it open */
};

struct source {
	const char *name;		/* that of --format */
	bool (*is)(const unsigned char *head, size_t size);
	/*
	 * All of it.  0; or a negative errno, after it has said on stderr in one line what is
	 * wrong: what could be read was handed on, and is shown.
	 */
	int (*read)(struct source_file *file, struct report *report);
};

/* Puts a source into the table that source_open() searches. */
#define SOURCE_REGISTER(object)                                                                    \
	static const struct source *const object##_entry                                           \
		__attribute__((used, section("closetrace_sources"))) = &(object)

/* The form of a stream, of which it reads the head; NULL: none that we know. */
const struct source *source_of(struct source_file *file);

/* The form of a file, which is opened; NULL, with a line on stderr, when it has none. */
const struct source *source_open(struct source_file *file, const char *path);
void source_close(struct source_file *file);

/* Whether a recorder on this host has it open now. */
bool source_is_written(int fd);

#endif
