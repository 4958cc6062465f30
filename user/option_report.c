// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_report.c - the options of closetrace report: what is asked of a record */
#include <string.h>
#include <time.h>

#include "option_key.h"
#include "report/groups.h"
#include "value.h"

#define SECOND 1000000000ULL

static int parse_time(struct options *options, const char *name, const char *text,
		      struct when *when)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (when_parse(text, (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec, when))
		return options_fail(options, "--%s: '%s' is not a time; use -15min, 12:00:01, "
				    "'2026-11-23 12:00' or what -o json shows", name, text);
	return 0;
}

static int parse_since(struct options *options, const char *text)
{
	struct when when;
	int rc = parse_time(options, "since", text, &when);

	if (!rc)
		options->report.since_ns = when.first_ns;
	return rc;
}

static int parse_until(struct options *options, const char *text)
{
	struct when when;
	int rc = parse_time(options, "until", text, &when);

	if (!rc)
		options->report.until_ns = when.last_ns ?: 1;	/* 0: no bound */
	return rc;
}

static int parse_socket(struct options *options, const char *text)
{
	if (which_parse(text, &options->report.which))
		return options_fail(options, "--socket takes an id of -o json or two ends, as "
				    "10.0.0.5:80-10.0.0.9:40112, not '%s'", text);
	options->report.one = true;
	return 0;
}

static int parse_top(struct options *options, const char *text)
{
	if (value_number(text, 1, UINT32_MAX, &options->report.top))
		return options_fail(options, "--top takes a number from 1, not '%s'", text);
	return 0;
}

static int parse_by(struct options *options, const char *text)
{
	struct groups groups;

	options->report.by = text;
	return groups_parse(&groups, text, options->error) ? EINVAL : 0;
}

static int parse_histogram(struct options *options, const char *text)
{
	uint64_t ns = 0;

	options->report.histogram = true;
	if (text && (value_duration(text, &ns) || ns % SECOND))
		return options_fail(options, "--histogram takes steps of whole seconds, as 10s or "
				    "5m, not '%s'", text);
	options->report.step_s = ns / SECOND;
	return 0;
}

static error_t parse(struct options *options, int key, char *arg)
{
	switch (key) {
	case KEY_SINCE:
		return parse_since(options, arg);
	case KEY_UNTIL:
		return parse_until(options, arg);
	case KEY_SOCKET:
		return parse_socket(options, arg);
	case KEY_BY:
		return parse_by(options, arg);
	case KEY_TOP:
		return parse_top(options, arg);
	case KEY_HISTOGRAM:
		return parse_histogram(options, arg);
	case KEY_ANONYMIZE:
		options->report.anonymize = true;
		return 0;
	case 'F':
		options->report.follow = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

error_t options_report(struct options *options, int key, char *arg)
{
	static const struct { int key; const char *name; } names[] = {
		{ KEY_SINCE, "--since" }, { KEY_UNTIL, "--until" }, { KEY_SOCKET, "--socket" },
		{ KEY_BY, "--by" }, { KEY_TOP, "--top" }, { KEY_HISTOGRAM, "--histogram" },
		{ KEY_ANONYMIZE, "--anonymize" }, { 'F', "-F" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].key == key)
			options->report.asked = names[i].name;
	}
	return parse(options, key, arg);
}

/* What is counted has no lines, and what has no lines cannot be followed. */
static int check_question(struct options *options)
{
	const struct option_report *report = &options->report;
	bool counts = report->by || report->top;

	if (counts && report->histogram)
		return options_fail(options, "--by and --histogram are two questions; ask one");
	if ((counts || report->histogram) && options->summary)
		return options_fail(options, "--summary counts by itself; leave out --by, --top "
				    "and --histogram");
	if ((counts || report->histogram) && !strcmp(options->format, "folded"))
		return options_fail(options, "--by and --histogram go with -o text, json or csv");
	if (report->follow && (counts || report->histogram || options_tell(options)))
		return options_fail(options, "-F follows lines; it does not go with --by, --top, "
				    "--histogram or the story of --socket");
	if (report->follow && report->until_ns)
		return options_fail(options, "-F has no end; leave out --until");
	return 0;
}

bool options_tell(const struct options *options)
{
	const struct option_report *report = &options->report;

	return report->one && !report->by && !report->top && !report->histogram &&
	       !options->summary && !strcmp(options->format, "text");
}

int options_check_report(struct options *options)
{
	const struct option_report *report = &options->report;

	if (report->asked && options->verb != VERB_REPORT)
		return options_fail(options, "%s goes with report: closetrace report %s …",
				    report->asked, report->asked);
	if (report->until_ns && report->since_ns > report->until_ns)
		return options_fail(options, "--since is later than --until: nothing lies between");
	return check_question(options);
}
