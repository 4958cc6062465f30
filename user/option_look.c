// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_look.c - the options that choose how lines look, and not which there are */
#include <string.h>

#include "option_key.h"
#include "value.h"

#define STATS_NS	10000000000ULL

static int parse_color(struct options *options, const char *when)
{
	/* Alone it asks for colour, as with ls and grep. */
	if (!when || !strcmp(when, "always"))
		options->color = COLOR_ALWAYS;
	else if (!strcmp(when, "never"))
		options->color = COLOR_NEVER;
	else if (!strcmp(when, "auto"))
		options->color = COLOR_AUTO;
	else
		return options_fail(options, "--color takes auto, always or never, not '%s'", when);
	return 0;
}

static int parse_summary(struct options *options, const char *every)
{
	options->summary = true;
	if (every && value_duration(every, &options->summary_ns))
		return options_fail(options,
				    "--summary takes the time between two, as 10s or 5m, not '%s'",
				    every);
	return 0;
}

static int parse_count_only(struct options *options, const char *every)
{
	options->count_only = true;
	if (every && (value_duration(every, &options->count_only_ns) || !options->count_only_ns))
		return options_fail(options, "--count-only takes the time between two tables, as "
				    "10s, not '%s'", every);
	return 0;
}

static int parse_stats(struct options *options, const char *every)
{
	options->stats_ns = STATS_NS;
	if (every && (value_duration(every, &options->stats_ns) || !options->stats_ns))
		return options_fail(options, "--stats takes the time between two, as 10s, not '%s'",
				    every);
	return 0;
}

static int parse_stamp(struct options *options)
{
	if (options->stamp + 1 == STAMPS)
		return options_fail(options, "-t at most five times: -ttttt is since the start");
	options->stamp++;
	return 0;
}

error_t options_look(struct options *options, int key, char *arg)
{
	switch (key) {
	case 'n':
		options->services = false;
		return 0;
	case 'N':
		options->services = true;
		return 0;
	case 't':
		return parse_stamp(options);
	case KEY_COLOR:
		return parse_color(options, arg);
	case KEY_SUMMARY:
		return parse_summary(options, arg);
	case KEY_COUNT_ONLY:
		return parse_count_only(options, arg);
	case KEY_STATS:
		return parse_stats(options, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
