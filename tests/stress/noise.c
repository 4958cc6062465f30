/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * noise.c - broadcasts that nobody reads, as many as a CPU can send
 *
 * They cross lo in softirq and are there handed to each of many sockets: in that softirq, and in
 * ksoftirqd when it is too much, segments of all others are handled too, while an unrelated process
 * is the current one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "netns.h"
#include "stress.h"

#define NOISE_NICE	-20	/* against some fifty others, which have what it leaves */
#define NOISE_NS	40000000u	/* of sending */
#define REST_US		20000u		/* and then of sleep */
#define BURST		8u
#define LISTENERS	64u

/* user, nice, system, idle, iowait, irq, softirq, steal */
static void read_times(uint64_t *softirq, uint64_t *total)
{
	FILE *file = fopen("/proc/stat", "re");
	uint64_t time[8] = { 0 };

	*softirq = *total = 0;
	if (!file)
		return;
	if (fscanf(file, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
			 " %" SCNu64 " %" SCNu64 " %" SCNu64, &time[0], &time[1], &time[2],
		   &time[3], &time[4], &time[5], &time[6], &time[7]) == 8)
		*softirq = time[6];
	fclose(file);
	for (size_t i = 0; i < sizeof(time) / sizeof(*time); i++)
		*total += time[i];
}

/* A socket on the port, 0: any; 127.255.255.255 is the broadcast of lo. */
static int broadcaster(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;
	socklen_t size = sizeof(*at);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)at, size) < 0 ||
	    getsockname(fd, (struct sockaddr *)at, &size) < 0)
		return -1;
	return fd;
}

/* Connected to itself and to all the others. */
static int connected(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = -1;

	for (unsigned int i = 0; i < LISTENERS; i++) {
		fd = broadcaster(&at);
		if (fd < 0)
			return -1;
	}
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK | 0xffffff);
	return connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -1 : fd;
}

_Noreturn static void flood(int cpu)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct mmsghdr burst[BURST] = { 0 };
	cpu_set_t cpus;
	int fd;

	prctl(PR_SET_NAME, "st-noise");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	setpriority(PRIO_PROCESS, 0, NOISE_NICE);
	fd = netns_enter_private() ? -1 : connected();
	for (size_t i = 0; i < BURST; i++) {
		burst[i].msg_hdr.msg_iov = &part;
		burst[i].msg_hdr.msg_iovlen = 1;
	}
	while (fd >= 0) {
		uint64_t until = log_now() + NOISE_NS;

		while (log_now() < until)
			sendmmsg(fd, burst, BURST, MSG_DONTWAIT);
		pause_us(REST_US);
	}
	_exit(1);
}

int noise_start(struct noise *noise)
{
	const size_t most = sizeof(noise->pid) / sizeof(*noise->pid);
	cpu_set_t cpus;

	memset(noise, 0, sizeof(*noise));
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return -errno;
	for (int cpu = 0; cpu < CPU_SETSIZE && noise->count < most; cpu++) {
		pid_t pid;

		if (!CPU_ISSET(cpu, &cpus))
			continue;
		pid = fork();
		if (pid == 0)
			flood(cpu);
		if (pid < 0)
			return -errno;
		noise->pid[noise->count++] = pid;
	}
	read_times(&noise->softirq, &noise->total);
	return 0;
}

int noise_stop(struct noise *noise)
{
	uint64_t softirq, total;
	bool died = false;

	read_times(&softirq, &total);
	for (unsigned int i = 0; i < noise->count; i++) {
		died |= waitpid(noise->pid[i], NULL, WNOHANG) != 0;
		kill(noise->pid[i], SIGKILL);
		waitpid(noise->pid[i], NULL, 0);
	}
	noise->count = 0;
	if (died)
		return -ECHILD;
	softirq -= noise->softirq;
	total -= noise->total;
	return total ? (int)(softirq * 100 / total) : 0;
}
