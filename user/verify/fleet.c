/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parent makes a path, keeps the descriptors of its namespaces, forks the trial and returns to
 * its own. Namespaces live until all results are in: the kernel would give a freed inode number to
 * the next one, and acts are told apart by it. A server's that is left to the kernel in the course
 * of its trial does not; there the time has to tell.
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
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fleet.h"
#include "netns.h"

#define CASE_MS 60000
#define FLEET_WAITING 64u
#define FLEET_MOST (FLEET_WAITING + 64u)

static int lower(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* The others' namespaces are hundreds of descriptors: whoever looks for holders sees them all. */
static void drop_others(const struct path *path, int result_fd)
{
	int kept[] = {
		result_fd, netns_origin(), path->fd[LAB_END_CLIENT], path->fd[LAB_END_SERVER],
	};
	unsigned int from = STDERR_FILENO + 1;

	qsort(kept, sizeof(kept) / sizeof(*kept), sizeof(*kept), lower);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		if (kept[i] < (int)from)
			continue;
		if (kept[i] > (int)from)
			syscall(SYS_close_range, from, kept[i] - 1, 0);
		from = (unsigned int)kept[i] + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0);
}

static void case_main(struct fleet_case *one, unsigned int slow, int result_fd)
{
	/* Another name for each, so that a name remembered from elsewhere is noticed. */
	prctl(PR_SET_NAME, one->scenario->name);
	/* What it has changed for all, it puts back. */
	prctl(PR_SET_PDEATHSIG, one->scenario->global ? SIGTERM : SIGKILL);
	drop_others(&one->path, result_fd);
	trial_run(one->scenario, one->family, &one->path, slow, &one->trial);
	_exit(write(result_fd, &one->trial, sizeof(one->trial)) != (ssize_t)sizeof(one->trial));
}

static int case_fork(struct fleet_case *one, unsigned int slow)
{
	int result[2];

	if (pipe2(result, O_CLOEXEC) < 0)
		return -errno;
	fflush(stdout);
	one->pid = fork();
	if (one->pid == 0)
		case_main(one, slow, result[1]);
	close(result[1]);
	one->result_fd = result[0];
	if (one->scenario->leaves)
		path_abandon_server(&one->path);
	return one->pid < 0 ? -errno : 0;
}

static int case_start(struct fleet_case *one, unsigned int slow, int home_fd)
{
	int rc = path_open(&one->path, one->veth);

	if (!rc)
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
		kill(one->pid, one->scenario->global ? SIGTERM : SIGKILL);
	waitpid(one->pid, NULL, 0);
	close(one->result_fd);
	one->result_fd = -1;
	if (got == (ssize_t)sizeof(*trial))
		return;
	memset(trial, 0, sizeof(*trial));
	trial->scenario = one->scenario;
	trial->family = one->family;
	trial->veth = one->veth;
	trial->error = late ? -ETIMEDOUT : -EPIPE;
	snprintf(trial->step, sizeof(trial->step), "%s",
		 late ? "the whole case" : "the case's process died");
}

enum turn { TURN_TIMER, TURN_USUAL, TURN_ALONE, TURNS };

static enum turn turn_of(const struct scenario *scenario)
{
	/* MPTCP's reset is told after its arrival: beside others too late to be put in order. */
	if (scenario->global || scenario->mptcp)
		return TURN_ALONE;
	return scenario->timer ? TURN_TIMER : TURN_USUAL;
}

struct fleet {
	struct fleet_case *cases;
	size_t count;
	unsigned int running[TURNS];
	const struct fleet_way *way;
	int home_fd;
};

/* Waits until one of the running cases has ended. */
static void await_one(struct fleet *fleet)
{
	struct pollfd poller[FLEET_MOST];
	struct fleet_case *polled[FLEET_MOST];
	nfds_t n = 0;
	int ready;

	for (size_t i = 0; i < fleet->count && n < FLEET_MOST; i++) {
		struct fleet_case *one = &fleet->cases[i];

		if (one->result_fd < 0)
			continue;
		polled[n] = one;
		poller[n++] = (struct pollfd){ .fd = one->result_fd, .events = POLLIN };
	}
	/* Each case bounds its own waits: only a hang gets here. */
	ready = poll(poller, n, (int)(CASE_MS * fleet->way->slow));
	for (nfds_t i = 0; i < n; i++) {
		if (ready > 0 && !poller[i].revents)
			continue;
		case_end(polled[i], ready <= 0);
		fleet->running[turn_of(polled[i]->scenario)]--;
		if (fleet->way->ended)
			fleet->way->ended(fleet->way->context);
	}
}

/* The cases of one turn, so many at a time. */
static int run_turn(struct fleet *fleet, enum turn turn, unsigned int most)
{
	int rc = 0;

	for (size_t i = 0; i < fleet->count && !rc; i++) {
		struct fleet_case *one = &fleet->cases[i];

		if (one->skipped || turn_of(one->scenario) != turn)
			continue;
		while (fleet->running[turn] >= most)
			await_one(fleet);
		rc = case_start(one, fleet->way->slow, fleet->home_fd);
		fleet->running[turn] += !rc;
	}
	return rc;
}

/* Each case keeps its namespaces open: more descriptors than a process is usually given. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int fleet_run(struct fleet_case *cases, size_t count, const struct fleet_way *way)
{
	struct fleet fleet = {
		.cases = cases, .count = count, .way = way,
		.home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC),
	};
	int rc;

	if (fleet.home_fd < 0)
		return -errno;
	raise_limit();
	for (size_t i = 0; i < count; i++)
		cases[i].result_fd = -1;
	/* Those that wait need next to no processor. */
	rc = run_turn(&fleet, TURN_TIMER, FLEET_WAITING);
	if (!rc)
		rc = run_turn(&fleet, TURN_USUAL, way->jobs);
	while (fleet.running[TURN_TIMER] || fleet.running[TURN_USUAL])
		await_one(&fleet);
	if (!rc)
		rc = run_turn(&fleet, TURN_ALONE, 1);
	while (fleet.running[TURN_ALONE])
		await_one(&fleet);
	close(fleet.home_fd);
	return rc;
}

void fleet_release(struct fleet_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		path_close(&cases[i].path);
}
