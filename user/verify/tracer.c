/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * closetrace as a child process. Its output goes into files, so that it never waits for us.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tracer.h"

#define START_TRIES 9000u	/* of 10 ms, times slow: emulated, verifying can take a minute */
#define STOP_TRIES 2000u
#define ARGUMENTS 16

static void pause_10ms(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	nanosleep(&pause, NULL);
}

static void child_main(struct tracer *tracer, const char *path, const char *tier,
		       char *const *more)
{
	char *argv[ARGUMENTS + 5] = { (char *)path, (char *)"-j" };
	int n = 2;

	if (tier) {
		argv[n++] = (char *)"--tier";
		argv[n++] = (char *)tier;
	}
	for (int i = 0; more && more[i] && i < ARGUMENTS; i++)
		argv[n++] = more[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(tracer->out_fd, STDOUT_FILENO);
	dup2(tracer->err_fd, STDERR_FILENO);
	execv(path, argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", path, strerror(errno));
	_exit(127);
}

/* True when it has ended; then .pid is 0 and .status is known. */
static bool ended(struct tracer *tracer)
{
	if (tracer->pid && waitpid(tracer->pid, &tracer->status, WNOHANG) == tracer->pid)
		tracer->pid = 0;
	return !tracer->pid;
}

/* The tier of a complete start line at the head of the output; false when there is none yet. */
static bool started(struct tracer *tracer)
{
	char head[4096];
	ssize_t got = pread(tracer->out_fd, head, sizeof(head) - 1, 0);
	struct json_object *line, *value;
	bool found = false;
	char *end;

	if (got <= 0)
		return false;
	head[got] = '\0';
	end = strchr(head, '\n');
	if (!end)
		return false;
	*end = '\0';
	line = json_tokener_parse(head);
	if (json_object_object_get_ex(line, "type", &value) &&
	    !strcmp(json_object_get_string(value), "start"))
		found = true;
	if (found && json_object_object_get_ex(line, "tier", &value) && value)
		snprintf(tracer->tier, sizeof(tracer->tier), "%s", json_object_get_string(value));
	json_object_put(line);
	return found;
}

static int open_files(struct tracer *tracer, const char *keep)
{
	tracer->err_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (keep)
		tracer->out_fd = open(keep, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	else
		tracer->out_fd = memfd_create("stdout", MFD_CLOEXEC);
	return tracer->out_fd < 0 || tracer->err_fd < 0 ? -errno : 0;
}

int tracer_start(struct tracer *tracer, const char *path, const char *tier, char *const *more,
		 const char *keep, unsigned int slow)
{
	int rc;

	memset(tracer, 0, sizeof(*tracer));
	rc = open_files(tracer, keep);
	if (rc < 0)
		return rc;
	tracer->pid = fork();
	if (tracer->pid < 0)
		return -errno;
	if (tracer->pid == 0)
		child_main(tracer, path, tier, more);
	for (unsigned int i = 0; i < START_TRIES * slow; i++) {
		if (started(tracer))
			return 0;
		if (ended(tracer))
			return -ECHILD;
		pause_10ms();
	}
	return -ETIMEDOUT;
}

int tracer_stop(struct tracer *tracer, unsigned int slow)
{
	if (ended(tracer))
		return -ECHILD;
	kill(tracer->pid, SIGINT);
	for (unsigned int i = 0; i < STOP_TRIES * slow; i++) {
		if (ended(tracer))
			return 0;
		pause_10ms();
	}
	return -ETIMEDOUT;
}

int tracer_each(const struct tracer *tracer, int (*take)(void *context, struct json_object *line),
		void *context)
{
	int fd = dup(tracer->out_fd);
	FILE *file;
	char *text = NULL;
	size_t size = 0;
	int rc = 0;

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_SET);
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (!rc && getline(&text, &size, file) > 0) {
		struct json_object *line = json_tokener_parse(text);

		if (json_object_is_type(line, json_type_object)) {
			rc = take(context, line);
		} else {
			json_object_put(line);
			rc = -EBADMSG;
		}
	}
	free(text);
	fclose(file);
	return rc;
}

static int keep_line(void *context, struct json_object *line)
{
	struct tracer *tracer = context;
	struct json_object **grown = reallocarray(tracer->line, tracer->lines + 1, sizeof(*grown));

	if (!grown) {
		json_object_put(line);
		return -ENOMEM;
	}
	tracer->line = grown;
	tracer->line[tracer->lines++] = line;
	return 0;
}

int tracer_read(struct tracer *tracer)
{
	return tracer_each(tracer, keep_line, tracer);
}

void tracer_complain(const struct tracer *tracer, FILE *out)
{
	char text[4096];
	off_t size = lseek(tracer->err_fd, 0, SEEK_END);
	off_t from = size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0;
	ssize_t got = pread(tracer->err_fd, text, sizeof(text), from);

	if (got > 0)
		fwrite(text, 1, (size_t)got, out);
}

void tracer_release(struct tracer *tracer)
{
	if (!ended(tracer)) {
		kill(tracer->pid, SIGKILL);
		waitpid(tracer->pid, &tracer->status, 0);
		tracer->pid = 0;
	}
	for (size_t i = 0; i < tracer->lines; i++)
		json_object_put(tracer->line[i]);
	free(tracer->line);
	tracer->line = NULL;
	tracer->lines = 0;
	close(tracer->out_fd);
	close(tracer->err_fd);
}
