// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "option_key.h"
#include "sinks/sink.h"
#include "value.h"

enum group {
	GROUP_WHO = 1, GROUP_WHERE, GROUP_WIRE, GROUP_OUTPUT, GROUP_END, GROUP_KERNEL, GROUP_OTHER,
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
	{ NULL, 0, NULL, 0, "Output:", GROUP_OUTPUT },
	{ NULL, 'o', "FORMAT", 0, "text, json, or folded: stacks counted (-k)", GROUP_OUTPUT },
	{ "output", KEY_OUTPUT, "FILE", 0, "default: stdout, or with a command stderr",
	  GROUP_OUTPUT },
	{ NULL, 'j', NULL, 0, "the same as -o json", GROUP_OUTPUT },
	{ NULL, 'k', NULL, 0, "user and kernel stack of the closing call", GROUP_OUTPUT },
	{ "all", KEY_ALL, NULL, 0, "notes too: what looks like an end and is none", GROUP_OUTPUT },
	{ NULL, 'q', NULL, 0, "no header and no totals", GROUP_OUTPUT },
	{ NULL, 'v', NULL, 0, "why and mend under each act; with check: the programs",
	  GROUP_OUTPUT },
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
	{ "debug", KEY_DEBUG, NULL, 0, "libbpf's messages and the verifier's log", GROUP_KERNEL },
	{ NULL, 0, NULL, 0, "Other:", GROUP_OTHER },
	{ "help", KEY_HELP, NULL, 0, "this text", GROUP_OTHER },
	{ "version", KEY_VERSION, NULL, 0, "the version", GROUP_OTHER },
	{ 0 },
};

static const char help_text[] =
	"Tells how each TCP connection on this host ended, who ended it, and why.\v"
	"Verbs:\n"
	"  trace  a line for each ending, as it happens (the default); with a command\n"
	"         after '--' of that one and its children\n"
	"  check  which hooks and facts this kernel offers, and why one is missing\n"
	"\n"
	"The same option twice: either. Different options: both. A '!' before a value\n"
	"excludes it.\n"
	"\n"
	"Examples:\n"
	"  closetrace -p 4242              how this server's connections end\n"
	"  closetrace --rst=out -P 5432    who resets connections to port 5432\n"
	"  closetrace -- curl -s URL       what this command does to its connections\n"
	"  closetrace -j -d 30s | jq .cause\n"
	"\n"
	"Exit status: 0 done, 2 usage, 3 cannot trace, 4 acts lost, 5 output failed; with a\n"
	"command its own, 125 it was not started, 126 it cannot run, 127 not found.\n";

int options_fail(struct options *options, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(options->error, sizeof(options->error), format, args);
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

static int parse_format(struct options *options, const char *text)
{
	const struct sink *sink = sink_by_name(text);
	char names[128];

	if (sink) {
		options->format = text;
		options->stacks |= sink->stacks;
		return 0;
	}
	sink_names(names, sizeof(names));
	if (strchr(text, '/') || strchr(text, '.'))
		return options_fail(options, "-o takes a format (%s); for a file: -j > %s", names,
				    text);
	return options_fail(options, "-o takes one of %s, not '%s'", names, text);
}

static int parse_verb(struct options *options, const char *text)
{
	if (!strcmp(text, "trace"))
		options->verb = VERB_TRACE;
	else if (!strcmp(text, "check"))
		options->verb = VERB_CHECK;
	else
		return options_fail(options, "unknown verb '%s'; verbs are trace and check", text);
	return 0;
}

static int parse_owners(struct options *options, const char *text)
{
	uint64_t count;

	if (value_number(text, 1, 1 << 24, &count))
		return options_fail(options, "--owners takes a number from 1 to 16777216, not '%s'",
				    text);
	options->owners = (uint32_t)count;
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
	if (state->arg_num)
		return options_fail(options, "'%s' is one word too many; see closetrace --help",
				    text);
	return parse_verb(options, text);
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
		return parse_format(options, "json");
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
	case KEY_HELP:
		options->action = OPTIONS_HELP;
		return 0;
	case KEY_VERSION:
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

	switch (key) {
	case KEY_RST:
		return parse_rst(options, arg);
	case 'o':
		return parse_format(options, arg);
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
		return parse_owners(options, arg);
	case ARGP_KEY_ARG:
		return parse_argument(options, state, arg);
	case KEY_OUTPUT:
		options->output = arg;
		return 0;
	case KEY_RUN_AS:
		options->run_as = arg;
		return 0;
	case ARGP_KEY_END:
		return check_command(options);
	case ARGP_KEY_ERROR:
		/* argp is silent, so what it rejected itself is told here. */
		if (!options->error[0])
			options_fail(options,
				     "'%s' is unknown or lacks its value; see closetrace --help",
			     state->argv[state->next - 1]);
		return 0;
	default:
		rc = options_filter(options, key, arg);
		return rc == ARGP_ERR_UNKNOWN ? parse_flag(options, key) : rc;
	}
}

bool options_ask_who(const struct options *options)
{
	return options->pids || options->command || options->comms || options->uids ||
	       options->places;
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "[trace|check]\n-- COMMAND [ARG...]",
	.doc = help_text,
};

int options_parse(struct options *options, int argc, char **argv)
{
	memset(options, 0, sizeof(*options));
	options->format = "text";
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		if (!argv[i + 1]) {
			options_fail(options, "no command after '--'");
			return -EINVAL;
		}
		options->command = &argv[i + 1];
		argc = i;
	}
	return argp_parse(&argp, argc, argv, ARGP_SILENT, NULL, options) ? -EINVAL : 0;
}

void options_help(FILE *out)
{
	/* Without argp's own remark on mandatory arguments. */
	setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
	argp_help(&argp, out, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, "closetrace");
}
