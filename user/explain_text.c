// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* explain_text.c - a topic for people, in 80 columns */
#include <stdlib.h>

#include "explain.h"
#include "wrap.h"

#define LABEL	12	/* column of what stands behind a label */
#define COUNTER	25	/* width of a counter's name, before netstat's words */
#define CODE	8	/* a tab, so that tabs in examples come out right */
#define NAME	26	/* column of a summary in a list */

static void label(FILE *out, const char *name)
{
	fprintf(out, "  %-*s", LABEL - 2, name);
}

static void part(FILE *out, const char *name, const char *text)
{
	if (!text)
		return;
	label(out, name);
	wrap_print(out, text, LABEL);
}

static void print_kernel(FILE *out, const struct topic_text *text)
{
	const char *name = "kernel";

	for (size_t i = 0; i < TOPIC_KERNELS && text->kernel[i].text; i++) {
		label(out, name);
		fprintf(out, "%s:\n%*s", text->kernel[i].versions, LABEL, "");
		wrap_print(out, text->kernel[i].text, LABEL);
		name = "";
	}
}

static void print_counters(FILE *out, const struct topic_text *text)
{
	const char *name = "counters", *list = text->counters;
	char word[TOPIC_WORD];

	while (topic_word(&list, word)) {
		const char *words = topic_netstat(word);

		label(out, name);
		fprintf(out, "%-*s", COUNTER, word);
		wrap_print(out, words ?: "", LABEL + COUNTER);
		name = "";
	}
	part(out, name, text->counted);
}

static const char *print_set(FILE *out, fact_set facts, const char *before)
{
	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		if (!(facts >> bit & 1))
			continue;
		fprintf(out, "%s%s", before, cause_fact_name(bit));
		before = ", ";
	}
	return before;
}

/* The rule itself: what must be so, what must not, and what proves it. */
static void print_rule(FILE *out, const struct cause *cause)
{
	char *line;
	size_t size;
	FILE *text = open_memstream(&line, &size);

	if (!text)
		return;
	print_set(text, cause->required, "");
	print_set(text, cause->forbidden, cause->required ? "; not " : "not ");
	print_set(text, cause->witness, "; exact with ");
	fclose(text);
	if (*line)
		part(out, "told by", line);
	free(line);
}

static void print_lab(FILE *out, const struct topic_text *text)
{
	const char *list = text->lab, *name = "try it";
	char word[TOPIC_WORD];

	while (topic_word(&list, word)) {
		label(out, name);
		fprintf(out, "closelab %s --netns\n", word);
		name = "";
	}
}

static void text_topic(FILE *out, const struct topic *topic)
{
	const struct topic_text *text = topic->text;

	fprintf(out, "%s (%s)\n  %s\n\n  ", topic->name, topic_class(topic), topic->summary);
	wrap_print(out, text->meaning, 2);
	putc('\n', out);
	print_kernel(out, text);
	part(out, "reason", text->reason);
	part(out, "here", text->here);
	part(out, "peer", text->peer);
	print_counters(out, text);
	if (topic->cause)
		print_rule(out, topic->cause);
	print_lab(out, text);
	part(out, "mend", topic_mend(topic));
	putc('\n', out);
	wrap_lines(out, text->c ?: text->sh, CODE);
}

static void text_head(FILE *out, const char *class)
{
	fprintf(out, "%s: %s\n", class, topic_class_text(class));
}

static void text_row(FILE *out, const struct topic *topic, const char *found)
{
	fprintf(out, "  %-*s", NAME - 2, topic->name);
	wrap_print(out, topic->summary, NAME);
	if (found)
		fprintf(out, "      %s\n", found);
}

const struct explain_form explain_text = {
	.name = "text", .topic = text_topic, .head = text_head, .row = text_row,
};
