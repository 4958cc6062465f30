// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* help.c - the text of --help */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "sinks/sink.h"
#include "verb.h"

#define HELP_COLUMNS	80

/* How many lines there are, none of which may be too long. */
static size_t fits(const struct options *options)
{
	char *text, *rest, *line;
	size_t size, lines = 0;
	FILE *out = open_memstream(&text, &size);

	options_help(out, options);
	fclose(out);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		cr_expect(strlen(line) <= HELP_COLUMNS, "%zu columns: %s", strlen(line), line);
		lines++;
	}
	free(text);
	return lines;
}

Test(help, fits_a_terminal)
{
	unsetenv("ARGP_HELP_FMT");
	cr_expect_gt(fits(&(struct options){ 0 }), 20);
	for (size_t i = 0; i < verb_count; i++)
		cr_expect_gt(fits(&(struct options){ .verb = verb_table[i].verb,
						     .verb_given = true }), 8);
}

/* A format that was left out is not offered. */
Test(help, formats_that_are_built_in)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	options_help(out, &(struct options){ 0 });
	fclose(out);
	cr_expect(strstr(text, "text, json, csv,"));
	cr_expect_eq(!strstr(text, "journal,"), !sink_by_name("journal"), "%s", text);
	free(text);
}

/* Each verb teaches about itself, with examples that are of that verb. */
Test(help, of_a_verb)
{
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb_info *info = &verb_table[i];
		struct options options = { .verb = info->verb, .verb_given = true };
		char *text, example[64];
		size_t size;
		FILE *out = open_memstream(&text, &size);

		options_help(out, &options);
		fclose(out);
		snprintf(example, sizeof(example), "\n  closetrace %s",
			 info->verb == VERB_TRACE ? "-" : info->name);
		cr_expect_eq(strncmp(text, "Usage: closetrace ", 18), 0, "%s", info->name);
		cr_expect(strstr(text, info->summary), "%s: no summary", info->name);
		cr_expect(strstr(text, example), "%s: no example", info->name);
		cr_expect(strstr(text, "Exit status:"), "%s: no status", info->name);
		free(text);
	}
}

/* Each option is explained, and nothing is told that is not there. */
Test(help, names_every_option)
{
	static const char *const names[] = { "--pid", "--port", "--rst", "--fin", "--silent",
					     " -o ", " -j ", " -k ", " -q ", " -v ", "--count",
					     "--duration", "--tier", "--btf", "--buffer",
					     "--no-fentry", "--debug", "--cause", "--unexpected",
					     "--fail-on", " -n ", " -N ", " -t ", "--color",
					     "--summary", "--help", "--version",
					     "--output", "--run-as", "-- COMMAND",
					     "--search", "trace", "check",
					     "explain", "verify",
					     "--against", "Exit status:", "either.",
					     "both.", "'!'", "Examples:" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	options_help(out, &(struct options){ 0 });
	fclose(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect(strstr(text, names[i]), "%s is not in the help", names[i]);
	free(text);
}
