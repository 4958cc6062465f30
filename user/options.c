// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "message.h"
#include "option_key.h"
#include "value.h"
#include "verb.h"

enum group {
	GROUP_WHO = 1, GROUP_WHERE, GROUP_WIRE, GROUP_WHY, GROUP_OUTPUT, GROUP_END, GROUP_KERNEL,
	GROUP_RECORD, GROUP_REPORT, GROUP_VERIFY, GROUP_OTHER,
};

static const struct argp_option table[] = {
	{ NULL, 0, NULL, 0, "Who decided it or owned the socket:", GROUP_WHO },
	{ "pid", 'p', "PID[,PID]", 0, "this process", GROUP_WHO },
	{ "follow", 'f', NULL, 0, "its children too, now and later; a command's till their end",
	  GROUP_WHO },
	{ "run-as", KEY_RUN_AS, "USER", 0, "the command's user; default: who called sudo",
	  GROUP_WHO },
	{ "comm", KEY_COMM, "NAME", 0, "a process of this name", GROUP_WHO },
	{ "uid", KEY_UID, "USER", 0, "a process of this user, name or number", GROUP_WHO },
	{ "unit", KEY_UNIT, "NAME", 0, "a process of this systemd unit", GROUP_WHO },
	{ "cgroup", KEY_CGROUP, "PATH", 0, "a process in this cgroup or below", GROUP_WHO },
	{ "container", KEY_CONTAINER, "ID", 0, "a process in this container", GROUP_WHO },
	{ NULL, 0, NULL, 0, "Where:", GROUP_WHERE },
	{ "port", 'P', "PORT[,PORT]", 0, "either side has this port; '!22': neither side",
	  GROUP_WHERE },
	{ "addr", 'a', "ADDR[/LEN]", 0, "either side has an address in this network",
	  GROUP_WHERE },
	{ "lport", KEY_LPORT, "PORT", 0, "our side has this port", GROUP_WHERE },
	{ "rport", KEY_RPORT, "PORT", 0, "the other side has this port", GROUP_WHERE },
	{ "laddr", KEY_LADDR, "ADDR", 0, "our side has this address", GROUP_WHERE },
	{ "raddr", KEY_RADDR, "ADDR", 0, "the other side has this address", GROUP_WHERE },
	{ "netns", KEY_NETNS, "NS", OPTION_ARG_OPTIONAL,
	  "network namespace: name, path or inode; alone: our own", GROUP_WHERE },
	{ NULL, 0, NULL, 0, "What was on the wire (several: either):", GROUP_WIRE },
	{ "rst", KEY_RST, "out|in", OPTION_ARG_OPTIONAL, "a RST, sent or received", GROUP_WIRE },
	{ "fin", KEY_FIN, NULL, 0, "a FIN sent", GROUP_WIRE },
	{ "silent", KEY_SILENT, NULL, 0, "no packet at all", GROUP_WIRE },
	{ "held", KEY_HELD, NULL, 0, "also a close() while others hold it; watches each close",
	  GROUP_WIRE },
	{ NULL, 0, NULL, 0, "Why:", GROUP_WHY },
	{ "cause", KEY_CAUSE, "LIST", 0, "these causes or classes; '!orderly': all others",
	  GROUP_WHY },
	{ "unexpected", KEY_UNEXPECTED, NULL, 0,
	  "neither orderly nor refused nor a reply; or data was lost", GROUP_WHY },
	{ "fail-on", KEY_FAIL_ON, "LIST", 0, "exit with 1 when an act shown is one of these",
	  GROUP_WHY },
	{ NULL, 0, NULL, 0, "Output:", GROUP_OUTPUT },
	{ NULL, 'o', "FORMAT", 0, "text, json, csv, journal, folded: stacks counted (-k); "
			      "explain and verify: md",
	  GROUP_OUTPUT },
	{ "output", KEY_OUTPUT, "FILE", 0, "default: stdout, or with a command stderr",
	  GROUP_OUTPUT },
	{ NULL, 'j', NULL, 0, "the same as -o json", GROUP_OUTPUT },
	{ NULL, 'k', NULL, 0, "user and kernel stack of the closing call", GROUP_OUTPUT },
	{ "all", KEY_ALL, NULL, 0, "notes too: what looks like an end and is none", GROUP_OUTPUT },
	{ NULL, 'q', NULL, 0, "no header and no totals", GROUP_OUTPUT },
	{ NULL, 'v', NULL, 0, "why and mend under each act; with check: the programs",
	  GROUP_OUTPUT },
	{ NULL, 'n', NULL, 0, "ports as numbers (the default)", GROUP_OUTPUT },
	{ NULL, 'N', NULL, 0, "ports by their names in /etc/services", GROUP_OUTPUT },
	{ NULL, 't', NULL, 0, "no time; -tt epoch, -ttt since the line before, -tttt date, "
			      "-ttttt since the start", GROUP_OUTPUT },
	{ "color", KEY_COLOR, "WHEN", OPTION_ARG_OPTIONAL,
	  "auto (the default: on a terminal), always, never", GROUP_OUTPUT },
	{ "summary", KEY_SUMMARY, "TIME", OPTION_ARG_OPTIONAL,
	  "counts in place of lines, at the end and every TIME; with -o both", GROUP_OUTPUT },
	{ "count-only", KEY_COUNT_ONLY, "TIME", OPTION_ARG_OPTIONAL,
	  "count in the kernel by cause, owner and port; every TIME, and at the end",
	  GROUP_OUTPUT },
	{ "stats", KEY_STATS, "TIME", OPTION_ARG_OPTIONAL,
	  "every 10s, or TIME: rates, losses, and what closetrace costs", GROUP_OUTPUT },
	{ NULL, 0, NULL, 0, "When to stop (else Ctrl-C):", GROUP_END },
	{ "count", 'c', "N", 0, "after N acts", GROUP_END },
	{ "duration", 'd', "TIME", 0, "after 30s, 5m, 2h, 1d, or plain seconds", GROUP_END },
	{ NULL, 0, NULL, 0, "Kernel:", GROUP_KERNEL },
	{ "tier", KEY_TIER, "full|base", 0, "base: tracepoints only; default: full, else base",
	  GROUP_KERNEL },
	{ "no-fentry", KEY_NO_FENTRY, NULL, 0, "function hooks as kprobes, as without trampolines",
	  GROUP_KERNEL },
	{ "btf", KEY_BTF, "FILE", 0, "kernel types, if not in /sys/kernel/btf/vmlinux",
	  GROUP_KERNEL },
	{ "buffer", KEY_BUFFER, "SIZE", 0,
	  "of the ring: 4M; default 1/1024 of memory, at most 16M; with -k four times as much",
	  GROUP_KERNEL },
	{ "owners", KEY_OWNERS, "N", 0, "sockets whose owner is remembered; default 65536",
	  GROUP_KERNEL },
	{ "samples", KEY_SAMPLES, "N", 0, "acts not complete yet that are kept; default 4096",
	  GROUP_KERNEL },
	{ "debug", KEY_DEBUG, NULL, 0, "libbpf's messages and the verifier's log", GROUP_KERNEL },
	{ NULL, 0, NULL, 0, "With record:", GROUP_RECORD },
	{ "write", 'w', "FILE", 0, "where to; default /var/lib/closetrace/closetrace.db; -: stdout",
	  GROUP_RECORD },
	{ "format", KEY_FORMAT, "FORM", 0,
	  "sqlite: judged; raw: as the kernel told it; default by FILE, .ctr is raw",
	  GROUP_RECORD },
	{ "max-size", KEY_MAX_SIZE, "SIZE", 0, "forget the oldest beyond this (default 1G)",
	  GROUP_RECORD },
	{ "max-age", KEY_MAX_AGE, "T", 0, "forget what is older (default 7d)", GROUP_RECORD },
	{ NULL, 0, NULL, 0, "With report:", GROUP_REPORT },
	{ "since", KEY_SINCE, "TIME", 0, "from then on: -15min, 12:00, '2026-11-23 12:00:01'",
	  GROUP_REPORT },
	{ "until", KEY_UNTIL, "TIME", 0, "up to then", GROUP_REPORT },
	{ "socket", KEY_SOCKET, "ID", 0,
	  "the story of one connection; or its ends: 10.0.0.5:80-10.0.0.9:40112", GROUP_REPORT },
	{ "by", KEY_BY, "KEY[,KEY]", 0, "counts by keys of -o json, as cause,owner_comm",
	  GROUP_REPORT },
	{ "top", KEY_TOP, "N", 0, "the N most frequent; without --by: causes", GROUP_REPORT },
	{ "histogram", KEY_HISTOGRAM, "TIME", OPTION_ARG_OPTIONAL,
	  "how many over time, in steps of TIME, as 10s or 5m", GROUP_REPORT },
	{ NULL, 'F', NULL, 0, "goes on with what is recorded from now on, until Ctrl-C",
	  GROUP_REPORT },
	{ "anonymize", KEY_ANONYMIZE, NULL, 0, "names in the place of addresses and the host",
	  GROUP_REPORT },
	{ NULL, 0, NULL, 0, "With verify:", GROUP_VERIFY },
	{ "list", KEY_LIST, NULL, 0, "the names of the scenarios", GROUP_VERIFY },
	{ "only", KEY_ONLY, "NAME[,NAME]", 0, "these scenarios", GROUP_VERIFY },
	{ "slow", KEY_SLOW, NULL, 0, "those too that wait long for the kernel", GROUP_VERIFY },
	{ "global", KEY_GLOBAL, NULL, 0,
	  "those too that change tcp_max_orphans, for all, for a moment", GROUP_VERIFY },
	{ "against", KEY_AGAINST, "FILE", 0, "only what is not as in FILE, made by verify -j",
	  GROUP_VERIFY },
	{ "sysctl", KEY_SYSCTL, "NAME[=VALUE]", 0,
	  "with this setting; without a value: as it is here", GROUP_VERIFY },
	{ "jobs", KEY_JOBS, "N", 0, "scenarios side by side; default 4 a processor",
	  GROUP_VERIFY },
	{ NULL, 0, NULL, 0, "Other:", GROUP_OTHER },
	{ "search", KEY_SEARCH, "WORD", 0, "with explain: causes that speak of it", GROUP_OTHER },
	{ "help", 'h', NULL, 0, "this text", GROUP_OTHER },
	{ "version", 'V', NULL, 0, "the version", GROUP_OTHER },
	{ 0 },
};

int options_fail(struct options *options, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_vform(options->error, format, args);
	va_end(args);
	return EINVAL;
}

static int parse_buffer(struct options *options, const char *text)
{
	if (value_size(text, &options->buffer) || options->buffer < 4096 ||
	    options->buffer > 1U << 30)
		return options_fail(options, "buffer '%s' is not a size from 4k to 1G", text);
	return 0;
}

static int parse_rst(struct options *options, const char *text)
{
	if (!text)
		options->show |= SHOW_RST_OUT | SHOW_RST_IN;
	else if (!strcmp(text, "out"))
		options->show |= SHOW_RST_OUT;
	else if (!strcmp(text, "in"))
		options->show |= SHOW_RST_IN;
	else
		return options_fail(options, "--rst takes out or in, not '%s'", text);
	return 0;
}

static int parse_tier(struct options *options, const char *text)
{
	if (!strcmp(text, "full"))
		options->tier = TIER_FULL;
	else if (!strcmp(text, "base"))
		options->tier = TIER_BASE;
	else
		return options_fail(options, "--tier takes full or base, not '%s'", text);
	return 0;
}

static int parse_verb(struct options *options, const char *text)
{
	const struct verb_info *info = verb_by_name(text);

	if (!info)
		return verb_unknown(options, text);
	options->verb = info->verb;
	options->verb_given = true;
	return 0;
}

/* How many entries a map has. */
static int parse_entries(struct options *options, const char *name, uint32_t *entries,
			 const char *text)
{
	uint64_t count;

	if (value_number(text, 1, 1 << 24, &count))
		return options_fail(options, "--%s takes a number from 1 to 16777216, not '%s'",
				    name, text);
	*entries = (uint32_t)count;
	return 0;
}

static int parse_limit(struct options *options, int key, const char *text)
{
	if (key == 'c' && value_number(text, 1, UINT64_MAX - 1, &options->count))
		return options_fail(options, "-c takes a number from 1, not '%s'", text);
	if (key == 'd' && value_duration(text, &options->duration_ns))
		return options_fail(options,
				    "'%s' is not a time; use 30s, 5m, 2h, 1d or plain seconds",
				    text);
	return 0;
}

static int parse_argument(struct options *options, struct argp_state *state, const char *text)
{
	if (!state->arg_num)
		return parse_verb(options, text);
	if (state->arg_num == 1 && verb_info(options->verb)->operand) {
		options->topic = text;
		return 0;
	}
	return options_fail(options, "'%s' is one word too many; see closetrace %s --help", text,
			    verb_info(options->verb)->name);
}

/* The options without a value. */
static error_t parse_flag(struct options *options, int key)
{
	switch (key) {
	case KEY_FIN:
		options->show |= SHOW_FIN;
		return 0;
	case KEY_SILENT:
		options->show |= SHOW_SILENT;
		return 0;
	case KEY_ALL:
		options->all = true;
		return 0;
	case 'j':
		options->format = "json";
		options->format_given = true;
		return 0;
	case 'k':
		options->stacks = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case 'f':
		options->tree = options->follow = true;
		return 0;
	case KEY_HELD:
		options->held = true;
		return 0;
	case KEY_NO_FENTRY:
		options->no_fentry = true;
		return 0;
	case KEY_DEBUG:
		options->debug = true;
		return 0;
	case 'h':
		options->action = OPTIONS_HELP;
		return 0;
	case 'V':
		options->action = OPTIONS_VERSION;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	error_t rc;

	/* What argp itself has to say is 0 or beyond all keys. */
	options->traces |= key > 0 && key < KEYS && !options_explain(key);
	options_store_see(options, key);
	switch (key) {
	case KEY_RST:
		return parse_rst(options, arg);
	case 'o':
		options->format = arg;
		options->format_given = true;
		return 0;
	case 'c':
	case 'd':
		return parse_limit(options, key, arg);
	case KEY_TIER:
		return parse_tier(options, arg);
	case KEY_BTF:
		options->btf = arg;
		return 0;
	case KEY_BUFFER:
		return parse_buffer(options, arg);
	case KEY_OWNERS:
		return parse_entries(options, "owners", &options->owners, arg);
	case KEY_SAMPLES:
		return parse_entries(options, "samples", &options->samples, arg);
	case KEY_SEARCH:
		options->search = arg;
		return 0;
	case ARGP_KEY_ARG:
		return parse_argument(options, state, arg);
	case KEY_OUTPUT:
		options->output = arg;
		return 0;
	case KEY_RUN_AS:
		options->run_as = arg;
		return 0;
	case ARGP_KEY_END:
		return options_check(options);
	default:
		rc = options_filter(options, key, arg);
		if (rc == ARGP_ERR_UNKNOWN)
			rc = options_look(options, key, arg);
		if (rc == ARGP_ERR_UNKNOWN)
			rc = options_verify(options, key, arg);
		if (rc == ARGP_ERR_UNKNOWN)
			rc = options_store(options, key, arg);
		if (rc == ARGP_ERR_UNKNOWN)
			rc = options_report(options, key, arg);
		return rc == ARGP_ERR_UNKNOWN ? parse_flag(options, key) : rc;
	}
}

bool options_ask_who(const struct options *options)
{
	return options->pids || options->command || options->comms || options->uids ||
	       options->places;
}

const struct argp_option *options_table(void)
{
	return table;
}

static const struct argp argp = { .options = table, .parser = parse_option };

/* What stands behind "--" is a command, and no word of ours. */
static int take_command(struct options *options, int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		if (!argv[i + 1])
			return options_fail(options, "no command: closetrace -- COMMAND");
		options->command = &argv[i + 1];
		*argc = i;
	}
	return 0;
}

int options_parse(struct options *options, int argc, char **argv)
{
	char *words[argc + 1];	/* as they were typed: argp puts options first */

	memset(options, 0, sizeof(*options));
	options->format = "text";
	if (take_command(options, &argc, argv))
		return -EINVAL;
	memcpy(words, argv, (size_t)argc * sizeof(words[0]));
	if (!argp_parse(&argp, argc, argv, ARGP_SILENT, NULL, options))
		return 0;
	/* argp is silent, so what it rejected itself is told here. */
	if (!options->error[0])
		options_complain(options, argc, words);
	return -EINVAL;
}
