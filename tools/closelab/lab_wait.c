/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bounded waits. poll() where the kernel tells, else the state is asked for again and again:
 * nothing wakes a process when a socket goes from FIN_WAIT1 to FIN_WAIT2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include "lab.h"
#include "path.h"

/* Polls until the deadline of a step; 0 or a negative errno. */
static int poll_until(struct lab *lab, int fd, short events)
{
	struct pollfd poller = { .fd = fd, .events = events };
	int rc = poll(&poller, 1, (int)(5000 * lab->slow));

	if (rc < 0)
		return -errno;
	return rc ? 0 : -ETIMEDOUT;
}

void lab_wait_poll(struct lab *lab, enum lab_who who, short events)
{
	int rc;

	if (lab->error)
		return;
	rc = poll_until(lab, lab->fd[who], events);
	if (rc < 0 && lab_step(lab, "%s poll %#x", lab_who_name(who), (unsigned int)events))
		lab_fail(lab, -rc);
}

static int tcp_info(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) < 0 ? -errno : 0;
}

/* SO_MEMINFO's SK_MEMINFO_DROPS; 0 or a negative errno. */
static int drops(int fd, uint32_t *count)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0)
		return -errno;
	*count = info[SK_MEMINFO_DROPS];
	return 0;
}

bool lab_has_dropped(const struct lab *lab, enum lab_who who)
{
	uint32_t count = 0;

	return !drops(lab->fd[who], &count) && count;
}

void lab_wait_dropped(struct lab *lab, enum lab_who who)
{
	uint64_t deadline = lab_deadline_us(lab);
	uint32_t count = 0;

	if (!lab_step(lab, "%s has dropped a segment", lab_who_name(who)))
		return;
	do {
		int rc = drops(lab->fd[who], &count);

		if (rc < 0) {
			lab_fail(lab, -rc);
			return;
		}
		if (count)
			return;
	} while (lab_pause(deadline));
	lab_fail(lab, ETIMEDOUT);
}

void lab_wait_state(struct lab *lab, enum lab_who who, int state)
{
	uint64_t deadline = lab_deadline_us(lab);
	struct tcp_info info;

	if (!lab_step(lab, "%s in %s", lab_who_name(who), lab_state_name(state)))
		return;
	do {
		int rc = tcp_info(lab->fd[who], &info);

		if (rc < 0) {
			lab_fail(lab, -rc);
			return;
		}
		if (info.tcpi_state == state)
			return;
	} while (lab_pause(deadline));
	if (lab_step(lab, "stuck in %s", lab_state_name(info.tcpi_state)))
		lab_fail(lab, ETIMEDOUT);
}

void lab_wait_unread(struct lab *lab, enum lab_who who, int n)
{
	uint64_t deadline = lab_deadline_us(lab);
	int unread = 0;

	if (!lab_step(lab, "%s has %d B unread", lab_who_name(who), n))
		return;
	do {
		if (ioctl(lab->fd[who], SIOCINQ, &unread) < 0) {
			lab_fail(lab, errno);
			return;
		}
		if (unread == n)
			return;
	} while (lab_pause(deadline));
	lab_fail(lab, ETIMEDOUT);
}

void lab_wait_acked(struct lab *lab, enum lab_who who)
{
	uint64_t deadline = lab_deadline_us(lab);
	int queued = 0;

	if (!lab_step(lab, "%s has all acknowledged", lab_who_name(who)))
		return;
	do {
		if (ioctl(lab->fd[who], SIOCOUTQ, &queued) < 0) {
			lab_fail(lab, errno);
			return;
		}
		if (!queued)
			return;
	} while (lab_pause(deadline));
	lab_fail(lab, ETIMEDOUT);
}

unsigned int lab_queued(const struct lab *lab, enum lab_who who)
{
	struct tcp_info info;

	/* For a listener the kernel puts sk_ack_backlog here. */
	return tcp_info(lab->fd[who], &info) < 0 ? 0 : info.tcpi_unacked;
}

void lab_wait_queued(struct lab *lab, unsigned int n)
{
	uint64_t deadline = lab_deadline_us(lab);
	struct tcp_info info;

	if (!lab_step(lab, "%u in the accept queue", n))
		return;
	do {
		int rc = tcp_info(lab->fd[LAB_LISTENER], &info);

		if (rc < 0) {
			lab_fail(lab, -rc);
			return;
		}
		/* For a listener the kernel puts sk_ack_backlog here. */
		if (info.tcpi_unacked == n)
			return;
	} while (lab_pause(deadline));
	lab_fail(lab, ETIMEDOUT);
}

struct entry {
	int state;		/* 0: not there; a negative errno */
	unsigned int timer;	/* TIMER_… */
};

#define TIMER_MINISOCK 3	/* what the kernel prints for a TIME_WAIT entry, of any substate */

/* A connection in /proc/net/tcp of the local end's namespace. */
static struct entry table_entry(const struct lab *lab, enum lab_who local, enum lab_who remote)
{
	const char *name = lab->family == AF_INET6 ? "/proc/thread-self/net/tcp6" :
						     "/proc/thread-self/net/tcp";
	int fd = path_file(lab->path, lab_end_of(local), name, O_RDONLY);
	FILE *table = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned int lport, rport, state, timer;
	struct entry found = { 0 };
	char line[512];

	if (!table)
		return (struct entry){ .state = fd < 0 ? fd : -ENOMEM };
	while (!found.state && fgets(line, sizeof(line), table)) {
		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x %*[0-9A-F]:%*[0-9A-F] %x:",
			   &lport, &rport, &state, &timer) == 4 &&
		    lport == lab_port_of(lab, local) && rport == lab_port_of(lab, remote))
			found = (struct entry){ .state = (int)state, .timer = timer };
	}
	fclose(table);
	return found;
}

bool lab_is_minisock(const struct lab *lab, enum lab_who local, enum lab_who remote)
{
	struct entry now = table_entry(lab, local, remote);

	return now.state > 0 && now.timer == TIMER_MINISOCK;
}

void lab_wait_minisock(struct lab *lab, enum lab_who local, enum lab_who remote)
{
	uint64_t deadline = lab_deadline_us(lab);

	if (!lab_step(lab, "%s a TIME_WAIT entry", lab_who_name(local)))
		return;
	do {
		if (lab_is_minisock(lab, local, remote))
			return;
	} while (lab_pause(deadline));
	lab_fail(lab, ETIMEDOUT);
}

void lab_wait_ms(struct lab *lab, unsigned int ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (lab_step(lab, "%u ms", ms))
		nanosleep(&pause, NULL);
}

/*
 * A deferrable timer counts, every 100 ms, on the processor that it was set on first: if that one
 * is idle, the next time it has something to do.
 */
void lab_wait_orphans_counted(struct lab *lab)
{
	cpu_set_t home, one;

	lab_wait_ms(lab, 300);
	if (lab->error || sched_getaffinity(0, sizeof(home), &home) < 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		uint64_t until = lab_now_us() + 20000;

		if (!CPU_ISSET(cpu, &lab->cpus))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		while (lab_now_us() < until)
			;
	}
	sched_setaffinity(0, sizeof(home), &home);
}

void lab_wait_table(struct lab *lab, enum lab_who local, enum lab_who remote, int state)
{
	uint64_t deadline = lab_deadline_us(lab);
	int now;	/* a state or a negative errno */

	if (!lab_step(lab, "%s %s", lab_who_name(local),
		      state ? lab_state_name(state) : "out of the table"))
		return;
	do {
		now = table_entry(lab, local, remote).state;
		if (now < 0) {
			lab_fail(lab, -now);
			return;
		}
		if (now == state)
			return;
	} while (lab_pause(deadline));
	if (lab_step(lab, "stuck in %s", lab_state_name(now)))
		lab_fail(lab, ETIMEDOUT);
}

void lab_wait_error(struct lab *lab, enum lab_who who, int err)
{
	char byte;
	int rc;

	if (!lab_step(lab, "%s recv fails with %s", lab_who_name(who), strerrorname_np(err)))
		return;
	/* POLLERR is always reported. */
	rc = poll_until(lab, lab->fd[who], 0);
	if (rc < 0)
		lab_fail(lab, -rc);
	else
		lab_outcome(lab, who, err, recv(lab->fd[who], &byte, 1, 0) < 0 ? errno : 0);
}

void lab_wait_so_error(struct lab *lab, enum lab_who who, int err)
{
	socklen_t len = sizeof(int);
	struct tcp_info info;
	int got = 0, rc;

	if (!lab_step(lab, "%s SO_ERROR is %s", lab_who_name(who), strerrorname_np(err)))
		return;
	rc = poll_until(lab, lab->fd[who], 0);
	/*
	 * TCP_INFO takes the socket's lock: whoever is ending it has done so then. Without that
	 * SO_ERROR may take the error away before the tracer has seen it (5.10).
	 */
	tcp_info(lab->fd[who], &info);
	if (rc < 0)
		lab_fail(lab, -rc);
	else if (getsockopt(lab->fd[who], SOL_SOCKET, SO_ERROR, &got, &len) < 0)
		lab_fail(lab, errno);
	else
		lab_outcome(lab, who, err, got);
}

int64_t lab_counter(struct lab *lab, enum lab_who who, enum counter counter)
{
	struct counters counters = { 0 };
	int rc;

	if (lab->error)
		return 0;
	rc = counters_collect(&counters, lab->path, lab_end_of(who));
	if (rc < 0 && lab_step(lab, "read %s", counters_name(counter)))
		lab_fail(lab, -rc);
	return counters.value[counter];
}

void lab_wait_counter(struct lab *lab, enum lab_who who, enum counter counter, int64_t least)
{
	uint64_t deadline = lab_deadline_us(lab);

	if (!lab_step(lab, "%s counted at the %s", counters_name(counter), lab_who_name(who)))
		return;
	while (lab_counter(lab, who, counter) < least) {
		if (!lab_pause(deadline)) {
			lab_fail(lab, ETIMEDOUT);
			return;
		}
	}
}
