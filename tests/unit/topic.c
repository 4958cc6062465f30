// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* topic.c - every cause and note is explained in full, and is found by what people look for */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "note.h"
#include "lookup.h"
#include "wrap.h"

#define MEND_MAX	100
#define COLUMNS		80

Test(topic, one_for_each_cause_and_note)
{
	size_t i = 0;

	for (; i < cause_count; i++) {
		cr_expect_eq(topic_at(i)->cause, &cause_rows[i]);
		cr_expect_str_eq(topic_at(i)->name, cause_rows[i].slug);
		cr_expect_str_eq(topic_at(i)->summary, cause_rows[i].summary);
	}
	for (size_t note = NOTE_NONE + 1; note < NOTES; note++, i++) {
		cr_expect_null(topic_at(i)->cause);
		cr_expect_str_eq(topic_at(i)->name, note_table[note].name);
		cr_expect_str_eq(topic_class(topic_at(i)), TOPIC_NOTE);
	}
	cr_expect_null(topic_at(i));
	cr_expect_geq((size_t)LOOKUP_HITS, i);
}

static void expect_sentences(const char *name, const char *text, size_t least)
{
	cr_assert(text, "%s lacks a part", name);
	cr_expect_geq(strlen(text), least, "%s: %s", name, text);
	cr_expect(!strstr(text, "  ") && !strchr(text, '\n') && !strchr(text, '\t'), "%s: %s", name,
		  text);
	for (const char *c = text; *c; c++)
		cr_expect((unsigned char)*c < 0x80, "%s: not ASCII: %s", name, c);
}

/* Each has every part, and something to say in it. */
Test(topic, complete)
{
	const struct topic *topic;

	for (size_t i = 0; (topic = topic_at(i)); i++) {
		const struct topic_text *text = topic->text;

		expect_sentences(topic->name, text->meaning, 80);
		expect_sentences(topic->name, text->kernel[0].versions, 3);
		expect_sentences(topic->name, text->kernel[0].text, 40);
		expect_sentences(topic->name, text->here, 5);
		expect_sentences(topic->name, text->peer, 5);
		expect_sentences(topic->name, text->words, 10);
		expect_sentences(topic->name, topic_mend(topic), 10);
		cr_expect_leq(strlen(topic_mend(topic)), (size_t)MEND_MAX, "%s", topic->name);
		cr_expect(text->counters || text->counted, "%s: no word of counters", topic->name);
		cr_expect(!text->c != !text->sh, "%s: one example", topic->name);
		cr_expect_eq(!text->mend, !!topic->cause, "%s: mend is in causes.def", topic->name);
		cr_expect(!text->kernel[TOPIC_KERNELS - 1].text || text->kernel[0].text,
			  "%s: holes", topic->name);
	}
}

/* No line of the text is broken by a terminal of 80 columns. */
Test(topic, fits_a_terminal)
{
	const struct topic *topic;

	for (size_t i = 0; (topic = topic_at(i)); i++) {
		char *text, *rest, *line;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		explain_text.topic(out, topic);
		explain_text.row(out, topic, NULL);
		fclose(out);
		rest = text;
		while ((line = strsep(&rest, "\n"))) {
			size_t columns = 0;

			for (const char *c = line; *c; c++)
				columns = *c == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
			cr_expect_leq(columns, (size_t)COLUMNS, "%s: %s", topic->name, line);
		}
		free(text);
	}
}

static bool finds(const char *words, const char *name)
{
	struct lookup_hit hits[LOOKUP_HITS];
	size_t count = lookup_topics(words, hits);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(hits[i].topic->name, name))
			return true;
	}
	return false;
}

/* What stands in logs and in forums. */
Test(search, folklore)
{
	static const struct { const char *words, *name; } known[] = {
		{ "ECONNRESET", "unread_data" },	{ "ECONNRESET", "peer_rst" },
		{ "econnreset", "linger0" },
		{ "Connection reset by peer", "peer_rst" },
		{ "connection reset by peer", "data_after_close_tw" },
		{ "broken pipe", "data_after_close" },	{ "EPIPE", "linger2_abort" },
		{ "Connection refused", "peer_refused" }, { "ECONNREFUSED", "no_socket_rst" },
		{ "Connection timed out", "syn_timeout" }, { "ETIMEDOUT", "rto_timeout" },
		{ "No route to host", "icmp_error" },	{ "TIME_WAIT", "fin_close" },
		{ "TIME_WAIT", "data_after_close_tw" },	{ "CLOSE_WAIT", "fin_close_passive" },
		{ "FIN_WAIT2", "finwait2_timeout" },	{ "ss -K", "sock_destroy" },
		{ "SO_LINGER", "linger0" },		{ "TCPAbortOnData", "linger0" },
		{ "TCPAbortOnClose", "unread_data" },	{ "tcp_retries2", "rto_timeout" },
		{ "tcp_max_orphans", "orphan_limit" },	{ "somaxconn", "abort_on_overflow" },
		{ "lingering_close", "unread_data" },	{ "502", "unread_data" },
		{ "RFC 5961", "challenge_ack" },	{ "BGP", "md5_ao_drop" },
		{ "nftables reject", "nf_reject_rst" },
		{ "too many orphaned sockets", "orphan_limit" },
		{ "tcp_migrate_req", "listen_queue_migrated" },
		{ "graceful restart", "listen_queue_abort" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		cr_expect(finds(known[i].words, known[i].name), "'%s' does not find %s",
			  known[i].words, known[i].name);
	cr_expect(!finds("ECONNREFUSED", "unread_data"));
	cr_expect(!finds("no such words", "unread_data"));
	cr_expect(!finds("", "unread_data"));
	cr_expect(!finds("  ", "unread_data"));
}

/* A name before a word of the list, that before running text; else each word by itself. */
Test(search, order)
{
	struct lookup_hit hits[LOOKUP_HITS];
	size_t count = lookup_topics("unread_data", hits);

	cr_assert_gt(count, 1);
	cr_expect_str_eq(hits[0].topic->name, "unread_data");
	cr_expect_str_eq(hits[0].found, "");
	cr_expect(strstr(hits[count - 1].found, "unread_data"), "%s", hits[count - 1].found);
	for (size_t i = 1; i < count; i++)
		cr_expect_leq(hits[i - 1].rank, hits[i].rank);
	lookup_topics("connection refused", hits);
	cr_expect_str_eq(hits[0].topic->name, "peer_refused", "its headline says so");
	lookup_topics("Connection reset by peer", hits);
	cr_expect_str_eq(hits[0].topic->name, "unread_data", "it is the commonest");
	cr_expect(finds("orphan memory tcp_mem", "orphan_limit"));
	cr_expect(!finds("orphan memory xyzzy", "orphan_limit"));
}

Test(topic, classes)
{
	cr_expect(topic_class_text("timeout"));
	cr_expect(topic_class_text(TOPIC_NOTE));
	cr_expect_null(topic_class_text("unread_data"));
	cr_expect_str_eq(topic_class(topic_by_name("unread_data")), "local_reset");
	cr_expect_null(topic_by_name("unread"));
	cr_expect_str_eq(topic_netstat("TcpOutRsts"), "resets sent");
	cr_expect_null(topic_netstat("TcpExtTCPChallengeACK"));
}

/* What wrap_print() makes of a text. */
static void wrapped(const char *text, int indent, char *result, size_t room)
{
	FILE *out = fmemopen(result, room, "w");

	wrap_print(out, text, indent);
	fclose(out);
}

Test(wrap, breaks_at_blanks)
{
	char word[WRAP_COLUMNS + 20], text[256];

	wrapped("one two", 4, text, sizeof(text));
	cr_expect_str_eq(text, "one two\n");
	wrapped("", 4, text, sizeof(text));
	cr_expect_str_eq(text, "\n");
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	wrapped(word, 2, text, sizeof(text));
	cr_expect_eq(strlen(text), sizeof(word), "a long word stays whole");
	word[WRAP_COLUMNS - 2] = ' ';
	wrapped(word, 2, text, sizeof(text));
	cr_expect_eq(strcspn(text, "\n"), WRAP_COLUMNS - 2);
	cr_expect_eq(strncmp(text + strcspn(text, "\n"), "\n  x", 4), 0);
}
