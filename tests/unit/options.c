// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* options.c - each option, and each value that must be refused */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "parse.h"

#define SECOND		1000000000ULL

/* Folded stacks are of no use without stacks. */
Test(options, stacks)
{
	cr_expect(!accept("-j", NULL).stacks);
	cr_expect(accept("-k", NULL).stacks);
	cr_expect(accept("-kj", NULL).stacks);
	cr_expect(accept("-o", "folded", NULL).stacks);
}

Test(options, defaults)
{
	struct options options = accept(NULL, NULL);

	cr_expect_eq(options.action, OPTIONS_RUN);
	cr_expect_eq(options.verb, VERB_TRACE);
	cr_expect_eq(options.tier, TIER_AUTO);
	cr_expect_str_eq(options.format, "text");
	cr_expect_eq(options.show, 0);
	cr_expect_eq(options.pids + options.ports + options.addresses + options.comms, 0);
	cr_expect_eq(options.count, 0);
	cr_expect_eq(options.duration_ns, 0);
	cr_expect_eq(options.buffer, 0);
	cr_expect_null(options.btf);
	cr_expect(!options.stacks);
	cr_expect(!options.quiet && !options.verbose && !options.debug && !options.no_fentry);
	cr_expect(!options.all);
	cr_expect(!options.cause.used && !options.fail_on.used && !options.unexpected);
	cr_expect(!options.services && !options.summary && !options.format_given);
	cr_expect(options.stamp == STAMP_CLOCK && options.color == COLOR_AUTO);
}

Test(options, verbs)
{
	cr_expect_eq(accept("trace", NULL).verb, VERB_TRACE);
	cr_expect_eq(accept("check", NULL).verb, VERB_CHECK);
	cr_expect_eq(accept("explain", NULL).verb, VERB_EXPLAIN);
	cr_expect(accept("trace", NULL).verb_given);
	cr_expect(!accept("-j", NULL).verb_given);
	/* Before or after its options. */
	cr_expect_eq(accept("--tier", "base", "check", NULL).verb, VERB_CHECK);
	cr_expect_eq(accept("check", "--tier", "base", NULL).verb, VERB_CHECK);
	cr_expect_eq(accept("check", "--tier", "base", NULL).tier, TIER_BASE);
	refuse("verb", "", NULL);
	refuse("too many", "trace", "check", NULL);
	refuse("too many", "check", "check", NULL);
	refuse("too many", "explain", "unread_data", "linger0", NULL);
}

Test(options, pids)
{
	struct options options = accept("-p", "4242", NULL);

	cr_assert_eq(options.pids, 1);
	cr_expect_eq(options.pid[0].pid, 4242);
	options = accept("-p", "1,2,4194304", "--pid=7", "--pid", "8", NULL);
	cr_assert_eq(options.pids, 5);
	cr_expect_eq(options.pid[0].pid, 1);
	cr_expect_eq(options.pid[2].pid, 4194304);
	cr_expect_eq(options.pid[3].pid, 7);
	cr_expect_eq(options.pid[4].pid, 8);
}

Test(options, bad_pids)
{
	static const char *const bad[] = { "0", "-1", "x", "", "1x", "1,", ",1", "1,,2", " 1", "+1",
					   "0x10", "1.5", "4194305", "4294967297", "!", "!!1",
					   "99999999999999999999" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse("process id", "-p", bad[i], NULL);
	refuse("-p", "-p", NULL);
	refuse("--pid", "--pid", NULL);
}

/* "1,1,1..." of @count items. */
static const char *list_of(size_t count)
{
	static char list[4 * SETTINGS_PIDS];

	list[0] = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(list, i ? ",1" : "1");
	return list;
}

Test(options, too_many)
{
	cr_expect_eq(accept("-p", list_of(SETTINGS_PIDS), NULL).pids, SETTINGS_PIDS);
	refuse("more than 64", "-p", list_of(SETTINGS_PIDS + 1), NULL);
	refuse("more than 64", "-p", list_of(SETTINGS_PIDS), "-p", "2", NULL);
	cr_expect_eq(accept("-P", list_of(SETTINGS_PORTS), NULL).ports, SETTINGS_PORTS);
	refuse("more than 32", "-P", list_of(SETTINGS_PORTS + 1), NULL);
	/* Wanted and excluded ones share the room. */
	refuse("more than 32", "-P", list_of(SETTINGS_PORTS), "-P", "!2", NULL);
	refuse("more than 32", "-P", "!2", "-P", list_of(SETTINGS_PORTS), NULL);
}

Test(options, ports)
{
	struct options options = accept("-P", "80,!22", "--lport=443", "--rport", "!65535,1", NULL);
	static const struct settings_port want[] = {
		{ 80, SIDE_EITHER, false }, { 22, SIDE_EITHER, true }, { 443, SIDE_LOCAL, false },
		{ 65535, SIDE_REMOTE, true }, { 1, SIDE_REMOTE, false },
	};

	cr_assert_eq(options.ports, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < options.ports; i++)
		cr_expect(!memcmp(&options.port[i], &want[i], sizeof(want[i])), "port %zu", i);
}

Test(options, addresses)
{
	struct options options = accept("-a", "10.1.2.3/8,!::1", "--laddr=127.0.0.1", "--raddr",
					"!fd00::/8", NULL);

	cr_assert_eq(options.addresses, 4);
	cr_expect(!options.address[0].not && options.address[0].side == SIDE_EITHER);
	cr_expect(options.address[1].not && options.address[1].side == SIDE_EITHER);
	cr_expect(!options.address[2].not && options.address[2].side == SIDE_LOCAL);
	cr_expect(options.address[3].not && options.address[3].side == SIDE_REMOTE);
	refuse("network", "-a", "10.0.0.256", NULL);
	refuse("network", "-a", "!", NULL);
	refuse("more than 16", "-a",
	       "::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1,::1", NULL);
}

Test(options, processes)
{
	struct options options = accept("--comm", "a,b", "--comm=!nginx", "--uid", "0,!33", NULL);

	cr_assert_eq(options.comms, 2);
	cr_expect_str_eq(options.comm[0].comm, "a,b");
	cr_expect(!options.comm[0].not && options.comm[1].not);
	cr_expect_str_eq(options.comm[1].comm, "nginx");
	cr_assert_eq(options.uids, 2);
	cr_expect(options.uid[0].uid == 0 && !options.uid[0].not);
	cr_expect(options.uid[1].uid == 33 && options.uid[1].not);
	refuse("1 to 15 bytes", "--comm", "a name that is too long", NULL);
	refuse("1 to 15 bytes", "--comm", "!", NULL);
	refuse("/etc/passwd", "--uid", "no such user", NULL);
}

Test(options, places)
{
	struct options options = accept("--unit", "ssh.service", "--cgroup=!/a", "--container",
					"0123", "--netns=4026531840", NULL);

	cr_assert_eq(options.places, 3);
	cr_expect(options.place[0].kind == PLACE_UNIT && !options.place[0].not);
	cr_expect_str_eq(options.place[1].name, "/a");
	cr_expect(options.place[1].kind == PLACE_CGROUP && options.place[1].not);
	cr_expect(options.place[2].kind == PLACE_CONTAINER);
	cr_assert_eq(options.netns, 1);
	cr_expect_eq(options.ns[0].inode, 4026531840U);
	cr_expect_gt(accept("--netns", NULL).ns[0].inode, 0);
	refuse("take a name", "--unit", "", NULL);
	refuse("ip netns", "--netns=/no/such/file", NULL);
}

Test(options, tree)
{
	cr_expect(accept("-p", "1", "-f", NULL).tree);
	cr_expect(!accept("-p", "1", NULL).tree);
	refuse("-p", "-f", NULL);
}

Test(options, ask_who)
{
	struct options options = accept("-P", "80", "-a", "::1", "--netns", NULL);

	cr_expect(!options_ask_who(&options));
	options = accept("-p", "!1", NULL);
	cr_expect(options_ask_who(&options));
	options = accept("--comm", "a", NULL);
	cr_expect(options_ask_who(&options));
	options = accept("--uid", "0", NULL);
	cr_expect(options_ask_who(&options));
	options = accept("--unit", "a", NULL);
	cr_expect(options_ask_who(&options));
}

Test(options, bad_ports)
{
	static const char *const bad[] = { "70000", "65536", "0", "abc", "", "!", "!0", "!70000",
					   "!!22", "22!", "80,", "http", "-1", "+80", "80-90",
					   "18446744073709551617" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse("1 to 65535", "-P", bad[i], NULL);
	refuse("-P", "-P", NULL);
}

Test(options, what_was_on_the_wire)
{
	cr_expect_eq(accept("--rst", NULL).show, SHOW_RST_OUT | SHOW_RST_IN);
	cr_expect_eq(accept("--rst=out", NULL).show, SHOW_RST_OUT);
	cr_expect_eq(accept("--rst=in", NULL).show, SHOW_RST_IN);
	cr_expect_eq(accept("--rst=in", "--rst=out", NULL).show, SHOW_RST_OUT | SHOW_RST_IN);
	cr_expect_eq(accept("--fin", "--rst=out", "--rst=in", NULL).show,
		     SHOW_FIN | SHOW_RST_OUT | SHOW_RST_IN);
	cr_expect_eq(accept("--fin", NULL).show, SHOW_FIN);
	cr_expect_eq(accept("--silent", NULL).show, SHOW_SILENT);
	cr_expect_eq(accept("--rst", "--fin", "--silent", NULL).show,
		     SHOW_RST_OUT | SHOW_RST_IN | SHOW_FIN | SHOW_SILENT);
	refuse("out or in", "--rst=both", NULL);
	refuse("out or in", "--rst=", NULL);
	refuse("--fin=x", "--fin=x", NULL);
	/* The value is optional, so it must be joined with '=': a word of its own is a verb. */
	refuse("verb", "--rst", "in", NULL);
}

Test(options, format)
{
	cr_expect_str_eq(accept("-o", "folded", NULL).format, "folded");
	cr_expect_str_eq(accept("-o", "json", NULL).format, "json");
	cr_expect_str_eq(accept("-o", "csv", NULL).format, "csv");
	cr_expect_str_eq(accept("-otext", NULL).format, "text");
	cr_expect_str_eq(accept("-j", NULL).format, "json");
	cr_expect_str_eq(accept("-j", "-o", "text", NULL).format, "text");
	refuse("csv, folded, ", "-o", "yaml", NULL);
	refuse("json, text", "-o", "", NULL);
	refuse("json, text", "-o", "JSON", NULL);
	/* A path gets told how to write to a file. */
	refuse("--output /tmp/x", "-o", "/tmp/x", NULL);
	refuse("--output out.json", "-o", "out.json", NULL);
	refuse("-o", "-o", NULL);
}

Test(options, count)
{
	cr_expect_eq(accept("-c", "1", NULL).count, 1);
	cr_expect_eq(accept("-c5", NULL).count, 5);
	cr_expect_eq(accept("--count=18446744073709551614", NULL).count, UINT64_MAX - 1);
	refuse("-c", "-c", "0", NULL);
	refuse("-c", "-c", "-1", NULL);
	refuse("-c", "-c", "x", NULL);
	refuse("-c", "-c", "1k", NULL);
	refuse("-c", "-c", "", NULL);
	refuse("-c", "-c", "18446744073709551615", NULL);
	refuse("-c", "-c", "18446744073709551616", NULL);
	refuse("-c", "-c", NULL);
}

Test(options, duration)
{
	static const char *const bad[] = { "0", "0s", "5x", "x", "", "-1", "s", "1.5s", "5 s",
					   "5ss", "5S", "1d2h", "18446744073709551616",
					   "18446744073709551615d", "213504d" };

	cr_expect_eq(accept("-d", "30s", NULL).duration_ns, 30 * SECOND);
	cr_expect_eq(accept("--duration=5m", NULL).duration_ns, 300 * SECOND);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse("not a time", "-d", bad[i], NULL);
	refuse("-d", "-d", NULL);
}

Test(options, kernel)
{
	cr_expect_eq(accept("--tier", "full", NULL).tier, TIER_FULL);
	cr_expect_eq(accept("--tier=base", NULL).tier, TIER_BASE);
	cr_expect_str_eq(accept("--btf", "/boot/vmlinux.btf", NULL).btf, "/boot/vmlinux.btf");
	cr_expect(accept("--debug", NULL).debug);
	cr_expect(accept("--no-fentry", NULL).no_fentry);
	refuse("full or base", "--tier=auto", NULL);
	refuse("full or base", "--tier=", NULL);
	refuse("--tier", "--tier", NULL);
	refuse("--btf", "--btf", NULL);
}

Test(options, buffer)
{
	static const char *const bad[] = { "0", "1", "4095", "1025M", "2G", "x", "", "4T", "-4M",
					   "4MB", "17179869184G", "18446744073709551615k" };

	cr_expect_eq(accept("--buffer", "4M", NULL).buffer, 4U << 20);
	cr_expect_eq(accept("--buffer=4k", NULL).buffer, 4096);
	cr_expect_eq(accept("--buffer=64K", NULL).buffer, 65536);
	cr_expect_eq(accept("--buffer=8m", NULL).buffer, 8U << 20);
	cr_expect_eq(accept("--buffer=4096", NULL).buffer, 4096);
	cr_expect_eq(accept("--buffer=1g", NULL).buffer, 1U << 30);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse("4k to 1G", "--buffer", bad[i], NULL);
}

Test(options, flags)
{
	struct options options = accept("-qv", "--debug", NULL);

	cr_expect(options.quiet && options.verbose && options.debug);
	options = accept("-v", NULL);
	cr_expect(!options.quiet && options.verbose && !options.debug);
	cr_expect(accept("--all", NULL).all);
	cr_expect_eq(accept("--help", NULL).action, OPTIONS_HELP);
	cr_expect_eq(accept("--version", NULL).action, OPTIONS_VERSION);
	cr_expect_eq(accept("-h", NULL).action, OPTIONS_HELP);
	cr_expect_eq(accept("-V", NULL).action, OPTIONS_VERSION);
}

Test(options, unknown)
{
	refuse("--nope", "--nope", NULL);
	refuse("-x", "-x", NULL);
	refuse("-jx", "-jx", NULL);
	refuse("--nope=1", "-j", "--nope=1", "-q", NULL);
	/* argp's own are not ours. */
	refuse("-?", "-?", NULL);
	refuse("--usage", "--usage", NULL);
	/* An abbreviation must be of one option only: --debug, --duration. */
	refuse("--d", "--d", NULL);
}

Test(options, a_long_bad_value_is_cut)
{
	struct options options;
	char value[1024], *argv[] = { "closetrace", "-P", value, NULL };

	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	cr_expect_eq(options_parse(&options, 3, argv), -EINVAL);
	cr_expect_lt(strlen(options.error), sizeof(options.error));
	cr_expect(!strncmp(options.error, "port '", 6), "%s", options.error);
}
