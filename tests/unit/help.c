// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* help.c - the text of --help */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define HELP_COLUMNS	80

Test(help, fits_a_terminal)
{
	char *text, *rest, *line;
	size_t size, lines = 0;
	FILE *out = open_memstream(&text, &size);

	unsetenv("ARGP_HELP_FMT");
	options_help(out);
	fclose(out);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		cr_expect(strlen(line) <= HELP_COLUMNS, "%zu columns: %s", strlen(line), line);
		lines++;
	}
	cr_expect_gt(lines, 20);
	free(text);
}

/* Each option is explained, and nothing is told that is not there. */
Test(help, names_every_option)
{
	static const char *const names[] = { "--pid", "--port", "--rst", "--fin", "--silent",
					     " -o ", " -j ", " -k ", " -q ", " -v ", "--count",
					     "--duration", "--tier", "--btf", "--buffer",
					     "--no-fentry", "--debug", "--help", "--version",
					     "trace", "check", "Exit status:",
					     "--output", "--run-as", "-- COMMAND" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	options_help(out);
	fclose(out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect(strstr(text, names[i]), "%s is not in the help", names[i]);
	free(text);
}
