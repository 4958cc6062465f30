/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What closetrace --all tells beside the acts, against the scenarios and the kernel's counters.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>
#include <sys/wait.h>

#include "abi/record.h"
#include "judge.h"
#include "line.h"
#include "netns.h"
#include "notes.h"

#define PURGE "netns_exit_purge"
#define PURGE_US 5000000u	/* a worker of the kernel takes namespaces down */

static const char *const names[] = {
#define NOTE(number, name, who, text) #name,
#include "abi/notes.def"
#undef NOTE
};

void notes_prepare(unsigned int slow)
{
	pid_t pid = fork();
	struct lab lab;

	if (pid == 0) {
		if (netns_enter_private() < 0)
			_exit(1);
		lab_init(&lab, AF_INET, slow);
		lab.ends.server_port = 1;
		lab_reject(&lab);
		/* Without nft the scenarios that need it are left out. */
		_exit(lab_finish(&lab) != 0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* How often a word is in the tracer's output so far. */
static unsigned int count_word(const struct tracer *tracer, const char *word)
{
	off_t size = lseek(tracer->out_fd, 0, SEEK_END);
	char *all = malloc((size_t)size), *at = all;
	unsigned int found = 0;
	ssize_t got = all ? pread(tracer->out_fd, all, (size_t)size, 0) : 0;

	while (got > 0 && (at = memmem(at, (size_t)(all + got - at), word, strlen(word)))) {
		at += strlen(word);
		found++;
	}
	free(all);
	return found;
}

void notes_let_go(struct fleet_case *cases, size_t count, const struct tracer *tracer,
		  unsigned int slow)
{
	uint64_t deadline = lab_now_us() + (uint64_t)PURGE_US * slow;
	unsigned int left = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(tracer->tier, "full") || cases[i].skipped ||
		    !cases[i].scenario->exits)
			continue;
		fleet_release(&cases[i], 1);
		left++;
	}
	while (count_word(tracer, PURGE) < left && lab_pause(deadline))
		;
}

/* The end a note is told of: a listener and a socket without a peer have one port at most. */
static enum lab_end end_of(const struct json_object *note, const struct trial *trial)
{
	int64_t lport = line_number(note, "lport");

	return lport && lport == trial->ends.server_port ? LAB_END_SERVER : LAB_END_CLIENT;
}

static bool told_here(const struct scenario_note *want, const struct tracer *tracer)
{
	return !want->full || !strcmp(tracer->tier, "full");
}

/* The expectation a note fulfils, or -1. */
static int match(const struct json_object *note, const struct trial *trial,
		 const unsigned int *seen)
{
	const char *name = line_text(note, "note"), *state = line_text(note, "state");

	for (int i = 0; i < SCENARIO_NOTES && trial->scenario->notes[i].name; i++) {
		const struct scenario_note *want = &trial->scenario->notes[i];

		if (!name || strcmp(want->name, name) || want->end != end_of(note, trial) ||
		    seen[i] >= want->count)
			continue;
		if (!want->state || (state && !strcmp(state, want->state)))
			return i;
	}
	return -1;
}

/* Who closed: that end's process; of the other notes nobody decided anything. */
static unsigned int check_who(const struct json_object *note, const struct trial *trial, FILE *out)
{
	const struct lab_actor *actor = &trial->ends.actor[end_of(note, trial)];
	bool decided = json_object_object_get_ex(note, "pid", NULL);

	if (!decided || line_number(note, "pid") == actor->pid)
		return 0;
	fprintf(out, "notes: %s: pid is %" PRId64 ", expected %d\n", line_text(note, "note"),
		line_number(note, "pid"), actor->pid);
	return 1;
}

static const struct skips_row *find_skip(struct skips *skips, const struct trial *trial,
					 const char *note)
{
	return skips_find(skips, trial_path_name(trial->family, trial->veth),
			  trial->scenario->name, note);
}

static unsigned int check_missing(const struct trial *trial, const struct tracer *tracer,
				  const unsigned int *seen, struct skips *skips,
				  const struct skips_row **without, FILE *out)
{
	unsigned int differences = 0;

	for (int i = 0; i < SCENARIO_NOTES && trial->scenario->notes[i].name; i++) {
		const struct scenario_note *want = &trial->scenario->notes[i];
		unsigned int expected = told_here(want, tracer) ? want->count : 0;
		const struct skips_row *row = find_skip(skips, trial, want->name);

		if (row) {
			*without = row;
			expected = 0;
		}
		if (row && skips_prove(skips, row) != 1) {
			fprintf(out, "notes: line %u of the skips is not justified: %s\n",
				row->line, row->proof);
			differences++;
		}
		if (seen[i] == expected || (want->either && !row && seen[i] < expected &&
					    strcmp(tracer->tier, "full")))
			continue;
		fprintf(out, "notes: %u x %s %s, expected %u\n", seen[i],
			lab_end_name(want->end), want->name, expected);
		differences++;
	}
	return differences;
}

/* Those of a scenario that names some; a namespace's end is told of most. */
static unsigned int judge_named(const struct trial *trial, const struct tracer *tracer,
				struct skips *skips, const struct skips_row **without, FILE *out)
{
	unsigned int seen[SCENARIO_NOTES] = { 0 }, differences = 0;

	for (size_t i = 0; i < tracer->lines; i++) {
		const struct json_object *note = tracer->line[i];
		int found;

		if (!judge_is_of(note, "note", trial))
			continue;
		differences += check_who(note, trial, out);
		found = match(note, trial, seen);
		if (found >= 0) {
			seen[found]++;
			continue;
		}
		fprintf(out, "notes: extra: %s %s\n", lab_end_name(end_of(note, trial)),
			line_text(note, "note"));
		differences++;
	}
	return differences + check_missing(trial, tracer, seen, skips, without, out);
}

static int64_t count(const struct trial *trial, const struct tracer *tracer, const char *key,
		     const char *name)
{
	const char *type = strcmp(key, "note") ? "act" : "note";
	int64_t found = 0;

	for (size_t i = 0; i < tracer->lines; i++)
		found += judge_is_of(tracer->line[i], type, trial) &&
			 !strcmp(line_text(tracer->line[i], key), name);
	return found;
}

#define COUNTED(name) (trial->delta.value[COUNTER_##name])

/* What the kernel itself counted must have been told, in every case. */
static unsigned int judge_counted(const struct trial *trial, const struct tracer *tracer,
				  struct skips *skips, FILE *out)
{
	/* A half-open request that is answered by a RST is dropped for another reason. */
	int64_t answered = count(trial, tracer, "cause", "synrecv_syn_rst") +
			   count(trial, tracer, "cause", "abort_on_overflow");
	const struct {
		const char *name;
		int64_t counted;
		bool full;
	} pairs[] = {
		{ "challenge_ack", COUNTED(TCPChallengeACK) + COUNTED(TCPACKSkippedChallenge),
		  true },
		{ "time_wait_overflow", COUNTED(TCPTimeWaitOverflow), true },
		{ "listen_queue_migrated", COUNTED(TCPMigrateReqSuccess), true },
		{ "peer_rst_synrecv", COUNTED(EmbryonicRsts) - answered, true },
		{ "md5_ao_drop", COUNTED(TCPMD5NotFound) + COUNTED(TCPMD5Unexpected) +
		  COUNTED(TCPMD5Failure) + COUNTED(TCPAORequired) +
		  COUNTED(TCPAOKeyNotFound) + COUNTED(TCPAOBad), false },
	};
	unsigned int differences = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		int64_t told = count(trial, tracer, "note", pairs[i].name);

		if (told == pairs[i].counted ||
		    (pairs[i].full && strcmp(tracer->tier, "full")) ||
		    find_skip(skips, trial, pairs[i].name))
			continue;
		fprintf(out, "notes: %s is told %" PRId64 " times, the kernel counted %" PRId64
			"\n", pairs[i].name, told, pairs[i].counted);
		differences++;
	}
	return differences;
}

unsigned int notes_judge(const struct trial *trial, const struct tracer *tracer,
			 struct skips *skips, const struct skips_row **without, FILE *out)
{
	unsigned int differences = 0;

	if (trial->scenario->notes[0].name)
		differences += judge_named(trial, tracer, skips, without, out);
	if (trial->watched)
		differences += judge_counted(trial, tracer, skips, out);
	return differences;
}

void notes_print(const struct trial *trial, const struct tracer *tracer, FILE *out)
{
	for (size_t i = 0; i < tracer->lines; i++) {
		if (judge_is_of(tracer->line[i], "note", trial))
			fprintf(out, "noted: %s\n",
				json_object_to_json_string_ext(tracer->line[i],
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

static bool demanded(const char *name)
{
	const struct scenario *scenario;

	for (size_t i = 0; (scenario = scenario_at(i)); i++) {
		for (int n = 0; n < SCENARIO_NOTES && scenario->notes[n].name; n++) {
			if (!strcmp(scenario->notes[n].name, name))
				return true;
		}
	}
	return false;
}

unsigned int notes_judge_stream(const struct tracer *tracer, FILE *out)
{
	const struct json_object *end = tracer->lines ? tracer->line[tracer->lines - 1] : NULL;
	unsigned int differences = 0;
	int64_t lines = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (demanded(names[i]))
			continue;
		fprintf(out, "notes: no scenario demands %s\n", names[i]);
		differences++;
	}
	for (size_t i = 0; i < tracer->lines; i++)
		lines += line_is(tracer->line[i], "note");
	if (!end || line_number(end, "notes_lost") ||
	    line_number(end, "notes") != lines + line_number(end, "notes_filtered")) {
		fprintf(out, "notes: %" PRId64 " lines, but the end says %s\n", lines,
			end ? json_object_get_string((struct json_object *)end) : "nothing");
		differences++;
	}
	return differences;
}
