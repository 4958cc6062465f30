/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One call that blocks, in a thread of its own. The thread holds a reference to the file as long
 * as the call lasts. What it works on outlives the lab if the thread does: after a failure nobody
 * waits for it, and the socket's own timeout ends it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "lab.h"

struct lab_thread {
	pthread_t thread;
	enum lab_call call;
	int fd;
	struct sockaddr_storage addr;
	socklen_t len;
	pid_t tid;		/* 0: not running yet */
	int error;		/* of the call */
	bool done;
};

static const struct {
	const char *name;
	long number;
} calls[] = {
	[LAB_CALL_CONNECT] = { "connect", SYS_connect },
	[LAB_CALL_RECV] = { "recv", SYS_recvfrom },
};

static void *thread_main(void *arg)
{
	struct lab_thread *job = arg;
	char byte;
	long rc;

	__atomic_store_n(&job->tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	if (job->call == LAB_CALL_CONNECT)
		rc = connect(job->fd, (struct sockaddr *)&job->addr, job->len);
	else
		rc = recv(job->fd, &byte, 1, 0);
	job->error = rc < 0 ? errno : 0;
	__atomic_store_n(&job->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Whether the thread sleeps in its call: the kernel tells the number of it, or "running". */
static bool blocked(const struct lab_thread *job)
{
	pid_t tid = __atomic_load_n(&job->tid, __ATOMIC_ACQUIRE);
	char path[64], text[64] = "";
	FILE *file;

	if (!tid)
		return false;
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		*text = '\0';
	fclose(file);
	return *text >= '0' && *text <= '9' && strtol(text, NULL, 10) == calls[job->call].number;
}

/* Sockets of the lab do not block, and nothing may do so for ever. */
static int make_blocking(const struct lab *lab, int fd)
{
	const struct timeval most = { .tv_sec = 5 * lab->slow };
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) < 0)
		return -errno;
	return 0;
}

void lab_call(struct lab *lab, enum lab_who who, enum lab_call call)
{
	uint64_t deadline = lab_deadline_us(lab);
	struct lab_thread *job;
	int rc;

	if (!lab_step(lab, "%s blocks in %s()", lab_who_name(who), calls[call].name))
		return;
	job = calloc(1, sizeof(*job));
	rc = job ? make_blocking(lab, lab->fd[who]) : -ENOMEM;
	if (!rc) {
		job->call = call;
		job->fd = lab->fd[who];
		job->len = lab_address(lab, lab->ends.server_port, &job->addr);
		rc = -pthread_create(&job->thread, NULL, thread_main, job);
	}
	if (rc < 0) {
		free(job);
		lab_fail(lab, -rc);
		return;
	}
	lab->thread = job;
	while (!blocked(job)) {
		if (!lab_pause(deadline)) {
			lab_fail(lab, ETIMEDOUT);
			return;
		}
	}
}

void lab_call_blocked(struct lab *lab)
{
	if (lab_step(lab, "the call still blocks") && !blocked(lab->thread))
		lab_fail(lab, EPROTO);
}

void lab_call_ends(struct lab *lab, int err)
{
	uint64_t deadline = lab_deadline_us(lab);
	struct lab_thread *job = lab->thread;

	if (!lab_step(lab, "the call ends: %s", err ? strerrorname_np(err) : "no error"))
		return;
	while (!__atomic_load_n(&job->done, __ATOMIC_ACQUIRE)) {
		if (!lab_pause(deadline)) {
			lab_fail(lab, ETIMEDOUT);
			return;
		}
	}
	pthread_join(job->thread, NULL);
	if (job->error != err)
		lab_fail(lab, job->error ? job->error : EPROTO);
	free(job);
	lab->thread = NULL;
}
