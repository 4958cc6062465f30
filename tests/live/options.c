/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "options.h"

static const struct option long_options[] = {
	{ "closetrace", required_argument, NULL, 'c' },
	{ "global", no_argument, NULL, 'g' },
	{ "help", no_argument, NULL, 'h' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "keep", required_argument, NULL, 'k' },
	{ "label", required_argument, NULL, 'l' },
	{ "mix", required_argument, NULL, 'm' },
	{ "only", required_argument, NULL, 'o' },
	{ "path", required_argument, NULL, 'P' },
	{ "procs", required_argument, NULL, 'p' },
	{ "seed", required_argument, NULL, 'r' },
	{ "slow", no_argument, NULL, 'S' },
	{ "stacks", no_argument, NULL, 'K' },
	{ "slow-factor", required_argument, NULL, 'f' },
	{ "tier", required_argument, NULL, 't' },
	{ "witnesses", no_argument, NULL, 'w' },
	{ NULL, 0, NULL, 0 },
};

void options_usage(FILE *out)
{
	fputs("usage: live --closetrace PATH|--witnesses [--tier full|base|auto] [--label KERNEL]\n"
	      "            [--only NAME[,NAME]] [--keep JSONFILE] [--jobs N] [--slow-factor N]\n"
	      "            [-4|-6] [--path lo|veth] [--slow] [--global]\n"
	      "  --path    only on loopback, or across a veth pair\n"
	      "  --slow    also what waits long for the kernel\n"
	      "  --global  also what changes tcp_max_orphans for all\n"
	      "  --stacks  also the stacks of -k, as without --only\n"
	      "  --mix N [--seed S] [--procs P]  instead: N endings of random kinds, quick ones,\n"
	      "            by P processes (4) in one namespace; S 0 (the default): by the clock\n",
	      out);
}

static unsigned int parse_number(const char *text, unsigned int most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *end || *text == '-' || value > most ? 0 : (unsigned int)value;
}

/* One option; false when it is wrong. */
static bool take_option(struct options *options, int opt, const char *arg)
{
	switch (opt) {
	case '4': options->choice.ipv6 = false; return true;
	case '6': options->choice.ipv4 = false; return true;
	case 'c': options->closetrace = arg; return true;
	case 'g': return options->choice.global = true;
	case 'S': return options->choice.slow = true;
	case 'K': return options->stacks = true;
	case 'f': return (options->slow = parse_number(arg, 1000)) > 0;
	case 'j': return (options->jobs = parse_number(arg, 64)) > 0;
	case 'k': options->keep = arg; return true;
	case 'l': snprintf(options->label, sizeof(options->label), "%s", arg); return true;
	case 'm': return (options->mix = parse_number(arg, 1000000)) > 0;
	case 'P':
		options->choice.veth = strcmp(arg, "lo");
		options->choice.loopback = strcmp(arg, "veth");
		return !options->choice.loopback || !options->choice.veth;
	case 'p': return (options->procs = parse_number(arg, 256)) > 0;
	case 'r': options->seed = parse_number(arg, 2000000000); return true;
	case 'o': options->choice.only = arg; return true;
	case 't':
		options->tier = strcmp(arg, "auto") ? arg : NULL;
		return !options->tier || !strcmp(arg, "full") || !strcmp(arg, "base");
	case 'w': options->closetrace = NULL; return true;
	default: return false;
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct utsname kernel;
	int opt, major = 0, minor = 0;
	bool witnesses = false;

	*options = (struct options){ .slow = 1, .jobs = 8, .procs = 4, .choice = CASES_ALL };
	uname(&kernel);
	sscanf(kernel.release, "%d.%d", &major, &minor);
	snprintf(options->label, sizeof(options->label), "%d.%d", major, minor);
	while ((opt = getopt_long(argc, argv, "46h", long_options, NULL)) != -1) {
		witnesses |= opt == 'w';
		if (!take_option(options, opt, optarg))
			return -EINVAL;
	}
	if (optind != argc || !options->closetrace != witnesses || (options->mix && witnesses))
		return -EINVAL;
	if (!options->choice.ipv4 && !options->choice.ipv6)
		options->choice.ipv4 = options->choice.ipv6 = true;
	return 0;
}
