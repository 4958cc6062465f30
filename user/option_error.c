// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_error.c - what argp did not take, which it does not tell itself: found once more */
#include <stdio.h>
#include <string.h>

#include "option_key.h"
#include "suggest.h"
#include "verb.h"

static bool is_option(const struct argp_option *option)
{
	return option->name || option->key;
}

/* The end of the table; headings of groups have neither name nor key. */
static bool is_last(const struct argp_option *option)
{
	return !is_option(option) && !option->doc;
}

static bool needs_value(const struct argp_option *option)
{
	return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

static const struct argp_option *by_letter(char letter)
{
	for (const struct argp_option *option = options_table(); !is_last(option); option++) {
		if (option->key == (unsigned char)letter)
			return option;
	}
	return NULL;
}

/* By name, or by a beginning that only one has; @count: how many have it. */
static const struct argp_option *by_name(const char *name, size_t length, size_t *count)
{
	const struct argp_option *found = NULL;

	*count = 0;
	for (const struct argp_option *option = options_table(); !is_last(option); option++) {
		if (!option->name || strncmp(option->name, name, length))
			continue;
		found = option;
		++*count;
		if (!option->name[length]) {
			*count = 1;
			break;
		}
	}
	return found;
}

static const char *nearest(const char *name)
{
	struct suggest suggest = suggest_for(name);

	for (const struct argp_option *option = options_table(); !is_last(option); option++) {
		if (option->name)
			suggest_offer(&suggest, option->name);
	}
	return suggest_best(&suggest);
}

static int unknown(struct options *options, const char *word, const char *name)
{
	const char *near = nearest(name);

	if (near)
		return options_fail(options, "unknown option '%s'; did you mean --%s?", word, near);
	return options_fail(options, "unknown option '%s'; see closetrace --help", word);
}

static int lacks(struct options *options, const char *word, const struct argp_option *option)
{
	return options_fail(options, "option '%s' lacks its value: %s", word, option->arg);
}

/* 0: nothing is wrong with it; *skip: the next word is its value. */
static int check_long(struct options *options, const char *word, const char *next, bool *skip)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "="), count;
	const struct argp_option *option = by_name(name, length, &count);
	char bare[64];

	snprintf(bare, sizeof(bare), "%.*s", (int)length, name);
	if (!count)
		return unknown(options, word, bare);
	if (count > 1)
		return options_fail(options, "option '%s' may be one of %zu; write more of it",
				    word, count);
	if (name[length] && !option->arg)
		return options_fail(options, "option '--%s' takes no value, as in '%s'",
				    option->name, word);
	*skip = needs_value(option) && !name[length];
	return *skip && !next ? lacks(options, word, option) : 0;
}

static int check_letters(struct options *options, const char *word, const char *next, bool *skip)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct argp_option *option = by_letter(*letter);
		char one[] = { '-', *letter, '\0' };

		if (!option && letter > word + 1)
			return options_fail(options, "unknown option '%s' in '%s'; see closetrace "
						     "--help", one, word);
		if (!option)
			return unknown(options, word, word + 1);
		if (!option->arg)
			continue;
		*skip = needs_value(option) && !letter[1];
		return *skip && !next ? lacks(options, one, option) : 0;
	}
	return 0;
}

void options_complain(struct options *options, int argc, char *const *argv)
{
	bool verb = false;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
		bool skip = false;
		int rc = 0;

		if (!strncmp(word, "--", 2))
			rc = check_long(options, word, next, &skip);
		else if (word[0] == '-' && word[1])
			rc = check_letters(options, word, next, &skip);
		else if (!verb && !verb_by_name(word))
			rc = verb_unknown(options, word);
		else
			verb = true;
		if (rc)
			return;
		i += skip;
	}
	options_fail(options, "cannot be understood; see closetrace --help");
}
