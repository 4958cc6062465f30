// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "explain.h"
#include "lookup.h"
#include "message.h"
#include "suggest.h"

static const struct explain_form *const forms[] = { &explain_text, &explain_md, &explain_json };

const struct explain_form *explain_form(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!strcmp(forms[i]->name, name))
			return forms[i];
	}
	return NULL;
}

static void list_class(const struct explain_form *form, const char *class)
{
	const struct topic *topic;

	if (form->head)
		form->head(stdout, class);
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (!strcmp(topic_class(topic), class))
			form->row(stdout, topic, NULL);
	}
}

/* From what is as it should be to what is not known. */
static void list_all(const struct explain_form *form)
{
	for (enum cause_class class = CLASS_ORDERLY; class < CAUSE_CLASSES; class++)
		list_class(form, cause_class_name(class));
	list_class(form, cause_class_name(CLASS_UNKNOWN));
	list_class(form, TOPIC_NOTE);
}

static int search(const struct explain_form *form, const char *words)
{
	struct lookup_hit hits[LOOKUP_HITS];
	size_t count = lookup_topics(words, hits);

	if (!count) {
		message_tell("nothing here speaks of '%s'; closetrace explain lists all there is",
			     words);
		return STATUS_USAGE;
	}
	for (size_t i = 0; i < count; i++)
		form->row(stdout, hits[i].topic, hits[i].found[0] ? hits[i].found : NULL);
	return STATUS_DONE;
}

/* A word that is no cause: a near one, or where it is spoken of. */
static int unknown(const char *word)
{
	struct suggest suggest = suggest_for(word);
	struct lookup_hit hits[LOOKUP_HITS];
	const struct topic *topic;

	for (size_t i = 0; (topic = topic_at(i)); i++)
		suggest_offer(&suggest, topic->name);
	for (int class = 0; class < CAUSE_CLASSES; class++)
		suggest_offer(&suggest, cause_class_name(class));
	if (suggest_best(&suggest))
		message_tell("no cause '%s'; did you mean %s?", word, suggest_best(&suggest));
	else if (lookup_topics(word, hits))
		message_tell("no cause '%s', but some speak of it; try: closetrace explain "
			     "--search '%s'", word, word);
	else
		message_tell("no cause '%s'; closetrace explain lists them", word);
	return STATUS_USAGE;
}

static int explain(const struct explain_form *form, const struct options *options)
{
	const struct topic *topic;

	if (options->search)
		return search(form, options->search);
	if (!options->topic) {
		list_all(form);
		return STATUS_DONE;
	}
	topic = topic_by_name(options->topic);
	if (topic)
		form->topic(stdout, topic);
	else if (topic_class_text(options->topic))
		list_class(form, options->topic);
	else
		return unknown(options->topic);
	return STATUS_DONE;
}

int explain_run(const struct options *options)
{
	return explain(explain_form(options->format), options);
}
