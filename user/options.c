// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "sinks/sink.h"

enum key {
	KEY_RST = 256,
	KEY_FIN,
	KEY_SILENT,
	KEY_TIER,
	KEY_BTF,
	KEY_BUFFER,
	KEY_OWNERS,
	KEY_DEBUG,
	KEY_NO_FENTRY,
	KEY_HELP,
	KEY_VERSION,
};

enum group { GROUP_WHICH = 1, GROUP_WIRE, GROUP_OUTPUT, GROUP_END, GROUP_KERNEL, GROUP_OTHER };

static const struct argp_option table[] = {
	{ NULL, 0, NULL, 0, "Which connections:", GROUP_WHICH },
	{ "pid", 'p', "PID[,PID]", 0, "this process decided it or owned the socket", GROUP_WHICH },
	{ "port", 'P', "PORT[,PORT]", 0, "either side has this port; '!22': neither side",
	  GROUP_WHICH },
	{ NULL, 0, NULL, 0, "What was on the wire (several: either):", GROUP_WIRE },
	{ "rst", KEY_RST, "out|in", OPTION_ARG_OPTIONAL, "a RST, sent or received", GROUP_WIRE },
	{ "fin", KEY_FIN, NULL, 0, "a FIN sent", GROUP_WIRE },
	{ "silent", KEY_SILENT, NULL, 0, "no packet at all", GROUP_WIRE },
	{ NULL, 0, NULL, 0, "Output:", GROUP_OUTPUT },
	{ NULL, 'o', "FORMAT", 0, "text, json, or folded: stacks counted (-k)", GROUP_OUTPUT },
	{ NULL, 'j', NULL, 0, "the same as -o json", GROUP_OUTPUT },
	{ NULL, 'k', NULL, 0, "user and kernel stack of the closing call", GROUP_OUTPUT },
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
	"  trace  a line for each ending, as it happens (the default)\n"
	"  check  which hooks and facts this kernel offers, and why one is missing\n"
	"\n"
	"The same option twice: either. Different options: both. A '!' before a value\n"
	"excludes it.\n"
	"\n"
	"Examples:\n"
	"  closetrace -p 4242              how this server's connections end\n"
	"  closetrace --rst=out -P 5432    who resets connections to port 5432\n"
	"  closetrace -j -d 30s | jq .cause\n"
	"\n"
	"Exit status: 0 done, 2 usage, 3 cannot trace, 4 acts lost, 5 output failed.\n";

__attribute__((format(printf, 2, 3)))
static int fail(struct options *options, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(options->error, sizeof(options->error), format, args);
	va_end(args);
	return EINVAL;
}

/* A whole decimal number in [low, high]. */
static int number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return *end || errno || *value < low || *value > high ? -EINVAL : 0;
}

/* Number and unit: the rest of the text is one of the table's suffixes. */
static int scaled(const char *text, const char *const *suffixes, const uint64_t *factors,
		  uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	for (size_t i = 0; suffixes[i]; i++) {
		if (!strcmp(end, suffixes[i]))
			return __builtin_mul_overflow(*value, factors[i], value) ? -EINVAL : 0;
	}
	return -EINVAL;
}

int options_duration(const char *text, uint64_t *ns)
{
	static const char *const suffixes[] = { "", "s", "ms", "m", "min", "h", "d", NULL };
	static const uint64_t factors[] = { 1000000000ULL,	   1000000000ULL,
					    1000000ULL,		   60 * 1000000000ULL,
					    60 * 1000000000ULL,	   3600 * 1000000000ULL,
					    86400 * 1000000000ULL };

	return scaled(text, suffixes, factors, ns) || !*ns ? -EINVAL : 0;
}

static int parse_buffer(struct options *options, const char *text)
{
	static const char *const suffixes[] = { "", "k", "K", "m", "M", "g", "G", NULL };
	static const uint64_t factors[] = { 1,	     1 << 10, 1 << 10, 1 << 20,
					    1 << 20, 1 << 30, 1 << 30 };

	if (scaled(text, suffixes, factors, &options->buffer) || options->buffer < 4096 ||
	    options->buffer > 1U << 30)
		return fail(options, "buffer '%s' is not a size from 4k to 1G", text);
	return 0;
}

/* Calls @one for each part of a comma-separated list; the text is changed. */
static int each(struct options *options, char *list, int (*one)(struct options *, const char *))
{
	char *rest = list;
	const char *item;

	while ((item = strsep(&rest, ","))) {
		int rc = one(options, item);

		if (rc)
			return rc;
	}
	return 0;
}

static int add_pid(struct options *options, const char *text)
{
	uint64_t pid;

	if (number(text, 1, 4194304, &pid))
		return fail(options, "'%s' is not a process id; ps -e lists them", text);
	if (options->pid_count == SETTINGS_PIDS)
		return fail(options, "more than %d process ids", SETTINGS_PIDS);
	options->pids[options->pid_count++] = (pid_t)pid;
	return 0;
}

static int add_port(struct options *options, const char *text)
{
	bool excluded = *text == '!';
	uint64_t port;

	if (number(text + excluded, 1, 65535, &port))
		return fail(options, "port '%s' is not a number from 1 to 65535", text);
	if (options->port_count + options->not_port_count == SETTINGS_PORTS)
		return fail(options, "more than %d ports", SETTINGS_PORTS);
	if (excluded)
		options->not_ports[options->not_port_count++] = (uint16_t)port;
	else
		options->ports[options->port_count++] = (uint16_t)port;
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
		return fail(options, "--rst takes out or in, not '%s'", text);
	return 0;
}

static int parse_tier(struct options *options, const char *text)
{
	if (!strcmp(text, "full"))
		options->tier = TIER_FULL;
	else if (!strcmp(text, "base"))
		options->tier = TIER_BASE;
	else
		return fail(options, "--tier takes full or base, not '%s'", text);
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
		return fail(options, "-o takes a format (%s); for a file: -j > %s", names, text);
	return fail(options, "-o takes one of %s, not '%s'", names, text);
}

static int parse_verb(struct options *options, const char *text)
{
	if (!strcmp(text, "trace"))
		options->verb = VERB_TRACE;
	else if (!strcmp(text, "check"))
		options->verb = VERB_CHECK;
	else
		return fail(options, "unknown verb '%s'; verbs are trace and check", text);
	return 0;
}

static int parse_owners(struct options *options, const char *text)
{
	uint64_t count;

	if (number(text, 1, 1 << 24, &count))
		return fail(options, "--owners takes a number from 1 to 16777216, not '%s'", text);
	options->owners = (uint32_t)count;
	return 0;
}

static int parse_limit(struct options *options, int key, const char *text)
{
	if (key == 'c' && number(text, 1, UINT64_MAX - 1, &options->count))
		return fail(options, "-c takes a number from 1, not '%s'", text);
	if (key == 'd' && options_duration(text, &options->duration_ns))
		return fail(options, "'%s' is not a time; use 30s, 5m, 2h, 1d or plain seconds",
			    text);
	return 0;
}

static int parse_argument(struct options *options, struct argp_state *state, const char *text)
{
	if (state->arg_num)
		return fail(options, "'%s' is one word too many; see closetrace --help", text);
	return parse_verb(options, text);
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

	switch (key) {
	case 'p':
		return each(options, arg, add_pid);
	case 'P':
		return each(options, arg, add_port);
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
	case ARGP_KEY_ERROR:
		/* argp is silent, so what it rejected itself is told here. */
		if (!options->error[0])
			fail(options, "'%s' is unknown or lacks its value; see closetrace --help",
			     state->argv[state->next - 1]);
		return 0;
	default:
		return parse_flag(options, key);
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "[trace|check]",
	.doc = help_text,
};

int options_parse(struct options *options, int argc, char **argv)
{
	memset(options, 0, sizeof(*options));
	options->format = "text";
	return argp_parse(&argp, argc, argv, ARGP_SILENT, NULL, options) ? -EINVAL : 0;
}

void options_help(FILE *out)
{
	/* Without argp's own remark on mandatory arguments. */
	setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
	argp_help(&argp, out, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, "closetrace");
}
