// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* field.c - a value is known, null or absent; names of wire, direction, call and error */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "cause.h"
#include "field.h"
#include "expect.h"
#include "fixture.h"

static struct act plain(void)
{
	struct record record;

	fixture_plain(&record);
	return fixture_judged(&record);
}

Test(field, table_is_sound)
{
	for (size_t i = 0; i < field_count; i++) {
		cr_expect(*fields[i].text, "%s has no text", fields[i].key);
		cr_expect(fields[i].kind == VALUE_TEXT || fields[i].kind == VALUE_INTEGER ||
			  fields[i].kind == VALUE_BOOLEAN || fields[i].kind == VALUE_FRAMES,
			  "%s", fields[i].key);
		cr_expect(strcmp(fields[i].key, "type"), "type is the line's");
		for (size_t j = 0; j < i; j++)
			cr_expect_str_neq(fields[i].key, fields[j].key, "twice");
	}
}

/* Whatever the act: a value is of the kind that the table promises, null or absent. */
Test(field, values_keep_the_kind_of_the_table)
{
	for (size_t i = 0; i < fixture_count; i++) {
		struct act act;

		fixture_act(&fixtures[i], &act);
		for (size_t j = 0; j < field_count; j++) {
			struct value value = { .kind = VALUE_ABSENT };

			fields[j].get(&act, &value);
			cr_expect(value.kind == VALUE_ABSENT || value.kind == VALUE_NULL ||
				  value.kind == fields[j].kind, "%s of %s", fields[j].key,
				  fixtures[i].name);
		}
	}
}

Test(field, wire_and_direction)
{
	static const char *const wires[] = { "none", "fin", "rst" };
	static const char *const directions[] = { "none", "out", "in" };

	for (size_t i = 0; i < fixture_count; i++) {
		struct act act;

		fixture_act(&fixtures[i], &act);
		cr_expect_str_eq(field_wire(&act), wires[fixtures[i].wire]);
		cr_expect_str_eq(field_dir(&act), directions[fixtures[i].direction]);
		expect_text(&act, "wire", wires[fixtures[i].wire]);
		expect_text(&act, "dir", directions[fixtures[i].direction]);
		expect_text(&act, "cause", act.cause->slug);
		expect_text(&act, "certainty", act.exact ? "exact" : "inferred");
	}
}

static void check_via(int syscall, const char *expected)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.syscall = syscall;
	act = fixture_judged(&record);
	if (expected)
		expect_text(&act, "via", expected);
	else
		expect_kind(&act, "via", VALUE_NULL);
}

Test(field, via_is_the_call)
{
	check_via(SYS_close, "close");
	check_via(SYS_close_range, "close_range");
	check_via(SYS_dup3, "dup");
#ifdef SYS_dup2
	check_via(SYS_dup2, "dup");
#endif
	check_via(SYS_execve, "exec");
	check_via(SYS_execveat, "exec");
	check_via(SYS_shutdown, "shutdown");
	check_via(SYS_connect, "disconnect");
	check_via(SYS_io_uring_enter, "io_uring");
	/* A call that has no name here: not knowable, which is not the same as none. */
	check_via(SYS_getpid, NULL);
	check_via(-1, NULL);
}

Test(field, via_of_a_process_that_ends)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.known |= KNOWN_EXIT;
	record.exit_code = 3 << 8;
	act = fixture_judged(&record);
	expect_text(&act, "via", "exit");
	expect_integer(&act, "exit_code", 3);
	expect_kind(&act, "signal", VALUE_ABSENT);

	record.exit_code = 9;
	act = fixture_judged(&record);
	expect_text(&act, "via", "signal");
	expect_text(&act, "signal", "SIGKILL");
	expect_kind(&act, "exit_code", VALUE_ABSENT);

	/* The core flag is not part of the signal. */
	record.exit_code = 11 | 0x80;
	act = fixture_judged(&record);
	expect_text(&act, "signal", "SIGSEGV");

	record.exit_code = 40;
	act = fixture_judged(&record);
	expect_text(&act, "signal", "40");
}

Test(field, via_without_an_actor_is_none)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.known &= ~KNOWN_ACTOR;
	act = fixture_judged(&record);
	expect_text(&act, "via", "none");
	expect_kind(&act, "pid", VALUE_NULL);
	expect_kind(&act, "comm", VALUE_NULL);
	expect_kind(&act, "uid", VALUE_NULL);
	expect_integer(&act, "owner_pid", 812);

	fixture_plain(&record);
	record.context = CONTEXT_KTHREAD;
	act = fixture_judged(&record);
	expect_text(&act, "via", "kthread");
	expect_text(&act, "context", "kthread");
}

Test(field, how_is_of_shutdown_only)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.facts = FACT(fin_sent) | FACT(owned);
	record.syscall = SYS_shutdown;
	act = fixture_judged(&record);
	expect_kind(&act, "how", VALUE_NULL);
	record.known |= KNOWN_HOW;
	record.how = 2;
	act = fixture_judged(&record);
	expect_text(&act, "how", "wr");
	record.how = 3;
	act = fixture_judged(&record);
	expect_text(&act, "how", "rdwr");
	record.syscall = SYS_close;
	act = fixture_judged(&record);
	expect_kind(&act, "how", VALUE_ABSENT);
}

static void check_errno(int err, const char *expected)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.facts = FACT(closed) | FACT(tcp_reset);
	record.err = err;
	act = fixture_judged(&record);
	if (expected)
		expect_text(&act, "errno", expected);
	else
		expect_kind(&act, "errno", VALUE_NULL);
}

Test(field, errno_is_a_name)
{
	check_errno(0, NULL);
	check_errno(ECONNRESET, "ECONNRESET");
	check_errno(EPIPE, "EPIPE");
	check_errno(ECONNREFUSED, "ECONNREFUSED");
	check_errno(ETIMEDOUT, "ETIMEDOUT");
	check_errno(ECONNABORTED, "ECONNABORTED");
	check_errno(EHOSTUNREACH, "EHOSTUNREACH");
	check_errno(-5, NULL);
	check_errno(4000, NULL);
}

/* What makes no sense for a reply is absent; a reply that was joined ends a connection of ours. */
Test(field, replies_have_no_socket)
{
	static const char *const keys[] = { "errno", "linger", "unread", "unsent", "unacked",
					    "bytes_sent", "bytes_received" };
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.facts = FACT(rst_reply) | FACT(sk_none);
	act = fixture_judged(&record);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		expect_kind(&act, keys[i], VALUE_ABSENT);
	expect_kind(&act, "state", VALUE_ABSENT);
	expect_integer(&act, "seq", 305419896);
	act.amended = true;
	expect_integer(&act, "unread", 0);
}

Test(field, unknown_values_are_null)
{
	static const char *const keys[] = { "age_us", "socket", "netns", "role", "pid", "tid",
					    "comm", "uid", "owner_pid", "owner_comm",
					    "owner_known_by", "unread", "unsent", "unacked",
					    "bytes_sent", "bytes_received", "seq", "linger",
					    "peer_pid", "peer_comm", "cgroup", "container",
					    "simultaneous" };
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.known = 0;
	record.netns = 0;
	record.role = ROLE_UNKNOWN;
	act = fixture_judged(&record);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		expect_kind(&act, keys[i], VALUE_NULL);
	/* What makes no sense for a FIN that a socket sent is not there at all. */
	expect_kind(&act, "reason", VALUE_ABSENT);
	expect_kind(&act, "listener", VALUE_ABSENT);
	expect_kind(&act, "facts", VALUE_ABSENT);
}

Test(field, known_values)
{
	struct act act = plain();

	expect_integer(&act, "ktime_ns", 5000000000);
	expect_integer(&act, "age_us", 1234);
	expect_text(&act, "run", "18c0ffee");
	expect_text(&act, "socket", "2a");
	expect_integer(&act, "netns", 4026531840);
	expect_text(&act, "family", "ipv4");
	expect_text(&act, "laddr", "10.0.0.5");
	expect_integer(&act, "lport", 80);
	expect_text(&act, "raddr", "10.0.0.9");
	expect_integer(&act, "rport", 40112);
	expect_text(&act, "role", "server");
	expect_text(&act, "class", "orderly");
	expect_text(&act, "state", "ESTABLISHED");
	expect_integer(&act, "pid", 812);
	expect_integer(&act, "tid", 813);
	expect_integer(&act, "uid", 33);
	expect_text(&act, "comm", "nginx");
	expect_text(&act, "owner_known_by", "accept");
	expect_text(&act, "context", "process");
	expect_integer(&act, "bytes_sent", 16384);
	expect_integer(&act, "seq", 305419896);
}

/* The evidence of an unknown act is whole, whatever it is. */
Test(field, all_facts_fit)
{
	struct record record;
	struct act act;
	char buffer[16];

	fixture_plain(&record);
	act = fixture_judged(&record);
	act.facts = ~(fact_set)0;
	act.cause = &cause_rows[cause_count - 1];
	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		const char *name = cause_fact_name(bit);

		if (name)
			cr_expect(strstr(expect_value(&act, "facts").room, name),
				  "%s is cut", name);
	}
	/* A buffer that is too small holds whole names. */
	field_facts(&act, buffer, sizeof(buffer));
	cr_expect_str_eq(buffer, "fin_sent closed", "%s", buffer);
	field_facts(&act, buffer, 1);
	cr_expect_str_eq(buffer, "");
}

/* The peer's FIN came first, or nobody knows yet. */
Test(field, simultaneous)
{
	struct act act = plain();

	expect_kind(&act, "simultaneous", VALUE_NULL);
	act.facts |= FACT(st_close_wait);
	expect_kind(&act, "simultaneous", VALUE_BOOLEAN);
	act.facts &= ~FACT(fin_sent);
	expect_kind(&act, "simultaneous", VALUE_ABSENT);
}
