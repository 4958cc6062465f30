// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* story.c - --socket: which acts are of one connection, and how it is told */
#include <criterion/criterion.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture.h"
#include "golden.h"
#include "report/story.h"

#define SECOND	1000000000ULL
#define WALL	1795435200000000000ULL	/* 2026-11-23T12:00:00Z at CLOCK_MONOTONIC 0 */

static void use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

TestSuite(story, .init = use_utc);

/* An act of the server's end, so many microseconds after the first. */
static struct record at_server(uint64_t us)
{
	struct record r;

	fixture_plain(&r);
	r.time_ns = 5 * SECOND + us * 1000;
	return r;
}

static struct record at_client(uint64_t us)
{
	struct record r = at_server(us);
	uint8_t address[16];

	memcpy(address, r.laddr, sizeof(address));
	memcpy(r.laddr, r.raddr, sizeof(address));
	memcpy(r.raddr, address, sizeof(address));
	r.lport = 40112;
	r.rport = 80;
	r.socket = 43;
	r.role = ROLE_CLIENT;
	r.owner_by = OWNER_CONNECT;
	r.actor = r.owner = (struct record_task){ .pid = 990, .tid = 990, .uid = 7,
						  .comm = "curl" };
	return r;
}

static struct record reset_by_server(uint64_t us)
{
	struct record r = at_server(us);

	r.kind = RECORD_RST;
	r.facts = FACT(rst_sent) | FACT(state_first) | FACT(closed) | FACT(owned) | FACT(closing);
	r.unread = 11;
	r.unsent = 16452;
	return r;
}

static struct record reset_of_client(uint64_t us)
{
	struct record r = at_client(us);

	r.kind = RECORD_RST_RECEIVED;
	r.facts = FACT(tcp_reset) | FACT(closed);
	r.err = 104;
	r.known &= ~(KNOWN_ACTOR | KNOWN_SYSCALL | KNOWN_SEQ);
	r.context = CONTEXT_SOFTIRQ;
	return r;
}

static struct record reply_of_server(uint64_t us)
{
	struct record r = at_server(us);

	r.kind = RECORD_RST_REPLY;
	r.facts = FACT(rst_reply) | FACT(sk_none);
	r.known = 0;
	return r;
}

static void add(struct story *story, struct record r)
{
	struct act act = fixture_judged(&r);

	act.wall_ns = WALL + r.time_ns;
	cr_assert_eq(story_add(story, &act, NULL), 0);
}

static void add_held(struct story *story, struct record r)
{
	struct held held = { .pids = { 812, 814 }, .count = 2 };
	struct act act = { .record = r, .wall_ns = WALL + r.time_ns };

	act.record.kind = RECORD_HELD;
	act.record.references = held.record.references = 2;
	cr_assert_eq(story_add(story, &act, &held), 0);
}

static void add_note(struct story *story, struct record r, enum note_kind note)
{
	struct act act = { .record = r, .wall_ns = WALL + r.time_ns };

	act.record.kind = RECORD_NOTE;
	act.record.note = (__u8)note;
	cr_assert_eq(story_add(story, &act, NULL), 0);
}

static char *told(const struct story *story, unsigned int columns)
{
	char *text = NULL;
	size_t size;
	struct sink_options options = { .out = open_memstream(&text, &size), .columns = columns };

	cr_assert(options.out);
	cr_expect_eq(story_tell(story, &options), 0);
	fclose(options.out);
	return text;
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		found++;
	return found;
}

/* As it comes from a record: out of order, both ends, a close before and a reply after. */
static void fill(struct story *story)
{
	add(story, reset_of_client(300));
	add_held(story, at_server(0));
	add_note(story, at_client(10), NOTE_challenge_ack);
	add(story, reset_by_server(200));
	add(story, reply_of_server(4000000));
}

Test(golden, story)
{
	struct story story = { .which.ends = true };
	char *text;

	use_utc();
	fill(&story);
	cr_assert_eq(story_sort(&story), 0);
	text = told(&story, 0);
	golden_check("story", text);
	free(text);
	story_free(&story);
}

Test(story, both_ends_are_one_connection)
{
	struct story story = { .which.ends = true };
	char *text;

	fill(&story);
	cr_assert_eq(story_sort(&story), 0);
	cr_expect_eq(story.connections, 1);
	text = told(&story, 0);
	cr_expect_eq(count(text, "connection 10.0.0."), 1, "%s", text);
	cr_expect_eq(count(text, "not in this record"), 0);
	cr_expect(strstr(text, "In short: at 10.0.0.5:80 nginx[812] reset the connection"), "%s",
		  text);
	free(text);
	story_free(&story);
}

/* Ports are used again: a socket that is younger than all that was told is the next one's. */
Test(story, ports_are_used_again)
{
	struct record next = at_server(9000000), other = at_client(9000100);
	struct story story = { .which.socket = 43 };
	char *text;

	next.socket = 52;
	next.born_ns = 5 * SECOND + 8 * SECOND;
	other.socket = 53;
	other.born_ns = next.born_ns;
	fill(&story);
	add(&story, next);
	add(&story, other);
	cr_assert_eq(story_sort(&story), 0);
	cr_expect_eq(story.connections, 2);
	text = told(&story, 0);
	cr_expect_eq(count(text, "connection 10.0.0."), 1, "only that of the socket: %s", text);
	cr_expect_eq(count(text, "unread_data (local_reset)"), 1, "%s", text);
	cr_expect_eq(count(text, "for the reason told there: unread_data"), 1, "%s", text);
	free(text);
	story.which.socket = 52;
	text = told(&story, 0);
	cr_expect_eq(count(text, "connection 10.0.0."), 1);
	cr_expect_eq(count(text, "unread_data"), 0, "%s", text);
	cr_expect_eq(count(text, "lived "), 2, "%s", text);
	free(text);
	story_free(&story);
}

Test(story, one_end_alone)
{
	struct story story = { .which.ends = true };
	char *text;

	add(&story, reset_by_server(0));
	cr_assert_eq(story_sort(&story), 0);
	text = told(&story, 0);
	cr_expect_eq(count(text, "the other end is not in this record"), 1, "%s", text);
	free(text);
	story_free(&story);
}

/* The runs of a record number their sockets anew. */
Test(story, runs_are_apart)
{
	struct record again = at_server(5);
	struct story story = { .which.socket = 42 };

	again.run++;
	add(&story, at_server(0));
	add(&story, again);
	cr_assert_eq(story_sort(&story), 0);
	cr_expect_eq(story.connections, 2);
	cr_expect(story_wants(&story, &story.connection[0]));
	cr_expect(story_wants(&story, &story.connection[1]));
	story.which.run = again.run;
	cr_expect_not(story_wants(&story, &story.connection[0]));
	cr_expect(story_wants(&story, &story.connection[1]));
	story_free(&story);
}

/* Whatever processes call themselves, and however narrow the terminal. */
Test(story, is_inert_and_fits)
{
	struct record r = reset_by_server(0);
	struct story story = { .which.ends = true };
	char *text, *line, *rest;

	memcpy(r.actor.comm, "\xff\x1b]0;x\x07\"<script>", RECORD_COMM);
	r.owner = r.actor;
	add(&story, r);
	cr_assert_eq(story_sort(&story), 0);
	text = rest = told(&story, 60);
	while ((line = strsep(&rest, "\n")) && rest) {
		for (const char *at = line; *at; at++)
			cr_expect(*at >= 0x20 && *at != 0x7f, "%s", line);
		cr_expect(strlen(line) <= 60 || strstr(line, "socket") || strstr(line, "\\x"),
			  "%s", line);
	}
	free(text);
	story_free(&story);
}
