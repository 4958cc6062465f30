/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - the command line, parsed and checked; nothing else reads argv */
#ifndef CLOSETRACE_OPTIONS_H
#define CLOSETRACE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "abi/settings.h"
#include "choice.h"
#include "message.h"
#include "report/when.h"
#include "report/which.h"
#include "stamp.h"

/* Exit statuses; the contract is in closetrace(8). */
enum status {
	STATUS_DONE = 0,
	STATUS_FOUND = 1,	/* --fail-on; verify: a disagreement */
	STATUS_USAGE = 2,
	STATUS_CANNOT_TRACE = 3,
	STATUS_INCOMPLETE = 4,
	STATUS_IO = 5,
	/* With a command, beside its own: as env(1) and others have them. */
	STATUS_FAILED = 125,
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127,
};

enum verb { VERB_TRACE, VERB_RECORD, VERB_REPORT, VERB_CHECK, VERB_EXPLAIN, VERB_VERIFY };
enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };
enum options_tier { TIER_AUTO, TIER_FULL, TIER_BASE };

/* What was on the wire; several bits: either. 0: everything. */
enum options_wire {
	SHOW_FIN	= 1 << 0,
	SHOW_RST_OUT	= 1 << 1,
	SHOW_RST_IN	= 1 << 2,
	SHOW_SILENT	= 1 << 3,
};

enum option_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct option_pid {
	pid_t pid;
	bool not;
};

/* A cgroup by name: what it is called may change its number, so that user space decides. */
enum option_place_kind { PLACE_CGROUP, PLACE_UNIT, PLACE_CONTAINER, PLACE_KINDS };

#define OPTIONS_PLACES 16

struct option_place {
	enum option_place_kind kind;
	const char *name;
	bool not;
};

#define OPTIONS_SYSCTLS 8

struct option_sysctl {
	char name[64];
	const char *value;	/* NULL: as it is here */
};

struct option_verify {
	const char *asked;	/* one of these options that was given; NULL: none */
	bool list, slow, global;
	const char *only;	/* names, separated by commas; NULL: all */
	const char *against;	/* NULL: with what the scenarios say */
	uint32_t jobs;		/* 0: by the processors */
	uint32_t sysctls;
	struct option_sysctl sysctl[OPTIONS_SYSCTLS];
};

/* Of record and report. */
struct option_store {
	const char *write;		/* -w; NULL: a file below /var/lib/closetrace */
	const char *form;		/* --format */
	const char *only_record;	/* one of record's that was given; NULL: none */
	int not_record, not_report;	/* the first key that the verb has no use for; 0: none */
	int not_raw;			/* the first key that needs a judged act */
	int only_sqlite;		/* the first key that the raw form has no use for */
	uint64_t max_size;		/* bytes; 0: as compiled */
	uint64_t max_age_ns;		/* the same */
};

/* Of report. */
struct option_report {
	const char *asked;		/* one of these options that was given; NULL: none */
	uint64_t since_ns, until_ns;	/* ns since 1970, both included; 0: not given */
	bool one;			/* --socket: this connection */
	struct which which;
	const char *by;			/* keys, separated by commas; NULL: not given */
	uint64_t top;			/* 0: all */
	bool histogram;
	uint64_t step_s;		/* of the histogram; 0: as fits */
	bool follow;			/* -F */
	bool anonymize;
};

struct options {
	enum options_action action;
	enum verb verb;
	bool verb_given;			/* else it is trace by default */
	const char *topic;			/* of explain, NULL: all; of report: its file */
	const char *search;			/* --search */
	enum options_tier tier;
	struct option_pid pid[SETTINGS_PIDS];	/* -p */
	struct settings_port port[SETTINGS_PORTS];
	struct settings_address address[SETTINGS_ADDRESSES];
	struct settings_comm comm[SETTINGS_COMMS];
	struct settings_uid uid[SETTINGS_UIDS];
	struct settings_netns ns[SETTINGS_NETNS];
	struct option_place place[OPTIONS_PLACES];
	uint32_t pids, ports, addresses, comms, uids, netns, places;	/* how many of each */
	char **command;				/* after "--"; NULL: none */
	const char *run_as;			/* NULL: who called sudo, else as we are */
	bool tree;				/* children too: -f, or a command */
	bool follow;				/* -f: until the last of them has ended */
	bool held;				/* --held */
	unsigned int show;			/* enum options_wire */
	struct choice cause;			/* --cause */
	struct choice fail_on;			/* --fail-on */
	bool unexpected;			/* --unexpected */
	const char *format;			/* of -o */
	bool format_given;			/* it was not left to be text */
	enum stamp stamp;			/* -t */
	bool services;				/* -N */
	enum option_color color;
	bool summary;				/* --summary */
	uint64_t summary_ns;			/* between two; 0: only at the end */
	bool count_only;			/* --count-only */
	uint64_t count_only_ns;			/* between two tables; 0: only at the end */
	uint64_t stats_ns;			/* --stats: between two; 0: none */
	const char *output;			/* NULL: standard output */
	uint64_t count;				/* -c, 0: no limit */
	uint64_t duration_ns;			/* -d, 0: no limit */
	uint64_t buffer;			/* bytes of the ring, 0: by memory */
	uint32_t owners;			/* sockets remembered, 0: the default */
	uint32_t samples;			/* the same of acts not complete yet */
	const char *btf;			/* NULL: the running kernel's */
	bool no_fentry;				/* function hooks as kprobes only */
	bool all;				/* notes too */
	bool stacks;				/* -k */
	bool quiet, verbose, debug;
	struct option_verify verify;
	struct option_store store;
	struct option_report report;
	bool traces;				/* an option that explain has no use for */
	char error[MESSAGE];			/* one line, when options_parse() fails */
};

/* 0, or -EINVAL with options->error saying what is wrong and what to do. */
int options_parse(struct options *options, int argc, char **argv);

/* Of the program; of a verb that was given. */
void options_help(FILE *out, const struct options *options);

/* Whether a filter is about processes, so that owners must be known as well as can be. */
bool options_ask_who(const struct options *options);

/* Whether report tells a story, and prints no lines. */
bool options_tell(const struct options *options);

#endif
