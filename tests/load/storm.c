// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* storm.c - a port scan of ourselves, and beside it another process whose acts must not be lost */
#define _GNU_SOURCE
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define BATCH		64
#define CLOSED_PORT	9	/* nobody listens in a new namespace */

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

static uint32_t add(const void *data, size_t size, uint32_t sum)
{
	const uint8_t *byte = data;

	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)(byte[i] << 8 | byte[i + 1]);
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~((sum & 0xffff) + (sum >> 16)));
}

/* The kernel fills in the checksum of the IP header; nobody has the address that it comes from. */
static void make_syn(struct segment *segment, unsigned long number)
{
	uint32_t sum = IPPROTO_TCP + sizeof(segment->tcp);

	*segment = (struct segment){
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(*segment)),
			.saddr = htonl(0x7f010000 | (number >> 12 & 0xffff)),
			.daddr = htonl(INADDR_LOOPBACK) },
		.tcp = { .source = htons((uint16_t)(1024 + (number & 0xfff))),
			 .dest = htons(CLOSED_PORT), .doff = 5, .syn = 1,
			 .window = htons(1024), .seq = htonl((uint32_t)number) },
	};
	sum = add(&segment->ip.saddr, 2 * sizeof(segment->ip.saddr), sum);
	segment->tcp.check = folded(add(&segment->tcp, sizeof(segment->tcp), sum));
}

static void send_batch(int fd, unsigned long first, unsigned long count)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct segment segments[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];

	memset(messages, 0, sizeof(messages));
	for (unsigned long i = 0; i < count; i++) {
		make_syn(&segments[i], first + i);
		parts[i] = (struct iovec){ &segments[i], sizeof(segments[i]) };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &to, .msg_namelen = sizeof(to),
						       .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	for (unsigned long sent = 0; sent < count; ) {
		int rc = sendmmsg(fd, messages + sent, (unsigned int)(count - sent), 0);

		if (rc <= 0)
			load_fail("sendmmsg");
		sent += (unsigned long)rc;
	}
}

static void sleep_for(double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	if (seconds > 0)
		nanosleep(&time, NULL);
}

/* Closes with data that it has not read, spread over the time that the storm is to take. */
static void act_rarely(unsigned long count, double seconds)
{
	struct sockaddr_in address = { 0 };
	int listener = pair_listen(&address, 8);

	load_name("rare");
	for (unsigned long i = 0; i < count; i++) {
		struct pair pair = pair_open(listener, &address);

		if (write(pair.client, "x", 1) != 1)
			load_fail("write");
		pair_await_data(pair.server);
		close(pair.server);
		close(pair.client);
		sleep_for(seconds / (double)count);
	}
	_exit(0);
}

void load_storm(unsigned long segments, unsigned long rate, unsigned long rare)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), status;
	double start = load_seconds(), took;
	pid_t child;

	if (fd < 0)
		load_fail("raw socket");
	child = fork();
	if (child < 0)
		load_fail("fork");
	if (!child)
		act_rarely(rare, rate ? (double)segments / (double)rate : 1);
	for (unsigned long sent = 0; sent < segments; sent += BATCH) {
		unsigned long left = segments - sent;

		send_batch(fd, sent, left < BATCH ? left : BATCH);
		if (rate)
			sleep_for(start + (double)(sent + BATCH) / (double)rate - load_seconds());
	}
	took = load_seconds() - start;
	if (waitpid(child, &status, 0) != child || status)
		load_fail("the process beside the storm");
	printf("rare_pid %d\nsegments %lu\nper_second %.0f\n", child, segments,
	       (double)segments / took);
}
