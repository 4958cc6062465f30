// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* value.c - the values of options, and those that must be refused */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "value.h"

#define SECOND	1000000000ULL

static void check_duration(const char *text, uint64_t expected)
{
	uint64_t ns = 0;

	cr_expect_eq(value_duration(text, &ns), 0, "%s", text);
	cr_expect_eq(ns, expected, "%s is %llu ns", text, (unsigned long long)ns);
}

Test(value, durations)
{
	uint64_t ns;

	check_duration("1", SECOND);
	check_duration("1s", SECOND);
	check_duration("250ms", SECOND / 4);
	check_duration("1ms", 1000000);
	check_duration("2m", 120 * SECOND);
	check_duration("2min", 120 * SECOND);
	check_duration("2h", 7200 * SECOND);
	check_duration("1d", 86400 * SECOND);
	check_duration("007", 7 * SECOND);
	cr_expect_eq(value_duration("1us", &ns), -EINVAL);
	cr_expect_eq(value_duration("0ms", &ns), -EINVAL);
	cr_expect_eq(value_duration("99999999999999999999", &ns), -EINVAL);
}

/* Whether an address, 16 bytes as a record holds it, is in the network. */
static bool inside(const char *network, const char *address)
{
	struct settings_address net, one;

	cr_assert_eq(value_address(network, &net), 0, "%s", network);
	cr_assert_eq(value_address(address, &one), 0, "%s", address);
	return (one.address[0] & net.mask[0]) == net.address[0] &&
	       (one.address[1] & net.mask[1]) == net.address[1];
}

Test(value, addresses)
{
	cr_expect(inside("10.0.0.0/8", "10.255.0.1"));
	cr_expect(inside("10.9.9.9/8", "10.255.0.1"), "host bits do not matter");
	cr_expect(!inside("10.0.0.0/8", "11.0.0.1"));
	cr_expect(inside("10.0.0.1", "10.0.0.1"));
	cr_expect(!inside("10.0.0.1", "10.0.0.2"));
	cr_expect(inside("10.0.0.128/25", "10.0.0.129"));
	cr_expect(!inside("10.0.0.128/25", "10.0.0.127"));
	cr_expect(inside("0.0.0.0/0", "192.0.2.1"));
	cr_expect(!inside("0.0.0.0/0", "2001:db8::1"), "of IPv4 only");
	cr_expect(inside("::/0", "192.0.2.1"));
	cr_expect(inside("2001:db8::/33", "2001:db8:7fff::1"));
	cr_expect(!inside("2001:db8::/33", "2001:db8:8000::1"));
	cr_expect(inside("::ffff:10.0.0.0/104", "10.1.2.3"), "a v4-mapped address is IPv4");
	cr_expect(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
}

Test(value, bad_addresses)
{
	static const char *const bad[] = { "", "/8", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1",
					   "10.0.0.0/", "::1/129", "localhost", "10.0.0.1 ",
					   "1:2:3:4:5:6:7:8:9", "10.0.0.0/8/8",
					   "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };
	struct settings_address address;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(value_address(bad[i], &address), -EINVAL, "'%s'", bad[i]);
}

Test(value, users)
{
	uint32_t uid = 1;

	cr_expect_eq(value_uid("root", &uid), 0);
	cr_expect_eq(uid, 0);
	cr_expect_eq(value_uid("4294967294", &uid), 0);
	cr_expect_eq(uid, UINT32_MAX - 1);
	cr_expect_eq(value_uid("4294967295", &uid), -EINVAL, "nobody has that one");
	cr_expect_eq(value_uid("no such user", &uid), -EINVAL);
}

Test(value, network_namespaces)
{
	struct stat info;
	uint32_t inode;

	cr_assert_eq(stat("/proc/self/ns/net", &info), 0);
	cr_expect_eq(value_netns("/proc/self/ns/net", &inode), 0);
	cr_expect_eq(inode, info.st_ino);
	cr_expect_eq(value_netns("4026531840", &inode), 0);
	cr_expect_eq(inode, 4026531840U);
	cr_expect_eq(value_netns("no-such-namespace", &inode), -ENOENT);
	cr_expect_eq(value_netns("0", &inode), -ENOENT);
}
