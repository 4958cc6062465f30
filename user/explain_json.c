// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* explain_json.c - a topic as one JSON object; types cause and note_kind of docs/schema.json */
#include "explain.h"
#include "json_line.h"

static void add_word(struct json_object *list, const char *word)
{
	json_object_array_add(list, json_object_new_string(word));
}

static void add_list(struct json_object *line, const char *key, const char *words)
{
	struct json_object *list = json_object_new_array();
	char word[TOPIC_WORD];

	while (topic_word(&words, word))
		add_word(list, word);
	json_line_add(line, key, list);
}

static void add_facts(struct json_object *line, const char *key, fact_set facts)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int bit = 0; bit < FACT_BITS; bit++) {
		if (facts >> bit & 1)
			add_word(list, cause_fact_name(bit));
	}
	json_line_add(line, key, list);
}

static void add_kernel(struct json_object *line, const struct topic_text *text)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < TOPIC_KERNELS && text->kernel[i].text; i++) {
		struct json_object *one = json_object_new_object();

		json_line_text(one, "versions", text->kernel[i].versions);
		json_line_text(one, "condition", text->kernel[i].text);
		json_object_array_add(list, one);
	}
	json_line_add(line, "kernel", list);
}

static void add_rule(struct json_object *line, const struct cause *cause)
{
	json_line_count(line, "number", cause->number);
	json_line_text(line, "class", cause_class_name(cause->class));
	add_facts(line, "required", cause->required);
	add_facts(line, "forbidden", cause->forbidden);
	add_facts(line, "witness", cause->witness);
}

static void json_topic(FILE *out, const struct topic *topic)
{
	struct json_object *line = json_line_new(topic->cause ? "cause" : "note_kind");
	const struct topic_text *text = topic->text;

	json_line_text(line, topic->cause ? "cause" : "note", topic->name);
	if (topic->cause)
		add_rule(line, topic->cause);
	json_line_text(line, "summary", topic->summary);
	json_line_text(line, "meaning", text->meaning);
	add_kernel(line, text);
	json_line_text(line, "reason", text->reason);
	json_line_text(line, "here", text->here);
	json_line_text(line, "peer", text->peer);
	add_list(line, "counters", text->counters);
	json_line_text(line, "counted", text->counted);
	add_list(line, "closelab", text->lab);
	json_line_text(line, "mend", topic_mend(topic));
	json_line_text(line, "example", text->c ?: text->sh);
	json_line_text(line, "language", text->c ? "c" : "sh");
	json_line_text(line, "words", text->words);
	json_line_write(out, line);
}

static void json_row(FILE *out, const struct topic *topic, const char *found)
{
	(void)found;
	json_topic(out, topic);
}

const struct explain_form explain_json = {
	.name = "json", .topic = json_topic, .row = json_row,
};
