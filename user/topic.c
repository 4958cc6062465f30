// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "note.h"
#include "topic.h"

#define ALL "5.10 to 7.2"	/* what is tested: the oldest and the newest */

#define TOPIC(name, ...) static const struct topic_text text_##name = { __VA_ARGS__ };
#include "topics/orderly.def"
#include "topics/local_reset.def"
#include "topics/peer_reset.def"
#include "topics/refused.def"
#include "topics/timeout.def"
#include "topics/killed.def"
#include "topics/reply.def"
#include "topics/unknown.def"
#include "topics/note.def"
#undef TOPIC

/* The place of each row in causes.def. */
enum {
#define CAUSE(number, slug, ...) ROW_##slug,
#include "causes.def"
#undef CAUSE
};

static const struct topic topics[] = {
#define CAUSE(number, slug, class, required, forbidden, witness, summary, mend)                    \
	{ #slug, &cause_rows[ROW_##slug], summary, &text_##slug },
#include "causes.def"
#undef CAUSE
#define NOTE(number, name, who, text) { #name, NULL, text, &text_##name },
#include "abi/notes.def"
#undef NOTE
};

#define TOPICS (sizeof(topics) / sizeof(topics[0]))

const struct topic *topic_at(size_t i)
{
	return i < TOPICS ? &topics[i] : NULL;
}

const struct topic *topic_by_name(const char *name)
{
	for (size_t i = 0; i < TOPICS; i++) {
		if (!strcmp(topics[i].name, name))
			return &topics[i];
	}
	return NULL;
}

const char *topic_class(const struct topic *topic)
{
	return topic->cause ? cause_class_name(topic->cause->class) : TOPIC_NOTE;
}

const char *topic_mend(const struct topic *topic)
{
	return topic->cause ? topic->cause->mend : topic->text->mend;
}

const char *topic_class_text(const char *class)
{
	static const char *const texts[CAUSE_CLASSES] = {
		[CLASS_UNKNOWN] = "no verdict",
		[CLASS_ORDERLY] = "a FIN left, as it should",
		[CLASS_LOCAL_RESET] = "we reset a connection of ours",
		[CLASS_PEER_RESET] = "a RST came for a connection of ours",
		[CLASS_REFUSED] = "an attempt to connect was turned down",
		[CLASS_TIMEOUT] = "a timer gave up",
		[CLASS_KILLED] = "ended by an administrator's tool",
		[CLASS_REPLY] = "a RST answered a segment; no socket of ours died by it",
	};

	for (int i = 0; i < CAUSE_CLASSES; i++) {
		if (!strcmp(cause_class_name(i), class))
			return texts[i];
	}
	return strcmp(class, TOPIC_NOTE) ? NULL : "what looks like an end and is none; with --all";
}

/* net-tools' words, for those who read netstat -s. */
static const struct {
	const char *counter, *words;
} netstat[] = {
	{ "TcpOutRsts", "resets sent" },
	{ "TcpEstabResets", "connection resets received" },
	{ "TcpAttemptFails", "failed connection attempts" },
	{ "TcpExtTCPAbortOnClose", "connections reset due to early user close" },
	{ "TcpExtTCPAbortOnData", "connections reset due to unexpected data" },
	{ "TcpExtTCPAbortOnTimeout", "connections aborted due to timeout" },
	{ "TcpExtTCPAbortOnMemory", "connections aborted due to memory pressure" },
	{ "TcpExtTCPAbortOnLinger", "connections aborted after user close in linger timeout" },
	{ "TcpExtListenOverflows", "times the listen queue of a socket overflowed" },
	{ "TcpExtListenDrops", "SYNs to LISTEN sockets dropped" },
	{ "TcpExtEmbryonicRsts", "resets received for embryonic SYN_RECV sockets" },
};

const char *topic_netstat(const char *counter)
{
	for (size_t i = 0; i < sizeof(netstat) / sizeof(netstat[0]); i++) {
		if (!strcmp(netstat[i].counter, counter))
			return netstat[i].words;
	}
	return NULL;
}

bool topic_word(const char **list, char word[TOPIC_WORD])
{
	size_t length;

	if (!*list || !**list)
		return false;
	length = strcspn(*list, " ");
	snprintf(word, TOPIC_WORD, "%.*s", (int)length, *list);
	*list += length + ((*list)[length] == ' ');
	return true;
}
