// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* help.c - what --help prints: of the program, or of one verb */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "option_key.h"
#include "sinks/sink.h"
#include "verb.h"

#define JOURNAL	"journal, "	/* as it stands in the table of options */

static const char before[] =
	"Tells how each TCP connection on this host ended, who ended it, and why.\v";

static const char after[] =
	"\n"
	"The same option twice: either. Different options: both. A '!' before a value\n"
	"excludes it.\n"
	"\n"
	"Examples:\n"
	"  closetrace -p 4242              how this server's connections end\n"
	"  closetrace --rst=out -P 5432    who resets connections to port 5432\n"
	"  closetrace -- curl -s URL       what this command does to its connections\n"
	"  closetrace -j -d 30s | jq -r '.cause // empty'\n"
	"\n"
	"Exit status: 0 done, 1 --fail-on, 2 usage, 3 cannot trace, 4 acts lost, 5 output\n"
	"failed; with a command its own, 125 it was not started, 126 it cannot run, 127\n"
	"not found.\n";

static void print_verb(FILE *out, const struct verb_info *info)
{
	fprintf(out, "Usage: closetrace %s\n%s\n\n%s", info->use, info->summary, info->help);
}

/* What argp asks of each text: formats that this one was built without are not offered. */
static char *offer(int key, const char *text, void *input)
{
	const char *journal = key == 'o' ? strstr(text, JOURNAL) : NULL;
	char *less;

	(void)input;
	if (!journal || sink_by_name("journal") ||
	    asprintf(&less, "%.*s%s", (int)(journal - text), text, journal + strlen(JOURNAL)) < 0)
		return (char *)text;
	return less;
}

static void print_all(FILE *out)
{
	struct argp argp = { .options = options_table(),
			     .args_doc = "[VERB]\n-- COMMAND [ARG...]", .help_filter = offer };
	char *doc;
	size_t size;
	FILE *text = open_memstream(&doc, &size);

	if (!text)
		return;
	fprintf(text, "%sVerbs, each with its own --help:\n", before);
	for (size_t i = 0; i < verb_count; i++)
		fprintf(text, "  %-8s %s\n", verb_table[i].name, verb_table[i].summary);
	fputs(after, text);
	fclose(text);
	argp.doc = doc;
	/* Without argp's own remark on mandatory arguments. */
	setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
	argp_help(&argp, out, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, "closetrace");
	free(doc);
}

void options_help(FILE *out, const struct options *options)
{
	if (options->verb_given)
		print_verb(out, verb_info(options->verb));
	else
		print_all(out);
}
