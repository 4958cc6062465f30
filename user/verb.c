// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "option_key.h"
#include "suggest.h"
#include "topic.h"
#include "value.h"
#include "verb.h"

const struct verb_info verb_table[] = {
	{ "trace", VERB_TRACE, "[trace] [option ...] [-- COMMAND [ARG...]]",
	  "a line for each ending, as it happens (the default)",
	  "Prints a line for each ending of a TCP connection: when, who, which connection,\n"
	  "what was on the wire, the cause, and the evidence. It takes every option of\n"
	  "closetrace --help, but --search. With a command, that of this one and its\n"
	  "children.\n"
	  "\n"
	  "  closetrace -p 4242 -v           this server's, with why and mend\n"
	  "  closetrace --rst=out -P 5432    who resets connections to port 5432\n"
	  "  closetrace --silent             what ended without a packet\n"
	  "  closetrace -- curl -s URL       what this command does to its connections\n"
	  "\n"
	  "Exit status: 0 done, 1 --fail-on, 2 usage, 3 cannot trace, 4 acts lost, 5 output\n"
	  "failed; with a command its own, 125 it was not started, 126 it cannot run, 127\n"
	  "not found.\n", NULL },
	{ "record", VERB_RECORD, "record [-w FILE] [option ...]",
	  "writes acts into a file instead, for report",
	  "Traces as closetrace does and keeps all acts in a file, until Ctrl-C, -d or -c;\n"
	  "a file that holds a record goes on behind it. What is full or old is forgotten,\n"
	  "the oldest first. A full disk is told, counted and survived.\n"
	  "\n"
	  "  -w FILE          default: /var/lib/closetrace/closetrace.db\n"
	  "  --max-size SIZE, --max-age T   default 1G, with -wal and -shm, and 7d\n"
	  "  --format sqlite  judged acts; for report, and for sqlite3: select * from acts\n"
	  "  --format raw     as the kernel told them, for report to judge; FILE is *.ctr,\n"
	  "                   or - for stdout. It has no bounds; what needs a verdict, as\n"
	  "                   --cause, goes with report\n"
	  "  -p, -P, -a, --cause, --unexpected, --all, --held, -k, ...   as with trace\n"
	  "\n"
	  "  closetrace record --max-size 200M\n"
	  "  closetrace record -P 5432 -w - | ssh host 'cat >db.ctr'\n"
	  "  sqlite3 -readonly /var/lib/closetrace/closetrace.db \\\n"
	  "    'select time, comm, raddr, cause from acts where class = \"timeout\"'\n"
	  "\n"
	  "SIGHUP begins the file anew when it was renamed, SIGUSR1 prints the totals.\n"
	  "Exit status: 0 done, 1 --fail-on, 2 usage, 3 cannot trace, 4 acts lost, 5 cannot\n"
	  "write.\n", NULL },
	{ "report", VERB_REPORT, "report [FILE] [option ...]",
	  "what a record holds: lines, counts, the story of a connection; anywhere",
	  "Answers questions about a file of closetrace record, live or copied, and never\n"
	  "writes to it. It needs neither root nor a kernel.\n"
	  "\n"
	  "  FILE             default: the youngest in /var/lib/closetrace; -: stdin (raw)\n"
	  "  --since TIME, --until TIME   -15min, 12:00, '2026-11-23 12:00:01', ...\n"
	  "  --socket ID      the story of one connection, both ends, in words; or its two\n"
	  "                   ends: '10.0.0.5:80 -> 10.0.0.9:40112'\n"
	  "  --by KEY[,KEY]   counts by keys of -o json; --top N: the most frequent\n"
	  "  --histogram      how many over time\n"
	  "  -F               goes on with what is recorded from now on\n"
	  "  --anonymize      names in the place of addresses\n"
	  "  -o, -t, -N, -v, -q, --output, --summary, ...   as with trace\n"
	  "  --cause, --unexpected, --rst, -P, -a, --comm, --fail-on, -c, ...   as well\n"
	  "\n"
	  "  closetrace report --unexpected -v --since -1h\n"
	  "  closetrace report today.db --by cause,owner_comm --top 10\n"
	  "  closetrace report today.db --socket 22e866912a4f01\n"
	  "  closetrace report today.ctr -j | jq -r .cause\n"
	  "\n"
	  "Exit status: 0 done, 1 --fail-on, 2 usage, 4 acts were lost when it was made, 5\n"
	  "the file is damaged, of a newer closetrace or none of ours.\n", "FILE" },
	{ "check", VERB_CHECK, "check [option ...]",
	  "which hooks and facts this kernel offers, and what mends the rest",
	  "Loads and attaches what trace would with the same options, and tells of the\n"
	  "kernel, of the privileges and of each hook: whether it is on, what it tells, why\n"
	  "it is missing and what would mend that. Nothing is traced.\n"
	  "\n"
	  "  -o text|json     json: one object a line\n"
	  "  -v               the programs too, and what the verifier counted for them\n"
	  "  --all            the hooks of notes too\n"
	  "  --tier, --btf, -p, -f, -k, --held, ...   as trace would be started\n"
	  "\n"
	  "  ON  yes: attached    no: missing, something is lost    opt: with that option\n"
	  "      alt: another hook tells it here\n"
	  "\n"
	  "  closetrace check\n"
	  "  closetrace check --all -k\n"
	  "  closetrace check -j | jq -c 'select(.on == \"no\") | {hook, reason, mend}'\n"
	  "\n"
	  "Exit status: 0 traces, 2 usage, 3 nothing can be traced, 5 output failed.\n", NULL },
	{ "explain", VERB_EXPLAIN, "explain [CAUSE | CLASS | NOTE] [--search WORD]",
	  "what a cause means, how it comes about, how to mend it",
	  "Tells of a cause what it means, the kernel's condition by version, what either\n"
	  "side sees, which counters it raises, how to try it, and how to mend it. Of a\n"
	  "class it tells which causes belong to it; alone, all there are.\n"
	  "\n"
	  "  --search WORD      causes that speak of it: an errno, a counter, a sysctl, a\n"
	  "                     kernel function, an error message\n"
	  "  -o text|md|json    json: one object a line\n"
	  "\n"
	  "  closetrace explain unread_data\n"
	  "  closetrace explain timeout\n"
	  "  closetrace explain --search 'Connection reset by peer'\n"
	  "\n"
	  "It needs neither root nor a kernel. Exit status: 0 done, 2 nothing found,\n"
	  "5 output failed.\n", "CAUSE" },
	{ "verify", VERB_VERIFY, "verify [option ...]",
	  "makes connections end in every way, and compares who tells what of it",
	  "Performs each close path for real, in network namespaces of its own, and\n"
	  "compares what closetrace says with the wire, the kernel's counters and the\n"
	  "errors of the application. Nothing outside is changed. What this kernel cannot\n"
	  "show is left out, with the reason.\n"
	  "\n"
	  "  --list           the names of the scenarios\n"
	  "  --only NAME[,NAME], --slow, --global   which of them\n"
	  "  -o text|md|json  json: one object a line\n"
	  "  -q, -v           no header and no sums; the steps and the segments too\n"
	  "  --against FILE   only what is not as in FILE, made by verify -j\n"
	  "  --sysctl NAME[=VALUE]  with this setting in place of the kernel's default or\n"
	  "                   of what a scenario sets; without a value: as it is here\n"
	  "  --tier, --btf, --no-fentry   as trace would be started\n"
	  "\n"
	  "  closetrace verify -j >here.json\n"
	  "  closetrace verify --against here.json        after an update of the kernel\n"
	  "  closetrace verify --against here.json --sysctl net.ipv4.tcp_migrate_req=1\n"
	  "\n"
	  "Exit status: 0 all agree, or nothing has changed; 1 not so; 2 usage, 3 cannot\n"
	  "trace or make namespaces, 5 output failed, or FILE is none of ours.\n", NULL },
};

const size_t verb_count = sizeof(verb_table) / sizeof(verb_table[0]);

const struct verb_info *verb_by_name(const char *name)
{
	for (size_t i = 0; i < verb_count; i++) {
		if (!strcmp(verb_table[i].name, name))
			return &verb_table[i];
	}
	return NULL;
}

const struct verb_info *verb_info(enum verb verb)
{
	const struct verb_info *info = verb_table;

	while (info->verb != verb)
		info++;
	return info;
}

int verb_unknown(struct options *options, const char *word)
{
	struct suggest suggest = suggest_for(word);
	uint64_t number;

	if (topic_by_name(word))
		return options_fail(options, "unknown verb '%s'; to learn about that: closetrace "
					     "explain %s", word, word);
	if (!strcmp(word, "help") || !strcmp(word, "version"))
		return options_fail(options, "unknown verb '%s'; did you mean --%s?", word, word);
	if (!value_number(word, 1, UINT64_MAX, &number))
		return options_fail(options, "unknown verb '%s'; to trace a process: closetrace "
					     "-p %s", word, word);
	for (size_t i = 0; i < verb_count; i++)
		suggest_offer(&suggest, verb_table[i].name);
	if (suggest_best(&suggest))
		return options_fail(options, "unknown verb '%s'; did you mean %s?", word,
				    suggest_best(&suggest));
	return options_fail(options, "unknown verb '%s'; to trace a command: closetrace -- %s …",
			    word, word);
}
