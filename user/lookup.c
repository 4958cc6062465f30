// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

#define BEFORE	20	/* how much of the text before a match is shown */

/* The places of a topic, the likeliest first; those without a name are headlines. */
enum place { PLACE_NAME, PLACE_WORDS, PLACE_SUMMARY, PLACE_MEANING, PLACE_PEER, PLACE_HERE,
	     PLACE_MEND, PLACE_COUNTERS, PLACE_COUNTED, PLACE_REASON, PLACE_LAB, PLACE_KERNEL };

#define PLACES	(PLACE_KERNEL + TOPIC_KERNELS)

static const char *text_at(const struct topic *topic, size_t place)
{
	const struct topic_text *text = topic->text;

	switch (place) {
	case PLACE_NAME:
		return topic->name;
	case PLACE_WORDS:
		return text->words;
	case PLACE_SUMMARY:
		return topic->summary;
	case PLACE_MEANING:
		return text->meaning;
	case PLACE_PEER:
		return text->peer;
	case PLACE_HERE:
		return text->here;
	case PLACE_MEND:
		return topic_mend(topic);
	case PLACE_COUNTERS:
		return text->counters;
	case PLACE_COUNTED:
		return text->counted;
	case PLACE_REASON:
		return text->reason;
	case PLACE_LAB:
		return text->lab;
	default:
		return text->kernel[place - PLACE_KERNEL].text;
	}
}

/* The words around a match, cut at blanks. */
static void quote(const char *text, const char *match, char found[LOOKUP_FOUND])
{
	const char *from = match - text > BEFORE ? match - BEFORE : text;
	size_t length;

	while (from > text && from < match && !isspace((unsigned char)from[-1]))
		from++;
	length = strlen(from);
	if (length > LOOKUP_FOUND - 8) {
		length = LOOKUP_FOUND - 8;
		while (length && !isspace((unsigned char)from[length]))
			length--;
	}
	snprintf(found, LOOKUP_FOUND, "%s%.*s%s", from > text ? "... " : "", (int)length, from,
		 from[length] ? " ..." : "");
}

/* Looks for @words as they stand; false: they are nowhere. */
static bool look(const struct topic *topic, const char *words, struct lookup_hit *hit)
{
	*hit = (struct lookup_hit){ .topic = topic, .rank = PLACES };
	for (size_t place = 0; place < PLACES; place++) {
		const char *text = text_at(topic, place);
		const char *match = text ? strcasestr(text, words) : NULL;

		if (!match)
			continue;
		hit->headline |= place == PLACE_NAME || place == PLACE_SUMMARY;
		if (hit->rank < PLACES)
			continue;
		hit->rank = (unsigned int)place;
		if (place > PLACE_SUMMARY)
			quote(text, match, hit->found);
	}
	return hit->rank < PLACES;
}

/* Looks for each of the words; the one in the least likely place counts. */
static bool look_each(const struct topic *topic, const char *words, struct lookup_hit *hit)
{
	struct lookup_hit one;
	char word[TOPIC_WORD];

	*hit = (struct lookup_hit){ .topic = topic };
	while (topic_word(&words, word)) {
		if (!look(topic, word, &one))
			return false;
		if (one.rank >= hit->rank)
			*hit = one;
	}
	return true;
}

static size_t look_everywhere(const char *words, struct lookup_hit hits[LOOKUP_HITS],
			      bool (*how)(const struct topic *, const char *, struct lookup_hit *))
{
	const struct topic *topic;
	size_t count = 0;

	for (size_t i = 0; (topic = topic_at(i)) && count < LOOKUP_HITS; i++)
		count += how(topic, words, &hits[count]);
	return count;
}

/* Notes behind the causes, of which the common ones have the small numbers. */
static unsigned int number_of(const struct topic *topic)
{
	return topic->cause ? topic->cause->number : UINT_MAX;
}

static int by_rank(const void *a, const void *b)
{
	const struct lookup_hit *left = a, *right = b;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	if (left->headline != right->headline)
		return left->headline ? -1 : 1;
	if (number_of(left->topic) != number_of(right->topic))
		return number_of(left->topic) < number_of(right->topic) ? -1 : 1;
	return left->topic < right->topic ? -1 : 1;
}

size_t lookup_topics(const char *words, struct lookup_hit hits[LOOKUP_HITS])
{
	size_t count;

	words += strspn(words, " ");
	if (!*words)
		return 0;
	count = look_everywhere(words, hits, look) ?: look_everywhere(words, hits, look_each);
	qsort(hits, count, sizeof(hits[0]), by_rank);
	return count;
}
