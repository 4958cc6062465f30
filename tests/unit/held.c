// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* held.c - closes that were not the last: how they are told, and tied to the end that follows */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "held.h"
#include "sinks/sink.h"

static struct act closed(uint64_t socket, uint64_t time_ns)
{
	struct act act = { .cause = NULL };

	fixture_plain(&act.record);
	act.record.kind = RECORD_HELD;
	act.record.facts = 0;
	act.record.socket = socket;
	act.record.time_ns = time_ns;
	act.record.references = 2;
	return act;
}

/* What a sink writes of it. */
static char *told(const char *format, const struct act *act, const struct held *held)
{
	char *text = NULL;
	size_t size;
	struct sink_options options = { .out = open_memstream(&text, &size) };

	cr_assert(options.out);
	cr_expect_eq(sink_by_name(format)->held(&options, act, held), 0);
	fclose(options.out);
	return text;
}

Test(held, text)
{
	struct act act = closed(42, 5000000000);
	struct held held = { .record = act.record, .pids = { 7, 9 }, .count = 2 };
	char *text = told("text", &act, &held);

	cr_expect(strstr(text, "nginx[812] "), "%s", text);
	cr_expect(strstr(text, "-      (held)"), "%s", text);
	cr_expect(strstr(text, "close: 2 references left, held by 7 9\n"), "%s", text);
	free(text);
	held.count = 0;
	held.record.references = 1;
	text = told("text", &act, &held);
	cr_expect(strstr(text, "1 reference left, a call in progress or in flight\n"), "%s", text);
	free(text);
}

Test(held, json)
{
	struct act act = closed(42, 5000000000);
	struct held held = { .record = act.record, .pids = { 7, 9 }, .count = 2 };
	char *text = told("json", &act, &held);

	cr_expect(!strncmp(text, "{\"type\":\"held\",", 15), "%s", text);
	cr_expect(strstr(text, "\"references\":2,\"holders\":[7,9]}\n"), "%s", text);
	cr_expect(strstr(text, "\"pid\":812,"), "%s", text);
	cr_expect(!strstr(text, "\"cause\""), "nothing has ended: %s", text);
	free(text);
}

Test(held, is_tied_to_the_last_close_of_the_same_socket)
{
	struct held_log *log = held_log_new();
	struct act end = closed(42, 9000000000);
	struct act other = closed(43, 1), first = closed(42, 2), last = closed(42, 3);

	cr_assert(log);
	held_log_tie(log, &end);
	cr_expect_null(end.held);
	held_log_add(log, &first.record);
	held_log_add(log, &last.record);
	held_log_add(log, &other.record);
	held_log_tie(log, &end);
	cr_assert(end.held);
	cr_expect_eq(end.held->time_ns, 3);
	cr_assert(end.held);
	end.record.time_ns = 2;
	held_log_tie(log, &end);
	cr_assert(end.held);
	cr_expect_eq(end.held->time_ns, 2, "not by a close that came later");
	end.record.time_ns = 9000000000;
	end.record.netns++;
	end.held = NULL;
	held_log_tie(log, &end);
	cr_expect_null(end.held, "of another run of ids");
	held_log_free(log);
}

/* We hold it ourselves; one look serves all that were added before. */
Test(held, holders_are_found)
{
	struct act act = closed(42, 1), other = closed(43, 2);
	struct held_log *log = held_log_new();
	const struct held *held;
	struct stat info;
	int fd = socket(AF_INET, SOCK_STREAM, 0), twin = dup(fd);

	cr_assert(log && fd >= 0 && twin >= 0 && !fstat(fd, &info));
	act.record.inode = info.st_ino;
	held_log_add(log, &act.record);
	held_log_add(log, &other.record);
	held_log_look(log);
	held = held_log_find(log, &act.record);
	cr_assert(held);
	cr_expect_eq(held->count, 1, "a process counts once");
	cr_expect_eq(held->pids[0], getpid());
	cr_expect(!held->more);
	held = held_log_find(log, &other.record);
	cr_assert(held);
	cr_expect_eq(held->count, 0);
	close(fd);
	close(twin);
	act.record.time_ns = 3;
	cr_expect_null(held_log_find(log, &act.record));
	held_log_add(log, &act.record);
	held_log_look(log);
	held = held_log_find(log, &act.record);
	cr_assert(held);
	cr_expect_eq(held->count, 0);
	held_log_free(log);
}
