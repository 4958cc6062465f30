// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_store.c - the options of closetrace record and report, and what these two do not take */
#include <string.h>

#include "file.h"
#include "option_key.h"
#include "store/db.h"
#include "store/recorder.h"
#include "value.h"

#define DEFAULT_FORM "sqlite"
#define STREAM_FORM "raw"	/* one that is only appended to */

error_t options_store(struct options *options, int key, char *arg)
{
	struct option_store *store = &options->store;

	switch (key) {
	case 'w':
		store->write = arg;
		store->only_record = "-w";
		return 0;
	case KEY_FORMAT:
		store->form = arg;
		store->only_record = "--format";
		return 0;
	case KEY_MAX_SIZE:
		store->only_record = "--max-size";
		if (!value_size(arg, &store->max_size) && store->max_size >= DB_SIZE_MIN)
			return 0;
		return options_fail(options, "--max-size takes a size of at least 1M, like 1G "
				    "or 200M, not '%s'", arg);
	case KEY_MAX_AGE:
		store->only_record = "--max-age";
		if (!value_duration(arg, &store->max_age_ns))
			return 0;
		return options_fail(options, "--max-age takes a time, like 7d or 12h, not '%s'",
				    arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* How lines look, and what has no place in a record. */
static const int not_of_record[] = {
	'o', 'j', 't', 'n', 'N', 'v', KEY_OUTPUT, KEY_COLOR, KEY_SUMMARY, KEY_COUNT_ONLY,
};

/* What is decided while it happens. */
static const int not_of_report[] = {
	'f', 'd', KEY_TIER, KEY_BTF, KEY_BUFFER, KEY_OWNERS, KEY_SAMPLES,
	KEY_NO_FENTRY, KEY_DEBUG, KEY_STATS, KEY_COUNT_ONLY,
};

/* What needs the verdict, or names that are looked up after the programs. */
static const int not_before_judging[] = {
	KEY_RST, KEY_FIN, KEY_SILENT, KEY_CAUSE, KEY_UNEXPECTED, KEY_FAIL_ON, KEY_UNIT, KEY_CGROUP,
	KEY_CONTAINER,
};

/* What is found out besides, and what bounds a record. */
static const int only_of_sqlite[] = { 'k', KEY_HELD, KEY_MAX_SIZE, KEY_MAX_AGE };

static bool among(int key, const int *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (keys[i] == key)
			return true;
	}
	return false;
}

#define AMONG(key, keys) among(key, keys, sizeof(keys) / sizeof((keys)[0]))

void options_store_see(struct options *options, int key)
{
	struct option_store *store = &options->store;

	if (!store->not_record && AMONG(key, not_of_record))
		store->not_record = key;
	if (!store->not_report && AMONG(key, not_of_report))
		store->not_report = key;
	if (!store->not_raw && AMONG(key, not_before_judging))
		store->not_raw = key;
	if (!store->only_sqlite && AMONG(key, only_of_sqlite))
		store->only_sqlite = key;
}

/* As people write it: "-k", "--held". */
static const char *spell(int key, char out[64])
{
	const struct argp_option *option = options_table();

	while (option->key != key)
		option++;
	if (option->name)
		snprintf(out, 64, "--%s", option->name);
	else
		snprintf(out, 64, "-%c", key);
	return out;
}

/* By the name of its file. */
static const char *form_of(const char *path)
{
	const char *suffix = recorder_by_name(STREAM_FORM)->suffix;
	size_t length = path ? strlen(path) : 0;

	if (path && file_descriptor(path) >= 0)
		return STREAM_FORM;
	if (length > strlen(suffix) && !strcmp(path + length - strlen(suffix), suffix))
		return STREAM_FORM;
	return DEFAULT_FORM;
}

static int check_form(struct options *options)
{
	struct option_store *store = &options->store;
	const struct recorder *recorder;
	char names[64], word[64];

	store->form = store->form ?: form_of(store->write);
	recorder = recorder_by_name(store->form);
	if (!recorder) {
		recorder_names(names, sizeof(names));
		return options_fail(options, "--format takes one of %s, not '%s'", names,
				    store->form);
	}
	if (recorder->sink.record && store->not_raw)
		return options_fail(options, "--format %s keeps acts unjudged; %s goes with "
				    "closetrace report", store->form, spell(store->not_raw, word));
	if (recorder->sink.record && store->only_sqlite)
		return options_fail(options, "%s goes with --format sqlite",
				    spell(store->only_sqlite, word));
	if (!recorder->sink.record && store->write && file_descriptor(store->write) >= 0)
		return options_fail(options, "--format %s needs a file, which is not only "
				    "appended to; -w %s goes with --format raw", store->form,
				    store->write);
	return 0;
}

int options_check_store(struct options *options)
{
	const struct option_store *store = &options->store;
	char word[64];

	if (store->only_record && options->verb != VERB_RECORD)
		return options_fail(options, "%s goes with record: closetrace record %s …",
				    store->only_record, store->only_record);
	if (options->verb == VERB_RECORD && store->not_record)
		return options_fail(options, "record does not take %s; see closetrace record "
				    "--help", spell(store->not_record, word));
	if (options->verb == VERB_REPORT && store->not_report)
		return options_fail(options, "report does not take %s; see closetrace report "
				    "--help", spell(store->not_report, word));
	return options->verb == VERB_RECORD ? check_form(options) : 0;
}
