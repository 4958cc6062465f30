// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* verify.c - what closetrace verify makes of its lines: comparison, words, grouping */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verify/against.h"
#include "verify/line.h"
#include "verify/report.h"

#define START "{\"type\":\"start\",\"schema\":1,\"kernel\":\"6.1\",\"tier\":\"full\"}\n"
#define END "{\"type\":\"end\",\"ran\":1,\"agreed\":1,\"disagreed\":0,\"skipped\":0}\n"
#define CASE(name, family, wire)                                                                   \
	"{\"type\":\"verify\",\"scenario\":\"" name "\",\"summary\":\"s\",\"family\":\"" family    \
	"\",\"path\":\"lo\",\"agree\":true,\"said\":[],\"wire\":[\"" wire                          \
	"\"],\"counters\":{\"OutRsts\":1,\"EstabResets\":2},\"note\":null}\n"
#define SKIPPED                                                                                    \
	"{\"type\":\"verify\",\"scenario\":\"one\",\"family\":\"ipv4\",\"path\":\"lo\","           \
	"\"agree\":null,\"note\":\"no such thing\"}\n"

/* The lines of a file with this text; NULL with the message. */
static struct json_object *load(const char *text, char message[256])
{
	char path[] = "/tmp/closetrace-verify-XXXXXX";
	int fd = mkstemp(path);
	struct json_object *lines;

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	lines = against_load(path, message);
	unlink(path);
	return lines;
}

static struct json_object *lines_of(const char *text)
{
	char message[256];
	struct json_object *lines = load(text, message);

	cr_assert(lines, "%s", message);
	return lines;
}

Test(verify, takes_whole_files_only)
{
	static const char *const bad[] = {
		"", START, START END, CASE("one", "ipv4", "x") END,
		START CASE("one", "ipv4", "x"), START "no json\n" CASE("one", "ipv4", "x") END,
		START CASE("one", "ipv4", "x") END CASE("two", "ipv4", "x"),
	};
	char message[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_not(load(bad[i], message), "%zu is taken", i);
		cr_expect(strstr(message, "no whole output"), "%zu: %s", i, message);
	}
	cr_expect_not(load("{\"type\":\"start\",\"schema\":2}\n", message));
	cr_expect(strstr(message, "newer"), "%s", message);
	cr_expect_not(against_load("/nonexistent", message));
}

static void expect_change(struct json_object *changes, const char *key, const char *was,
			  const char *is)
{
	const struct json_object *change = json_object_array_get_idx(changes, 0);

	cr_assert_eq(json_object_array_length(changes), 1);
	cr_expect(line_is(change, "change") && line_says(change, "key", key));
	cr_expect(line_says(change, "was", was), "%s", line_text(change, "was"));
	cr_expect(line_says(change, "is", is), "%s", line_text(change, "is"));
	json_object_put(changes);
}

Test(verify, tells_what_changed)
{
	struct json_object *was = lines_of(START CASE("one", "ipv4", "server RST") END);
	struct json_object *is = lines_of(START CASE("one", "ipv4", "client FIN|ACK") END);
	struct json_object *skipped = lines_of(START SKIPPED END);
	struct json_object *changes;
	size_t unknown;

	changes = against_compare(was, was, &unknown);
	cr_expect_eq(json_object_array_length(changes), 0);
	json_object_put(changes);
	expect_change(against_compare(was, is, &unknown), "wire", "server RST", "client FIN|ACK");
	cr_expect_eq(unknown, 0);
	expect_change(against_compare(skipped, is, &unknown), "agree", "no such thing", "it ran");
	expect_change(against_compare(is, skipped, &unknown), "agree", "it ran", "no such thing");
	json_object_put(was);
	json_object_put(is);
	json_object_put(skipped);
}

Test(verify, does_not_compare_strangers)
{
	struct json_object *was = lines_of(START CASE("one", "ipv4", "x") END);
	struct json_object *is = lines_of(START CASE("one", "ipv6", "y")
					  CASE("two", "ipv4", "y") END);
	size_t unknown;
	struct json_object *changes = against_compare(was, is, &unknown);

	cr_expect_eq(json_object_array_length(changes), 0);
	cr_expect_eq(unknown, 2);
	json_object_put(changes);
	json_object_put(was);
	json_object_put(is);
}

Test(verify, finds_words)
{
	struct json_object *lines = lines_of(START CASE("one", "ipv4", "a") END);
	const struct json_object *line = json_object_array_get_idx(lines, 0);
	static const struct { const char *key, *words; } words[] = {
		{ "said", "nothing" }, { "wire", "a" }, { "counters", "OutRsts 1, EstabResets 2" },
		{ "note", "-" }, { "scenario", "one" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char *got = line_words(line, words[i].key);

		cr_expect_str_eq(got, words[i].words);
		free(got);
	}
	json_object_put(lines);
}

static char told[256];

static void tell(const struct report *report, const struct json_object *line, const char *paths,
		 FILE *out)
{
	size_t used = strlen(told);

	(void)report;
	(void)out;
	snprintf(told + used, sizeof(told) - used, "%s(%s) ", line_text(line, "scenario"), paths);
}

/* Paths that saw the same are told at once. */
Test(verify, groups_paths)
{
	struct json_object *lines = lines_of(START CASE("one", "ipv4", "a") CASE("one", "ipv6", "a")
					     CASE("two", "ipv4", "a") CASE("two", "ipv6", "b") END);

	report_each(NULL, lines, report_case_keys, tell, stdout);
	cr_expect_str_eq(told, "one() two(ipv4) two(ipv6) ");
	json_object_put(lines);
}
