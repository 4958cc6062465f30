// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * folded.c - stacks counted, a line each at the end, as flame graph tools read them
 *
 * "nginx;main;ngx_close_connection;__close;tcp_close_[k];unread_data 12": the process, then the
 * outermost frame first, the kernel's marked, and the cause as the last frame.  "(nginx)" only
 * owned the socket: nobody called.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "../cause.h"
#include "../frame.h"
#include "../words.h"
#include "sink.h"

#define LINES	65536	/* distinct ones; those after them are counted in one */

struct stack_line {
	uint64_t count;
	char text[];
};

/* Of the run in progress. */
static struct {
	void *tree;
	size_t lines;
} folded;

static int compare(const void *left, const void *right)
{
	const struct stack_line *a = left, *b = right;

	return strcmp(a->text, b->text);
}

static int folded_start(const struct sink_options *options, const struct run *run)
{
	memset(&folded, 0, sizeof(folded));
	sink_greet(options, run, "counting stacks");
	return 0;
}

/* What divides frames cannot be in one. */
static void print_part(FILE *out, char *text, const char *suffix)
{
	for (char *at = text; (at = strchr(at, ';'));)
		*at = ':';
	fprintf(out, "%s%s", text, suffix);
}

static void print_process(FILE *out, const struct record *r)
{
	char comm[WORDS_COMM];

	if (r->known & KNOWN_ACTOR) {
		words_comm(r->actor.comm, sizeof(r->actor.comm), comm);
		print_part(out, comm, "");
	} else if (r->known & KNOWN_OWNER) {
		words_comm(r->owner.comm, sizeof(r->owner.comm), comm);
		fputc('(', out);
		print_part(out, comm, ")");
	} else {
		fputc('-', out);
	}
}

static void print_frames(FILE *out, const struct frames *frames, const char *suffix)
{
	char name[FRAME_TEXT];

	for (size_t i = frames->known ? frames->count : 0; i-- > 0;) {
		frame_name(&frames->frame[i], name);
		fputc(';', out);
		print_part(out, name, suffix);
	}
}

/* The line of an act, or that of all others, with a count of 0; NULL: no memory. */
static struct stack_line *fold(const struct act *act)
{
	const uint64_t count = 0;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fwrite(&count, sizeof(count), 1, out);
	if (act) {
		print_process(out, &act->record);
		if (act->frames) {
			print_frames(out, &act->frames->user, "");
			print_frames(out, &act->frames->kernel, "_[k]");
		}
		fprintf(out, ";%s", act->cause->slug);
	} else {
		fputs("[others]", out);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return (struct stack_line *)text;
}

static int folded_act(const struct sink_options *options, const struct act *act)
{
	struct stack_line *line = fold(act), **known;

	(void)options;
	if (line && folded.lines >= LINES && !tfind(line, &folded.tree, compare)) {
		free(line);
		line = fold(NULL);
	}
	known = line ? tsearch(line, &folded.tree, compare) : NULL;
	if (!known) {
		free(line);
		return -ENOMEM;
	}
	if (*known == line)
		folded.lines++;
	else
		free(line);
	(*known)->count++;
	return 0;
}

static void print_line(const void *node, VISIT visit, void *context)
{
	const struct stack_line *const *line = node;

	if (visit == postorder || visit == leaf)
		fprintf(context, "%s %" PRIu64 "\n", (*line)->text, (*line)->count);
}

static int folded_end(const struct sink_options *options, const struct run *run,
		      const struct totals *totals)
{
	int rc;

	twalk_r(folded.tree, print_line, options->out);
	tdestroy(folded.tree, free);
	memset(&folded, 0, sizeof(folded));
	rc = sink_failed(options->out);
	return rc ?: sink_by_name("text")->end(options, run, totals);
}

static const struct sink folded_sink = {
	.name = "folded",
	.summary = "stacks counted, for flame graphs",
	.stacks = true,
	.start = folded_start,
	.act = folded_act,
	.end = folded_end,
};
SINK_REGISTER(folded_sink);
