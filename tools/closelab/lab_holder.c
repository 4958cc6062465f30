/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A child process that shares one socket with its parent: closes, exits or is killed on demand.
 * It tells when it has dropped the other descriptors; from then on it is the only other holder.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lab.h"

#define KEPT_US 2500000u	/* a busy emulated machine takes a second to look */

static const char holder_comm[] = "lab-holder";
static const char idle_name[] = "closelab-idle";
/* The name a process has after execve() of /proc/self/exe. */
static const char exec_comm[] = "exe";

/* This program again, doing nothing until it is killed; the socket does not survive. */
static void holder_exec(void)
{
	char *const argv[] = { (char *)idle_name, NULL };

	execv("/proc/self/exe", argv);
	_exit(1);
}

/* Runs before main(), so that any program with the laboratory in it can be the holder. */
__attribute__((constructor)) static void idle_if_asked(int argc, char **argv)
{
	if (argc != 1 || strcmp(argv[0], idle_name))
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void holder_main(struct lab *lab, enum lab_who who, int commands)
{
	char byte = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, holder_comm);
	for (int i = 0; i < LAB_WHO_COUNT; i++) {
		if (i != (int)who && lab->fd[i] >= 0)
			close(lab->fd[i]);
	}
	if (write(commands, &byte, 1) != 1)
		_exit(1);
	while (read(commands, &byte, 1) == 1) {
		if (byte == LAB_HOLDER_EXIT)
			_exit(0);
		if (byte == LAB_HOLDER_EXEC)
			holder_exec();
		close(lab->fd[who]);
		if (write(commands, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

/* The holder's next answer; fails the step when none comes. */
static void await_answer(struct lab *lab)
{
	struct pollfd poller = { .fd = lab->holder_fd, .events = POLLIN };
	int rc = poll(&poller, 1, (int)(5000 * lab->slow));
	char byte;

	if (rc <= 0)
		lab_fail(lab, rc ? errno : ETIMEDOUT);
	else if (read(lab->holder_fd, &byte, 1) != 1)
		lab_fail(lab, EPIPE);
}

void lab_holder_start(struct lab *lab, enum lab_who who)
{
	struct lab_actor *actor = &lab->ends.actor[lab_end_of(who)];
	int pipe[2];

	if (!lab_step(lab, "%s shared with a child", lab_who_name(who)))
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipe) < 0) {
		lab_fail(lab, errno);
		return;
	}
	lab->holder = fork();
	if (lab->holder == 0) {
		close(pipe[0]);
		holder_main(lab, who, pipe[1]);
	}
	close(pipe[1]);
	lab->holder_fd = pipe[0];
	lab->shared = who;
	if (lab->holder < 0) {
		lab->holder = 0;
		lab_fail(lab, errno);
		return;
	}
	actor->pid = lab->ends.child = lab->holder;
	snprintf(actor->comm, sizeof(actor->comm), "%s", holder_comm);
	await_answer(lab);
}

/* The pipe is close-on-exec too: its end tells that the child has executed. */
static void await_exec(struct lab *lab)
{
	struct pollfd poller = { .fd = lab->holder_fd, .events = POLLIN };
	char byte;

	if (poll(&poller, 1, (int)(5000 * lab->slow)) != 1)
		lab_fail(lab, ETIMEDOUT);
	else if (read(lab->holder_fd, &byte, 1) != 0)
		lab_fail(lab, EPROTO);
	for (int i = 0; i < LAB_END_COUNT; i++) {
		struct lab_actor *actor = &lab->ends.actor[i];

		if (actor->pid == lab->holder)
			snprintf(actor->comm, sizeof(actor->comm), "%s", exec_comm);
	}
}

/* Waits for the child's end: its descriptors are closed before it can be reaped. */
static void reap(struct lab *lab)
{
	/* pidfd_open: Linux 5.3 */
	int pidfd = (int)syscall(SYS_pidfd_open, lab->holder, 0);
	struct pollfd poller = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0) {
		lab_fail(lab, errno);
		return;
	}
	if (poll(&poller, 1, (int)(5000 * lab->slow)) == 1) {
		waitpid(lab->holder, NULL, 0);
		lab->holder = 0;
	} else {
		lab_fail(lab, ETIMEDOUT);
	}
	close(pidfd);
}

static void end_holder(struct lab *lab, enum lab_holder_end how)
{
	static const char *const names[] = { "closes", "exits", "is killed", "executes" };
	char byte = (char)how;

	if (!lab_step(lab, "the child %s", names[how]))
		return;
	if (how == LAB_HOLDER_KILL) {
		kill(lab->holder, SIGKILL);
	} else if (write(lab->holder_fd, &byte, 1) != 1) {
		lab_fail(lab, errno);
		return;
	}
	if (how == LAB_HOLDER_EXIT || how == LAB_HOLDER_KILL) {
		reap(lab);
		return;
	}
	if (how == LAB_HOLDER_EXEC)
		await_exec(lab);
	else
		await_answer(lab);
	kill(lab->holder, SIGKILL);
	reap(lab);
}

void lab_holder_end(struct lab *lab, enum lab_holder_end how)
{
	end_holder(lab, how);
	/* Who holds it still will drop the last reference. */
	if (lab->fd[lab->shared] >= 0)
		lab->ends.actor[lab_end_of(lab->shared)] = lab->ends.self;
}

void lab_holder_keeps(struct lab *lab)
{
	uint64_t until = lab_now_us() + (uint64_t)KEPT_US * lab->slow;

	if (!lab_step(lab, "held for a while"))
		return;
	while (lab_pause(until))
		;
}
