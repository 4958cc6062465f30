// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"
#include "churn.h"
#include "subject.h"

#define AWAIT_S		10	/* for its hooks */
#define STOP_S		60	/* for what it still has to write */
#define LAST_LINE	8192	/* bytes; the "end" line is shorter */

static const char *fill_in(const char *word, const struct plan *plan, const char *out,
			   const char *pid)
{
	if (!strcmp(word, "@closetrace"))
		return plan->closetrace;
	if (!strcmp(word, "@out"))
		return out;
	return strcmp(word, "@pid") ? word : pid;
}

static void enter_namespace_of(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		_exit(125);
}

_Noreturn static void become(const struct subject *subject, const struct plan *plan,
			     const struct churn *churn, int out_fd)
{
	const struct variant *variant = subject->variant;
	const char *words[SUBJECT_WORDS + 3] = {};
	char out[128], pid[16];
	unsigned int count = 0;

	snprintf(out, sizeof(out), "%s/out", subject->dir);
	snprintf(pid, sizeof(pid), "%d", getppid());
	for (; variant->word[count]; count++)
		words[count] = fill_in(variant->word[count], plan, out, pid);
	if (variant->tiered && plan->tier) {
		words[count++] = "--tier";
		words[count++] = plan->tier;
	}
	if (variant->inside)
		enter_namespace_of(churn_pid(churn));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out_fd, STDOUT_FILENO);
	dup2(subject->err, STDERR_FILENO);
	execvp(words[0], (char *const *)words);
	_exit(127);
}

/* Its output: the end that we read, and in *theirs the one that it writes to. */
static int open_output(const struct subject *subject, bool piped, int *theirs)
{
	char path[128];
	int ends[2];

	if (piped) {
		if (pipe2(ends, O_CLOEXEC))
			return -1;
		*theirs = ends[1];
		return ends[0];
	}
	snprintf(path, sizeof(path), "%s/stdout", subject->dir);
	*theirs = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
	return *theirs < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

static int fail(struct subject *subject, const char *what)
{
	snprintf(subject->why, sizeof(subject->why), "%s: %s", what, strerror(errno));
	return -1;
}

int subject_start(struct subject *subject, const struct variant *variant, const struct plan *plan,
		  const struct churn *churn, bool piped)
{
	const char *tmp = getenv("TMPDIR");
	int theirs;

	*subject = (struct subject){ .variant = variant, .out = -1, .err = -1 };
	snprintf(subject->dir, sizeof(subject->dir), "%.40s/bench.XXXXXX", tmp ?: "/tmp");
	if (!mkdtemp(subject->dir))
		return fail(subject, subject->dir);
	subject->err = memfd_create("stderr", MFD_CLOEXEC);
	subject->out = open_output(subject, piped, &theirs);
	if (subject->err < 0 || subject->out < 0)
		return fail(subject, "its output");
	subject->begun_ns = bench_now();
	subject->pid = fork();
	if (!subject->pid)
		become(subject, plan, churn, theirs);
	close(theirs);
	return subject->pid < 0 ? fail(subject, "fork") : 0;
}

static bool has_ended(struct subject *subject)
{
	subject->ended = subject->ended ||
			 waitpid(subject->pid, &subject->status, WNOHANG) == subject->pid;
	return subject->ended;
}

/* Why it ended before it was asked to: the last line of its standard error. */
static int explain(struct subject *subject)
{
	char text[1024], *line;
	ssize_t size = pread(subject->err, text, sizeof(text) - 1, 0);

	text[size > 0 ? size : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	line = text;
	if (WIFEXITED(subject->status) && WEXITSTATUS(subject->status) == 127 && !*line)
		line = "not installed";
	snprintf(subject->why, sizeof(subject->why), "%.200s", *line ? line : "ended at once");
	return -1;
}

/* Attached: there are links, and no more of them for a while. */
int subject_await(struct subject *subject)
{
	unsigned int links = 0, quiet = 0, tries;

	for (tries = 0; tries < AWAIT_S * 20 && quiet < 4; tries++) {
		unsigned int now;

		bench_sleep(0.05);
		if (has_ended(subject))
			return explain(subject);
		now = account_links(subject->pid);
		quiet = now == links && (now || subject->variant->no_programs) ? quiet + 1 : 0;
		links = now;
	}
	if (quiet < 4) {
		snprintf(subject->why, sizeof(subject->why), "attached nothing in %d s", AWAIT_S);
		return -1;
	}
	return 0;
}

void subject_stop(struct subject *subject)
{
	uint64_t deadline = bench_now() + STOP_S * 1000000000ULL;

	if (subject->pid <= 0 || has_ended(subject))
		return;
	kill(subject->pid, SIGINT);
	while (!has_ended(subject)) {
		if (bench_now() > deadline)
			kill(subject->pid, SIGKILL);
		bench_sleep(0.01);
	}
}

/* Of the "end" line of a JSON stream. */
static double json_total(const struct subject *subject, const char *key)
{
	char text[LAST_LINE + 1], *line;
	off_t size = lseek(subject->out, 0, SEEK_END);
	struct json_object *end, *value;
	double total = -1;
	ssize_t got;

	got = pread(subject->out, text, LAST_LINE, size > LAST_LINE ? size - LAST_LINE : 0);
	if (got < 2)
		return -1;
	text[got - 1] = '\0';
	line = strrchr(text, '\n');
	end = json_tokener_parse(line ? line + 1 : text);
	if (json_object_object_get_ex(end, key, &value))
		total = json_object_get_double(value);
	json_object_put(end);
	return total;
}

/* Of the totals for people: "3 seen, 3 recorded, 0 lost". */
static double text_total(const struct subject *subject, const char *key)
{
	char text[LAST_LINE + 1], word[32], *at, *next;
	ssize_t got = pread(subject->err, text, LAST_LINE, 0);

	text[got > 0 ? got : 0] = '\0';
	snprintf(word, sizeof(word), " %s", key);
	at = strstr(text, word);
	while (at && (next = strstr(at + 1, word)))
		at = next;
	while (at && at > text && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return at && *at != ' ' ? strtod(at, NULL) : -1;
}

double subject_total(const struct subject *subject, const char *key)
{
	double total = json_total(subject, key);

	return total < 0 ? text_total(subject, key) : total;
}

void subject_release(struct subject *subject)
{
	static const char *const files[] = { "stdout", "out", "out-wal", "out-shm" };
	char path[128];

	subject_stop(subject);
	if (subject->out >= 0)
		close(subject->out);
	if (subject->err >= 0)
		close(subject->err);
	for (unsigned int i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", subject->dir, files[i]);
		unlink(path);
	}
	rmdir(subject->dir);
}
