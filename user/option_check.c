// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_check.c - what can only be judged when all words have been read */
#include <string.h>

#include "explain.h"
#include "option_key.h"
#include "sinks/sink.h"
#include "verify/report.h"

/* What the verb can write; known when all words have been read. */
static void format_names(const struct options *options, char *names, size_t size)
{
	if (options->verb == VERB_EXPLAIN || options->verb == VERB_VERIFY)
		snprintf(names, size, "text, md, json");
	else if (options->verb == VERB_CHECK)
		snprintf(names, size, "text, json");
	else
		sink_names(names, size);
}

static bool format_known(struct options *options)
{
	const struct sink *sink = sink_by_name(options->format);

	if (options->verb == VERB_EXPLAIN)
		return explain_form(options->format);
	if (options->verb == VERB_VERIFY)
		return report_format(options->format);
	if (options->verb == VERB_CHECK)
		return !strcmp(options->format, "text") || !strcmp(options->format, "json");
	options->stacks |= sink && sink->stacks;
	return sink;
}

static int check_format(struct options *options)
{
	const char *text = options->format;
	char names[128];

	if (format_known(options))
		return 0;
	format_names(options, names, sizeof(names));
	if (!strcmp(text, "journal"))
		return options_fail(options, "this closetrace was built without libsystemd, which "
				    "-o journal needs; use one of %s", names);
	if (strchr(text, '/') || strchr(text, '.'))
		return options_fail(options, "-o takes a format (%s); for a file: --output %s",
				    names, text);
	return options_fail(options, "-o takes one of %s, not '%s'", names, text);
}

/* What goes with a command, and what needs one. */
static int check_command(struct options *options)
{
	if (!options->command && options->run_as)
		return options_fail(options, "--run-as is for a command: closetrace --run-as USER "
					     "-- COMMAND");
	if (!options->command && options->follow && !options->pids)
		return options_fail(options, "-f follows the children of -p or of a command; name "
					     "a process");
	if (!options->command)
		return 0;
	if (options->verb != VERB_TRACE)
		return options_fail(options, "only trace takes a command");
	if (options->pids == SETTINGS_PIDS)
		return options_fail(options, "more than %d process ids, the command's included",
				    SETTINGS_PIDS);
	options->tree = true;
	return 0;
}

bool options_explain(int key)
{
	return key == 'o' || key == 'j' || key == 'h' || key == 'V' || key == KEY_SEARCH;
}

/* What would be read, and do nothing. */
static int check_verb(struct options *options)
{
	if (options->verb == VERB_EXPLAIN && options->traces)
		return options_fail(options, "explain takes no options but --search, -o and -j; "
				    "see closetrace explain --help");
	if (options->verb == VERB_CHECK && options->output)
		return options_fail(options, "check writes to stdout; closetrace check >%s",
				    options->output);
	return 0;
}

/* Counts tell of no single act, and of nothing that their key does not hold. */
static int check_count_only(struct options *options)
{
	const struct sink *sink = sink_by_name(options->format);
	bool tables = !strcmp(options->format, "text");
	const struct { bool given; const char *name; } others[] = {
		{ sink && !sink->count && !tables, "that format" },
		{ options->stacks, "-k" },	{ options->held, "--held" },
		{ options->all, "--all" },	{ options->count, "-c" },
		{ options->summary, "--summary" },
		{ options->places, "--unit, --cgroup or --container" },
	};

	for (size_t i = 0; options->count_only && i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].given)
			return options_fail(options, "--count-only does not go with %s",
					    others[i].name);
	}
	options->summary |= options->count_only && tables;
	if (options->count_only && options->summary)
		options->summary_ns = options->count_only_ns;
	return 0;
}

int options_check(struct options *options)
{
	int rc = check_command(options) ?: check_verb(options);

	if (rc)
		return rc;
	if (options->search && options->verb != VERB_EXPLAIN)
		return options_fail(options, "--search goes with explain: closetrace explain "
					     "--search '%s'", options->search);
	if (options->search && options->topic)
		return options_fail(options, "explain takes a cause or --search, not both");
	if (options->verify.asked && options->verb != VERB_VERIFY)
		return options_fail(options, "--%s goes with verify: closetrace verify --%s",
				    options->verify.asked, options->verify.asked);
	return options_check_store(options) ?: check_format(options) ?:
	       options_check_report(options) ?: check_count_only(options);
}
