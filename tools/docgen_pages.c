// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "docgen_pages.h"
#include "explain.h"
#include "option_key.h"
#include "sinks/sink.h"
#include "verb.h"
#include "wrap.h"

/* docs/causes.md: the topics of one kind, causes in the order of their rules. */
static void print_topics(bool notes)
{
	const struct topic *topic;

	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (notes != !topic->cause)
			continue;
		explain_md.topic(stdout, topic);
		putchar('\n');
	}
}

static void print_causes(void)
{
	puts("# Causes\n\n"
	     "Made from `user/causes.def`, `user/topics/` and `bpf/abi/`: `make docs`.\n\n"
	     "The rows are tried in this order and the first match wins: all required facts\n"
	     "hold and none of the forbidden ones. A verdict is exact when it needs no witness,\n"
	     "or when one of its witnesses was seen; else it is inferred, marked `~` in text.\n"
	     "Counters are named as nstat does, in parentheses as netstat -s. Run `closelab` as\n"
	     "root.\n");
	print_topics(false);
	puts("# Facts\n\n| fact | meaning |\n| --- | --- |");
#define SEEN(bit, name, text) puts("| `" #name "` | " text " |");
#define DERIVED(bit, name, text) puts("| `" #name "` | " text " |");
#include "abi/facts.def"
#undef SEEN
#undef DERIVED
	puts("\n# Notes\n\n"
	     "What looks like an end and is none: told with `--all`, from `bpf/abi/notes.def`.\n");
	print_topics(true);
}

/* README.md's table. */
static void print_readme(void)
{
	const struct topic *topic;

	puts("| cause | class | what happened |\n| --- | --- | --- |");
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (topic->cause)
			explain_md.row(stdout, topic, NULL);
	}
}

/* A sentence, with "name()" as plain text: mdoc would have a macro for it. */
static void print_sentence(const char *text, size_t length)
{
	char sentence[1024];
	size_t used = 0;

	for (size_t i = 0; i < length && used + 4 < sizeof(sentence); i++) {
		if (i && isalnum((unsigned char)text[i - 1]) && text[i] == '(') {
			sentence[used++] = '\\';
			sentence[used++] = '&';
		}
		sentence[used++] = text[i];
	}
	sentence[used] = '\0';
	wrap_print(stdout, sentence, 0);
}

/* Each sentence begins on a line of its own, as mdoc wants it. */
static void print_mdoc(const char *text)
{
	while (*text) {
		const char *end = strstr(text, ". ");
		size_t length = end ? (size_t)(end - text) + 1 : strlen(text);

		print_sentence(text, length);
		text += length;
		text += strspn(text, " ");
	}
}

static void print_item(const struct topic *topic, const char *more)
{
	char summary[128];

	printf(".It Cm %s\n", topic->name);
	snprintf(summary, sizeof(summary), "%s.", topic->summary);
	print_mdoc(summary);
	print_mdoc(more);
}

static void print_man_class(const char *class)
{
	const struct topic *topic;

	printf(".Ss %s\n", class);
	print_mdoc(topic_class_text(class));
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (!strcmp(topic_class(topic), class))
			print_item(topic, topic_mend(topic));
	}
	puts(".El");
}

static void print_man_causes(void)
{
	for (enum cause_class class = CLASS_ORDERLY; class < CAUSE_CLASSES; class++)
		print_man_class(cause_class_name(class));
	print_man_class(cause_class_name(CLASS_UNKNOWN));
}

static void print_man_notes(void)
{
	const struct topic *topic;

	puts(".Bl -tag -width Ds");
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (!topic->cause)
			print_item(topic, topic->text->meaning);
	}
	puts(".El");
}

/* A list of the words of completion, filled a line at a time. */
static void begin_words(const char *name)
{
	printf("_closetrace_%s='", name);
}

static void end_words(void)
{
	puts("'");
}

static void print_names(const char *name, bool notes)
{
	const struct topic *topic;
	const char *separator = "";

	begin_words(name);
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (notes == !topic->cause) {
			printf("%s%s", separator, topic->name);
			separator = "\n\t";
		}
	}
	end_words();
}

/* A row of the table that is an option, not the heading of a group. */
static bool is_option(const struct argp_option *option)
{
	return option->name || option->key;
}

static bool takes_value(const struct argp_option *option)
{
	return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

/* All options, or only those that need a value. */
static void print_options(const char *name, bool valued)
{
	const struct argp_option *option = options_table();
	const char *separator = "";

	begin_words(name);
	for (; is_option(option) || option->doc; option++) {
		if (!is_option(option) || (valued && !takes_value(option)))
			continue;
		if (option->key < 256) {
			printf("%s-%c", separator, option->key);
			separator = "\n\t";
		}
		if (option->name) {
			printf("%s--%s", separator, option->name);
			separator = "\n\t";
		}
	}
	end_words();
}

/* "json, text" without the comma. */
static void print_formats(void)
{
	char names[128];

	sink_names(names, sizeof(names));
	begin_words("formats");
	for (const char *name = names; *name; name++) {
		if (*name != ',')
			putchar(*name);
	}
	end_words();
}

/* What both completions know. */
static void print_words(void)
{
	begin_words("verbs");
	for (size_t i = 0; i < verb_count; i++)
		printf("%s%s", i ? " " : "", verb_table[i].name);
	end_words();
	print_formats();
	begin_words("classes");
	for (int class = 0; class < CAUSE_CLASSES; class++)
		printf("%s%s", class ? " " : "", cause_class_name(class));
	end_words();
	print_names("causes", false);
	print_names("notes", true);
	print_options("options", false);
	print_options("valued", true);
}

/* Within single quotes and brackets of zsh's _arguments. */
static void print_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			printf("'\\''");
		else if (strchr("[]:\\", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void print_spec(const struct argp_option *option, const char *word, const char *join)
{
	printf("\t'*%s%s[", word, option->arg ? join : "");
	print_quoted(option->doc);
	putchar(']');
	if (option->arg) {
		printf("%s", takes_value(option) ? ":" : "::");
		print_quoted(option->arg);
		printf(":->%s", option->name ?: "output-format");
	}
	puts("'");
}

/* The options as zsh's _arguments wants them; the values are completed by the option's name. */
static void print_zsh(void)
{
	const struct argp_option *option = options_table();
	char word[64];

	puts("_closetrace_specs=(");
	for (; is_option(option) || option->doc; option++) {
		if (!is_option(option))
			continue;
		if (option->key < 256) {
			snprintf(word, sizeof(word), "-%c", option->key);
			print_spec(option, word, "+");
		}
		if (option->name) {
			snprintf(word, sizeof(word), "--%s", option->name);
			print_spec(option, word, takes_value(option) ? "=" : "=-");
		}
	}
	puts(")");
}

/* The examples in C, each in a function that has what they take for granted. */
static void print_examples(void)
{
	const struct topic *topic;

	puts("#define _GNU_SOURCE\n#include <errno.h>\n#include <linux/sockios.h>\n"
	     "#include <netinet/in.h>\n#include <netinet/tcp.h>\n#include <poll.h>\n"
	     "#include <stdbool.h>\n#include <stdio.h>\n#include <sys/ioctl.h>\n"
	     "#include <sys/socket.h>\n#include <unistd.h>\n"
	     "void serve(int), consume(const char *, ssize_t);\nint reconnect(void);");
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (topic->text->c)
			printf("void %s(int fd, int listener, int child, char *buffer,\n"
			       "size_t size, ssize_t n, const struct sockaddr *address,\n"
			       "socklen_t length, bool idempotent)\n{\n%s\n}\n", topic->name,
			       topic->text->c);
	}
}

/* And those in shell. */
static void print_scripts(void)
{
	const struct topic *topic;

	puts("#!/bin/bash");
	for (size_t i = 0; (topic = topic_at(i)); i++) {
		if (topic->text->sh)
			puts(topic->text->sh);
	}
}

/* A row of a table for each share of the ring. */
static void print_man_shares(void)
{
#define SHARE(number, name, text) puts(".It Cm " #name " Ta " text);
#include "abi/shares.def"
#undef SHARE
}

static const struct {
	const char *name;
	void (*print)(void);
} pages[] = {
	{ "causes", print_causes },		{ "readme", print_readme },
	{ "man-causes", print_man_causes },	{ "man-notes", print_man_notes },
	{ "man-shares", print_man_shares },
	{ "words", print_words },		{ "zsh", print_zsh },
	{ "examples", print_examples },		{ "scripts", print_scripts },
};

bool pages_print(const char *name)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!strcmp(pages[i].name, name)) {
			pages[i].print();
			return true;
		}
	}
	return false;
}

const char *pages_names(void)
{
	return "causes|readme|man-causes|man-notes|man-shares|words|zsh|examples|scripts";
}
