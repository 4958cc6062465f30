/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parent enters a new namespace, keeps a descriptor of it, forks the trial and returns to its
 * own. Namespaces live until all results are in: the kernel would give a freed inode number to the
 * next one, and acts are told apart by it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "fleet.h"
#include "netns.h"

#define CASE_MS 60000

static void case_main(struct fleet_case *one, unsigned int slow, int result_fd)
{
	/* Another name for each, so that a name remembered from elsewhere is noticed. */
	prctl(PR_SET_NAME, one->scenario->name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	trial_run(one->scenario, one->family, slow, &one->trial);
	_exit(write(result_fd, &one->trial, sizeof(one->trial)) != (ssize_t)sizeof(one->trial));
}

static int case_fork(struct fleet_case *one, unsigned int slow)
{
	int result[2];

	one->netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (one->netns_fd < 0 || pipe2(result, O_CLOEXEC) < 0)
		return -errno;
	fflush(stdout);
	one->pid = fork();
	if (one->pid == 0)
		case_main(one, slow, result[1]);
	close(result[1]);
	one->result_fd = result[0];
	return one->pid < 0 ? -errno : 0;
}

static int case_start(struct fleet_case *one, unsigned int slow, int home_fd)
{
	int rc = netns_enter_private();

	if (rc < 0)
		return rc;
	rc = case_fork(one, slow);
	if (setns(home_fd, CLONE_NEWNET) < 0)
		return -errno;
	return rc;
}

/* Takes the result of a case that has ended or must be ended. */
static void case_end(struct fleet_case *one, bool late)
{
	struct trial *trial = &one->trial;
	ssize_t got = late ? 0 : read(one->result_fd, trial, sizeof(*trial));

	if (late)
		kill(one->pid, SIGKILL);
	waitpid(one->pid, NULL, 0);
	close(one->result_fd);
	one->result_fd = -1;
	if (got == (ssize_t)sizeof(*trial))
		return;
	memset(trial, 0, sizeof(*trial));
	trial->scenario = one->scenario;
	trial->family = one->family;
	trial->error = late ? -ETIMEDOUT : -EPIPE;
	snprintf(trial->step, sizeof(trial->step), "%s",
		 late ? "the whole case" : "the case's process died");
}

/* Waits until one of the running cases has ended; at most jobs are running. */
static void await_one(struct fleet_case *cases, size_t started, unsigned int *running,
		      unsigned int slow)
{
	struct pollfd poller[64];
	struct fleet_case *polled[64];
	nfds_t n = 0;
	int ready;

	for (size_t i = 0; i < started && n < 64; i++) {
		if (cases[i].result_fd < 0)
			continue;
		polled[n] = &cases[i];
		poller[n++] = (struct pollfd){ .fd = cases[i].result_fd, .events = POLLIN };
	}
	/* Each case bounds its own waits: only a hang gets here. */
	ready = poll(poller, n, (int)(CASE_MS * slow));
	for (nfds_t i = 0; i < n; i++) {
		if (ready > 0 && !poller[i].revents)
			continue;
		case_end(polled[i], ready <= 0);
		(*running)--;
	}
}

int fleet_run(struct fleet_case *cases, size_t count, unsigned int jobs, unsigned int slow)
{
	int home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned int running = 0;
	int rc = 0;

	if (home_fd < 0)
		return -errno;
	for (size_t i = 0; i < count; i++)
		cases[i].result_fd = cases[i].netns_fd = -1;
	for (size_t i = 0; i < count && !rc; i++) {
		if (cases[i].skipped)
			continue;
		while (running >= jobs)
			await_one(cases, i, &running, slow);
		rc = case_start(&cases[i], slow, home_fd);
		running += !rc;
	}
	while (running)
		await_one(cases, count, &running, slow);
	close(home_fd);
	return rc;
}

void fleet_release(struct fleet_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cases[i].netns_fd >= 0)
			close(cases[i].netns_fd);
		cases[i].netns_fd = -1;
	}
}
