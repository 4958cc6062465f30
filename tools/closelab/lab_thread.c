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
	enum lab_who who;
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

/* Any processor but the own one. */
static int put_elsewhere(const struct lab *lab, pthread_attr_t *attr)
{
	cpu_set_t cpus = lab->cpus;

	if (!lab->pinned)
		return 0;
	CPU_CLR(sched_getcpu(), &cpus);
	if (!CPU_COUNT(&cpus))
		return -ENOTSUP;
	return -pthread_attr_setaffinity_np(attr, sizeof(cpus), &cpus);
}

static void start(struct lab *lab, enum lab_who who, enum lab_call call, bool elsewhere)
{
	struct lab_thread *job = calloc(1, sizeof(*job));
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	rc = job ? make_blocking(lab, lab->fd[who]) : -ENOMEM;
	if (!rc && elsewhere)
		rc = put_elsewhere(lab, &attr);
	if (!rc) {
		job->call = call;
		job->who = who;
		job->fd = lab->fd[who];
		job->len = lab_address(lab, lab->ends.server_port, &job->addr);
		rc = -pthread_create(&job->thread, &attr, thread_main, job);
	}
	pthread_attr_destroy(&attr);
	if (rc < 0) {
		free(job);
		lab_fail(lab, -rc);
		return;
	}
	lab->thread = job;
}

void lab_call_elsewhere(struct lab *lab, enum lab_who who, enum lab_call call)
{
	if (lab_step(lab, "%s %s() on another processor", lab_who_name(who), calls[call].name))
		start(lab, who, call, true);
}

void lab_call(struct lab *lab, enum lab_who who, enum lab_call call)
{
	uint64_t deadline = lab_deadline_us(lab);

	if (!lab_step(lab, "%s blocks in %s()", lab_who_name(who), calls[call].name))
		return;
	start(lab, who, call, false);
	while (!lab->error && !blocked(lab->thread)) {
		if (!lab_pause(deadline))
			lab_fail(lab, ETIMEDOUT);
	}
}

void lab_call_blocked(struct lab *lab)
{
	if (lab_step(lab, "the call still blocks") && !blocked(lab->thread))
		lab_fail(lab, EPROTO);
}

/* Waits for the end of the call; its error, and whose it was. */
static int join(struct lab *lab, enum lab_who *who)
{
	uint64_t deadline = lab_deadline_us(lab);
	struct lab_thread *job = lab->thread;
	int error;

	*who = job->who;
	while (!__atomic_load_n(&job->done, __ATOMIC_ACQUIRE)) {
		if (!lab_pause(deadline))
			return ETIMEDOUT;
	}
	pthread_join(job->thread, NULL);
	error = job->error;
	free(job);
	lab->thread = NULL;
	return error;
}

void lab_call_ends(struct lab *lab, int err)
{
	enum lab_who who;
	int got;

	if (!lab_step(lab, "the call ends: %s", err ? strerrorname_np(err) : "no error"))
		return;
	got = join(lab, &who);
	lab_outcome(lab, who, err, got);
}

void lab_call_ends_or(struct lab *lab, int err)
{
	enum lab_who who;
	int got;

	if (!lab_step(lab, "the call ends: %s or no error", strerrorname_np(err)))
		return;
	got = join(lab, &who);
	if (got && got != err)
		lab_fail(lab, got);
}
