// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* which.c - --socket: ids, and two ends as they are pasted from logs, ss and tcpdump */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "report/which.h"

static struct which parsed(const char *text)
{
	struct which which = { 0 };

	cr_expect_eq(which_parse(text, &which), 0, "%s", text);
	return which;
}

Test(which, ids)
{
	struct which which = parsed("2a");
	struct record r;

	cr_expect(!which.ends && which.socket == 42 && !which.run);
	fixture_plain(&r);
	cr_expect(which_takes(&which, &r));
	r.known &= ~KNOWN_SOCKET;
	cr_expect_not(which_takes(&which, &r), "a record without a socket has no id");
	fixture_plain(&r);
	which = parsed("18c0ffee/2a");
	cr_expect(which_takes(&which, &r));
	r.run++;
	cr_expect_not(which_takes(&which, &r));
}

/* The plain record is of 10.0.0.5:80 and 10.0.0.9:40112. */
Test(which, ends_as_people_paste_them)
{
	static const char *const texts[] = {
		"10.0.0.5:80-10.0.0.9:40112",
		"10.0.0.9:40112-10.0.0.5:80",
		"10.0.0.5:80 10.0.0.9:40112",
		"10.0.0.5:80 -> 10.0.0.9:40112",
		"10.0.0.9:40112 => 10.0.0.5:80",
		"10.0.0.5:80,10.0.0.9:40112",
		"10.0.0.5:80\xe2\x86\x92" "10.0.0.9:40112",
		"[::ffff:10.0.0.5]:80 - [::ffff:10.0.0.9]:40112",
		"12:00:01.123456 IP 10.0.0.5.80 > 10.0.0.9.40112: Flags [R.], seq 1, ack 2, win 0",
		"ESTAB 0      0    10.0.0.5%eth0:80    10.0.0.9:40112 users:((\"nginx\"))",
		"tcp        0      0 10.0.0.5:80     10.0.0.9:40112     ESTABLISHED",
		"12:00:01.123 nginx[812]  10.0.0.5:80  10.0.0.9:40112  RST>  unread_data",
	};
	struct record r;

	fixture_plain(&r);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct which which = parsed(texts[i]);

		cr_expect(which.ends && which_takes(&which, &r), "%s", texts[i]);
	}
}

Test(which, ends_in_ipv6)
{
	static const char *const texts[] = {
		"[2001:db8::1]:80-[fe80::2]:40112", "[2001:db8::1]:80 [fe80::2]%eth0:40112",
		"[2001:db8::1]:80 [fe80::2%eth0]:40112", "2001:db8::1.80 > fe80::2.40112:",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct which which = parsed(texts[i]);

		cr_expect(which.end[0].port == 80 && which.end[1].port == 40112, "%s", texts[i]);
		cr_expect(which.end[0].address[0] == 0x20 && which.end[0].address[15] == 1, "%s",
			  texts[i]);
		cr_expect(which.end[1].address[0] == 0xfe && which.end[1].address[15] == 2, "%s",
			  texts[i]);
	}
}

Test(which, only_these_ends)
{
	struct which which = parsed("10.0.0.5:80-10.0.0.9:40112");
	struct record r;

	fixture_plain(&r);
	r.lport = 81;
	cr_expect_not(which_takes(&which, &r));
	fixture_plain(&r);
	r.raddr[15]++;
	cr_expect_not(which_takes(&which, &r));
	/* The address of one end with the port of the other. */
	fixture_plain(&r);
	r.lport = 40112;
	r.rport = 80;
	cr_expect_not(which_takes(&which, &r));
	which_of(&r, &which);
	cr_expect(which_takes(&which, &r));
}

Test(which, no_connections)
{
	static const char *const texts[] = {
		"", "0", "xyz", "12345678901234567", "/2a", "2a/", "10.0.0.5:80",
		"10.0.0.5-10.0.0.9",
		"10.0.0.5:80-10.0.0.9", "10.0.0.5:80-10.0.0.9:0", "10.0.0.5:80-10.0.0.9:65536",
		"10.0.0.5:80-10.0.0.9:1 10.0.0.7:1", "300.0.0.5:80-10.0.0.9:1", "[::1:80-[::2]:1",
		"[::1]-[::2]", ":80-:81", "1795435201.118",
	};
	struct which which = { .socket = 7 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_eq(which_parse(texts[i], &which), -EINVAL, "'%s'", texts[i]);
	cr_expect_eq(which.socket, 7, "what cannot be read changes nothing");
}
