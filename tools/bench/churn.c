// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "churn.h"
#include "netns.h"

#define THREADS		64
#define PORT		7000
#define IDLE_US		500

/* A cache line each: the threads must not wait for each other. */
struct lane {
	_Atomic uint64_t count;
	_Atomic bool busy;
} __attribute__((aligned(64)));

struct churn {
	pid_t pid;
	unsigned int threads;
	_Atomic int way;		/* enum churn_way; -1: pause */
	_Atomic unsigned int rate;	/* of one thread; 0: no limit */
	_Atomic int ready;		/* 1: all listen; negative: the errno of what cannot be */
	struct lane lane[THREADS];
};

struct worker {
	struct churn *churn;
	unsigned int number;
	int cpu;
	int listener;
	struct sockaddr_in server;
};

static const char *const names[CHURN_WAYS] = { "fin", "unread", "linger0" };

const char *churn_name(enum churn_way way)
{
	return names[way];
}

static bool set_sysctl(const char *path, const char *value)
{
	FILE *file = fopen(path, "we");
	bool done = file && fputs(value, file) >= 0;

	return file && !fclose(file) && done;
}

/*
 * Without TIME_WAIT: at these rates its sockets would take every port and all memory in a second,
 * and the count would be about them.
 */
static int enter(void)
{
	int rc = netns_enter_private();

	if (rc)
		return rc;
	if (!set_sysctl("/proc/sys/net/ipv4/tcp_max_tw_buckets", "0") ||
	    !set_sysctl("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535"))
		return -errno;
	return 0;
}

static int listen_on(struct worker *worker)
{
	worker->server = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + worker->number),
	};
	worker->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (worker->listener < 0 ||
	    bind(worker->listener, (struct sockaddr *)&worker->server, sizeof(worker->server)) ||
	    listen(worker->listener, 64))
		return -errno;
	return 0;
}

static void end_both(enum churn_way way, int client, int server)
{
	const struct linger linger = { .l_onoff = 1 };

	if (way == CHURN_UNREAD && write(server, "", 1) != 1)
		return;
	if (way == CHURN_LINGER0)
		setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static bool one(struct worker *worker, enum churn_way way)
{
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), server = -1;

	if (client >= 0 &&
	    !connect(client, (struct sockaddr *)&worker->server, sizeof(worker->server)))
		server = accept4(worker->listener, NULL, NULL, SOCK_CLOEXEC);
	if (server >= 0)
		end_both(way, client, server);
	if (client >= 0)
		close(client);
	if (server >= 0)
		close(server);
	return server >= 0;
}

/* Sleeps until the next connection is due. */
static void keep_rate(unsigned int rate, uint64_t *due_ns)
{
	uint64_t now = bench_now(), step = 1000000000 / rate;

	/* After a pause, or where the rate cannot be reached: from now on. */
	if (*due_ns + 100 * step < now)
		*due_ns = now;
	*due_ns += step;
	if (*due_ns > now + 100000)
		usleep((unsigned int)((*due_ns - now) / 1000));
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct churn *churn = worker->churn;
	struct lane *lane = &churn->lane[worker->number];
	uint64_t due_ns = 0;

	for (;;) {
		int way = atomic_load_explicit(&churn->way, memory_order_relaxed);
		unsigned int rate = atomic_load_explicit(&churn->rate, memory_order_relaxed);

		atomic_store(&lane->busy, way >= 0);
		if (way < 0 || atomic_load(&churn->way) != way) {
			usleep(way < 0 ? IDLE_US : 0);
			continue;
		}
		if (rate)
			keep_rate(rate, &due_ns);
		if (one(worker, way))
			atomic_fetch_add_explicit(&lane->count, 1, memory_order_relaxed);
	}
	return NULL;
}

/* One thread a CPU that we may use. */
static int begin_threads(struct churn *churn)
{
	cpu_set_t all, one;
	unsigned int number = 0;

	sched_getaffinity(0, sizeof(all), &all);
	for (int cpu = 0; cpu < CPU_SETSIZE && number < churn->threads; cpu++) {
		struct worker *worker = calloc(1, sizeof(*worker));
		pthread_t thread;
		int rc;

		if (!CPU_ISSET(cpu, &all))
			continue;
		if (!worker)
			return -ENOMEM;
		*worker = (struct worker){ .churn = churn, .number = number++, .cpu = cpu };
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		rc = listen_on(worker) ?: -pthread_create(&thread, NULL, work, worker);
		rc = rc ?: -pthread_setaffinity_np(thread, sizeof(one), &one);
		if (rc)
			return rc;
	}
	return 0;
}

_Noreturn static void run(struct churn *churn)
{
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "churn");
	rc = enter() ?: begin_threads(churn);
	atomic_store(&churn->ready, rc ?: 1);
	if (rc)
		_exit(1);
	for (;;)
		pause();
}

static unsigned int cpus(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	return CPU_COUNT(&set) < THREADS ? (unsigned int)CPU_COUNT(&set) : THREADS;
}

struct churn *churn_start(void)
{
	struct churn *churn = mmap(NULL, sizeof(*churn), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (churn == MAP_FAILED)
		return NULL;
	churn->way = -1;
	churn->threads = cpus();
	/* Shared memory is no place for what fork() returns twice. */
	pid = fork();
	if (!pid)
		run(churn);
	churn->pid = pid;
	while (pid > 0 && !atomic_load(&churn->ready))
		usleep(IDLE_US);
	if (pid > 0 && churn->ready > 0)
		return churn;
	errno = pid < 0 ? errno : -churn->ready;
	churn_stop(churn);
	return NULL;
}

void churn_go(struct churn *churn, enum churn_way way, unsigned int rate)
{
	unsigned int each = rate / churn->threads;

	atomic_store(&churn->rate, rate && !each ? 1 : each);
	atomic_store(&churn->way, (int)way);
}

void churn_pause(struct churn *churn)
{
	atomic_store(&churn->way, -1);
	for (unsigned int i = 0; i < churn->threads; i++) {
		while (atomic_load(&churn->lane[i].busy))
			usleep(IDLE_US);
	}
}

uint64_t churn_count(const struct churn *churn)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < churn->threads; i++)
		count += atomic_load_explicit(&churn->lane[i].count, memory_order_relaxed);
	return count;
}

double churn_rate(const struct churn *churn, double seconds)
{
	uint64_t begin = bench_now(), before = churn_count(churn);

	bench_sleep(seconds);
	return (double)(churn_count(churn) - before) * 1e9 / (double)(bench_now() - begin);
}

unsigned int churn_threads(const struct churn *churn)
{
	return churn->threads;
}

pid_t churn_pid(const struct churn *churn)
{
	return churn->pid;
}

void churn_stop(struct churn *churn)
{
	int error = errno;

	if (churn->pid > 0) {
		kill(churn->pid, SIGKILL);
		waitpid(churn->pid, NULL, 0);
	}
	munmap(churn, sizeof(*churn));
	errno = error;
}
