// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_verify.c - the options of closetrace verify */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "option_key.h"
#include "value.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/"

/* A name below net, where a namespace has its own: with dots, or with slashes as in /proc/sys. */
static int parse_sysctl(struct options *options, const char *text)
{
	struct option_verify *verify = &options->verify;
	size_t len = strcspn(text, "=");
	struct option_sysctl *sysctl;

	if (verify->sysctls == OPTIONS_SYSCTLS)
		return options_fail(options, "at most %d times --sysctl", OPTIONS_SYSCTLS);
	sysctl = &verify->sysctl[verify->sysctls];
	if (strncmp(text, "net", 3) || !strchr("./", text[3]) ||
	    strspn(text, NAME_CHARACTERS) != len || len >= sizeof(sysctl->name) ||
	    strstr(text, "..") || (text[len] && !text[len + 1]))
		return options_fail(options, "--sysctl takes net.NAME or net.NAME=VALUE, not '%s'",
				    text);
	snprintf(sysctl->name, sizeof(sysctl->name), "%.*s", (int)len, text);
	for (char *c = sysctl->name; *c; c++) {
		if (*c == '/')
			*c = '.';
	}
	sysctl->value = text[len] ? &text[len + 1] : NULL;
	verify->sysctls++;
	return 0;
}

static int parse_jobs(struct options *options, const char *text)
{
	uint64_t jobs;

	if (value_number(text, 1, 64, &jobs))
		return options_fail(options, "--jobs takes a number from 1 to 64, not '%s'", text);
	options->verify.jobs = (uint32_t)jobs;
	return 0;
}

static error_t parse(struct options *options, int key, char *arg)
{
	struct option_verify *verify = &options->verify;

	switch (key) {
	case KEY_LIST:
		verify->list = true;
		return 0;
	case KEY_ONLY:
		verify->only = arg;
		return 0;
	case KEY_SLOW:
		verify->slow = true;
		return 0;
	case KEY_GLOBAL:
		verify->global = true;
		return 0;
	case KEY_AGAINST:
		verify->against = arg;
		return 0;
	case KEY_SYSCTL:
		return parse_sysctl(options, arg);
	case KEY_JOBS:
		return parse_jobs(options, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

error_t options_verify(struct options *options, int key, char *arg)
{
	static const struct { int key; const char *name; } names[] = {
		{ KEY_LIST, "list" }, { KEY_ONLY, "only" }, { KEY_SLOW, "slow" },
		{ KEY_GLOBAL, "global" }, { KEY_AGAINST, "against" }, { KEY_SYSCTL, "sysctl" },
		{ KEY_JOBS, "jobs" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].key == key)
			options->verify.asked = names[i].name;
	}
	return parse(options, key, arg);
}
