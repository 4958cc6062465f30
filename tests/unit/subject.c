// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* subject.c - what the programs decide of a live trace, for recorded acts */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "parse.h"
#include "subject.h"

/* 127.0.0.1:1000 to 10.0.0.9:2000 of pid 42, "server", uid 1000, in namespace 7. */
static struct record plain(void)
{
	static const uint8_t local[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	static const uint8_t remote[16] = { [10] = 0xff, 0xff, 10, 0, 0, 9 };
	struct record r;

	fixture_plain(&r);
	memcpy(r.laddr, local, sizeof(r.laddr));
	memcpy(r.raddr, remote, sizeof(r.raddr));
	r.lport = 1000;
	r.rport = 2000;
	r.netns = 7;
	r.known = KNOWN_OWNER;
	r.owner = (struct record_task){ .pid = 42, .uid = 1000, .comm = "server" };
	return r;
}

#define FATE(record, ...)                                                                          \
	({ struct options chosen = accept("report", "x", __VA_ARGS__, NULL);                       \
	   subject_fate(&chosen, record); })

Test(subject, ports_and_addresses)
{
	struct record r = plain();

	cr_expect_eq(FATE(&r, "-j"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-P", "2000"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-P", "22,1000"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-P", "22"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "-P", "!2000"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "-P", "!22"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-P", "1000", "-P", "!2000"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--lport", "1000"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "--lport", "2000"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--lport", "1000", "--rport", "3"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "-a", "10.0.0.0/8"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "--laddr", "10.0.0.0/8"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--raddr", "!10.0.0.9"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--netns=7"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "--netns=8"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--netns=!7"), FATE_FILTERED);
}

Test(subject, processes)
{
	struct record r = plain();

	cr_expect_eq(FATE(&r, "-p", "42"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-p", "43"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "-p", "!42"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "-p", "!43"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "--comm", "server"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "--comm", "serve"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--comm", "server", "--uid", "1"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--comm", "server", "--uid", "1000"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "--comm", "server", "--uid", "!1000"), FATE_FILTERED);
}

/* Either may be the one; each must meet all filters by itself. */
Test(subject, actor_and_owner)
{
	struct record r = plain();

	r.known |= KNOWN_ACTOR;
	r.actor = (struct record_task){ .pid = 43, .uid = 1, .comm = "closer" };
	cr_expect_eq(FATE(&r, "-p", "43"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-p", "42"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-p", "!43"), FATE_FILTERED);
	cr_expect_eq(FATE(&r, "--comm", "server", "--uid", "1"), FATE_FILTERED);
}

/* Of nobody known: not filtered, but said to be not known, unless somebody was only excluded. */
Test(subject, unowned)
{
	struct record r = plain();

	r.known = 0;
	cr_expect_eq(FATE(&r, "-p", "42"), FATE_UNOWNED);
	cr_expect_eq(FATE(&r, "-p", "!42"), FATE_EMITTED);
	cr_expect_eq(FATE(&r, "-p", "42", "-P", "22"), FATE_FILTERED);
}
