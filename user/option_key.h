/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* option_key.h - what the files that know the options share */
#ifndef CLOSETRACE_OPTION_KEY_H
#define CLOSETRACE_OPTION_KEY_H

#include <argp.h>

#include "options.h"

/* Options without a letter. */
enum key {
	KEY_RST = 256,
	KEY_FIN,
	KEY_SILENT,
	KEY_ALL,
	KEY_TIER,
	KEY_BTF,
	KEY_BUFFER,
	KEY_OWNERS,
	KEY_SAMPLES,
	KEY_DEBUG,
	KEY_NO_FENTRY,
	KEY_HELD,
	KEY_COMM,
	KEY_UID,
	KEY_CGROUP,
	KEY_UNIT,
	KEY_CONTAINER,
	KEY_NETNS,
	KEY_LPORT,
	KEY_RPORT,
	KEY_LADDR,
	KEY_RADDR,
	KEY_CAUSE,
	KEY_UNEXPECTED,
	KEY_FAIL_ON,
	KEY_COLOR,
	KEY_SUMMARY,
	KEY_STATS,
	KEY_COUNT_ONLY,
	KEY_OUTPUT,
	KEY_RUN_AS,
	KEY_SEARCH,
	KEY_LIST,
	KEY_ONLY,
	KEY_SLOW,
	KEY_GLOBAL,
	KEY_AGAINST,
	KEY_SYSCTL,
	KEY_JOBS,
	KEY_FORMAT,
	KEY_SINCE,
	KEY_UNTIL,
	KEY_SOCKET,
	KEY_BY,
	KEY_TOP,
	KEY_HISTOGRAM,
	KEY_ANONYMIZE,
	KEY_MAX_SIZE,
	KEY_MAX_AGE,
	KEYS,
};

/* Keeps the one line that says what is wrong; EINVAL. */
int options_fail(struct options *options, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The table that argp reads, with the headings of its groups; ends with an empty row. */
const struct argp_option *options_table(void);

/* Says in options->error which word argp cannot have taken, and what may be meant. */
void options_complain(struct options *options, int argc, char *const *argv);

/* Whether explain takes it; all others are for tracing. */
bool options_explain(int key);

/* Whether options go together; 0 or EINVAL. */
int options_check(struct options *options);

/* The options that choose connections; ARGP_ERR_UNKNOWN for all others. */
error_t options_filter(struct options *options, int key, char *arg);

/* The options that choose how lines look; ARGP_ERR_UNKNOWN for all others. */
error_t options_look(struct options *options, int key, char *arg);

/* The options of record and report; ARGP_ERR_UNKNOWN for all others. */
error_t options_store(struct options *options, int key, char *arg);
/* Keeps in mind that a key was given which record or report may have no use for. */
void options_store_see(struct options *options, int key);
/* Whether the options go with record and report; 0 or EINVAL. */
int options_check_store(struct options *options);

/* The options of report alone; ARGP_ERR_UNKNOWN for all others. */
error_t options_report(struct options *options, int key, char *arg);
/* Whether they go together; 0 or EINVAL. */
int options_check_report(struct options *options);

/* The options of verify; ARGP_ERR_UNKNOWN for all others. */
error_t options_verify(struct options *options, int key, char *arg);

#endif
