// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* explain_md.c - a topic in Markdown; docs/causes.md is made of them */
#include "explain.h"

static void part(FILE *out, const char *name, const char *text)
{
	if (text)
		fprintf(out, "* %s: %s\n", name, text);
}

static void print_facts(FILE *out, const char *name, fact_set facts)
{
	const char *separator = " ";

	if (!facts)
		return;
	fprintf(out, "* %s:", name);
	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		if (!(facts >> bit & 1))
			continue;
		fprintf(out, "%s`%s`", separator, cause_fact_name(bit));
		separator = ", ";
	}
	putc('\n', out);
}

static void print_counters(FILE *out, const struct topic_text *text)
{
	const char *list = text->counters, *separator = " ";
	char word[TOPIC_WORD];

	fprintf(out, "* counters:");
	while (topic_word(&list, word)) {
		const char *words = topic_netstat(word);

		fprintf(out, words ? "%s`%s` (%s)" : "%s`%s`", separator, word, words);
		separator = ", ";
	}
	if (text->counted)
		fprintf(out, "%s %s", text->counters ? ";" : "", text->counted);
	putc('\n', out);
}

static void print_lab(FILE *out, const struct topic_text *text)
{
	const char *list = text->lab, *separator = " ";
	char word[TOPIC_WORD];

	if (!list)
		return;
	fprintf(out, "* try it:");
	while (topic_word(&list, word)) {
		fprintf(out, "%s`closelab %s --netns`", separator, word);
		separator = ", ";
	}
	putc('\n', out);
}

static void md_topic(FILE *out, const struct topic *topic)
{
	const struct topic_text *text = topic->text;

	fprintf(out, "## %s\n\n%s (%s `%s`", topic->name, topic->summary,
		topic->cause ? "class" : "a", topic_class(topic));
	if (topic->cause)
		fprintf(out, ", number %u", topic->cause->number);
	fprintf(out, ").\n\n%s\n\n", text->meaning);
	for (size_t i = 0; i < TOPIC_KERNELS && text->kernel[i].text; i++)
		fprintf(out, "* kernel, %s: %s\n", text->kernel[i].versions, text->kernel[i].text);
	part(out, "reason", text->reason);
	part(out, "here", text->here);
	part(out, "peer", text->peer);
	print_counters(out, text);
	if (topic->cause) {
		print_facts(out, "required", topic->cause->required);
		print_facts(out, "forbidden", topic->cause->forbidden);
		print_facts(out, "witness", topic->cause->witness);
	}
	print_lab(out, text);
	part(out, "what to do", topic_mend(topic));
	fprintf(out, "\n```%s\n%s\n```\n", text->c ? "c" : "sh", text->c ?: text->sh);
}

static void md_row(FILE *out, const struct topic *topic, const char *found)
{
	(void)found;
	fprintf(out, "| `%s` | %s | %s |\n", topic->name, topic_class(topic), topic->summary);
}

const struct explain_form explain_md = { .name = "md", .topic = md_topic, .row = md_row };
