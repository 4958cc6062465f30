/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The laboratory's book-keeping: which sockets exist, which step is under way, what failed first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lab.h"
#include "path.h"

#define LAB_WAIT_US 5000000ULL
#define LAB_PAUSE_NS 200000L
#define LAB_IDLE_NS 5000000L
#define LAB_BUSY_US 50000

static const char *const who_names[LAB_WHO_COUNT] = {
	[LAB_LISTENER] = "listener", [LAB_CLIENT] = "client", [LAB_CLIENT2] = "client 2",
	[LAB_CLIENT3] = "client 3", [LAB_SERVER] = "server", [LAB_SPARE] = "spare",
};

/* The kernel's names without TCP_ (include/net/tcp_states.h); the numbers are ABI. */
static const char *const state_names[] = {
	[0] = "none", [TCP_ESTABLISHED] = "ESTABLISHED", [TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV", [TCP_FIN_WAIT1] = "FIN_WAIT1", [TCP_FIN_WAIT2] = "FIN_WAIT2",
	[TCP_TIME_WAIT] = "TIME_WAIT", [TCP_CLOSE] = "CLOSE", [TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK", [TCP_LISTEN] = "LISTEN", [TCP_CLOSING] = "CLOSING",
};

const char *lab_who_name(enum lab_who who)
{
	return who_names[who];
}

const char *lab_state_name(int state)
{
	if (state < 0 || state >= (int)(sizeof(state_names) / sizeof(*state_names)))
		return "?";
	return state_names[state];
}

enum lab_end lab_end_of(enum lab_who who)
{
	return who >= LAB_CLIENT && who <= LAB_CLIENT3 ? LAB_END_CLIENT : LAB_END_SERVER;
}

const char *lab_end_name(enum lab_end end)
{
	return end == LAB_END_SERVER ? "server" : "client";
}

enum lab_end lab_other_end(enum lab_end end)
{
	return end == LAB_END_CLIENT ? LAB_END_SERVER : LAB_END_CLIENT;
}

uint16_t lab_port_of(const struct lab *lab, enum lab_who who)
{
	if (who >= LAB_CLIENT && who <= LAB_CLIENT3)
		return lab->ends.client_port[who - LAB_CLIENT];
	return who == LAB_SPARE ? 0 : lab->ends.server_port;
}

socklen_t lab_end_address(const struct lab *lab, enum lab_end end, uint16_t port,
			  struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	bool veth = lab->path && lab->path->veth;
	struct sockaddr_storage v4;

	if (!lab->mapped)
		return path_address(veth, lab->family, end, port, addr);
	path_address(veth, AF_INET, end, 0, &v4);
	memset(addr, 0, sizeof(*addr));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memset(&in6->sin6_addr.s6_addr[10], 0xff, 2);
	memcpy(&in6->sin6_addr.s6_addr[12], &((struct sockaddr_in *)&v4)->sin_addr,
	       sizeof(struct in_addr));
	return sizeof(*in6);
}

socklen_t lab_address(const struct lab *lab, uint16_t port, struct sockaddr_storage *addr)
{
	return lab_end_address(lab, LAB_END_SERVER, port, addr);
}

uint64_t lab_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t lab_deadline_us(const struct lab *lab)
{
	return lab_now_us() + LAB_WAIT_US * lab->slow;
}

bool lab_pause(uint64_t deadline_us)
{
	uint64_t now = lab_now_us();
	/* What has not come at once waits for a timer of the kernel: no need to hurry. */
	bool idle = now + LAB_WAIT_US - LAB_BUSY_US > deadline_us;
	const struct timespec pause = { .tv_nsec = idle ? LAB_IDLE_NS : LAB_PAUSE_NS };

	if (now >= deadline_us)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

/*
 * Stays on one processor: loopback and veth have a queue for each, and segments sent from two can
 * overtake each other. An ACK that arrives after the FIN makes TIME_WAIT answer, and that is reset.
 */
static void pin(struct lab *lab)
{
	int wanted = getpid() % CPU_COUNT(&lab->cpus);
	cpu_set_t one;

	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &lab->cpus) && wanted-- == 0)
			CPU_SET(cpu, &one);
	}
	sched_setaffinity(0, sizeof(one), &one);
}

void lab_init(struct lab *lab, int family, unsigned int slow)
{
	struct lab_actor *self = &lab->ends.self;

	memset(lab, 0, sizeof(*lab));
	self->pid = getpid();
	lab->family = family;
	lab->slow = slow ? slow : 1;
	lab->holder_fd = -1;
	for (int i = 0; i < LAB_WHO_COUNT; i++)
		lab->fd[i] = -1;
	prctl(PR_GET_NAME, self->comm);
	for (int i = 0; i < LAB_END_COUNT; i++) {
		lab->ends.actor[i] = *self;
		lab->sniffer[i] = -1;
	}
	lab->pinned = !sched_getaffinity(0, sizeof(lab->cpus), &lab->cpus);
	if (lab->pinned)
		pin(lab);
}

bool lab_step(struct lab *lab, const char *fmt, ...)
{
	size_t used = strlen(lab->story);
	va_list args;

	if (lab->error)
		return false;
	va_start(args, fmt);
	vsnprintf(lab->step, sizeof(lab->step), fmt, args);
	va_end(args);
	snprintf(lab->story + used, sizeof(lab->story) - used, "%s%s", used ? "; " : "", lab->step);
	return true;
}

void lab_fail(struct lab *lab, int err)
{
	if (!lab->error)
		lab->error = err > 0 ? -err : -EIO;
}

void lab_outcome(struct lab *lab, enum lab_who who, int want, int got)
{
	struct lab_errors *errors = &lab->errors;

	if (got && errors->count < LAB_ERRORS) {
		errors->error[errors->count].who = who;
		errors->error[errors->count++].error = got;
	}
	if (got != want)
		lab_fail(lab, got ? got : EPROTO);
}

static void close_rest(struct lab *lab)
{
	for (int i = 0; i < LAB_WHO_COUNT; i++) {
		if (lab->fd[i] >= 0)
			close(lab->fd[i]);
		lab->fd[i] = -1;
	}
	for (int i = 0; i < LAB_END_COUNT; i++) {
		if (lab->sniffer[i] >= 0)
			close(lab->sniffer[i]);
		lab->sniffer[i] = -1;
	}
	if (lab->holder > 0) {
		kill(lab->holder, SIGKILL);
		waitpid(lab->holder, NULL, 0);
		lab->holder = 0;
	}
	if (lab->holder_fd >= 0)
		close(lab->holder_fd);
	lab->holder_fd = -1;
}

int lab_finish(struct lab *lab)
{
	for (int i = LAB_CLIENT; i < LAB_WHO_COUNT; i++) {
		if (lab->fd[i] >= 0 && lab_step(lab, "%s left open", who_names[i]))
			lab_fail(lab, EBUSY);
	}
	close_rest(lab);
	lab_settings_restore(lab);
	if (lab->pinned)
		sched_setaffinity(0, sizeof(lab->cpus), &lab->cpus);
	return lab->error;
}
