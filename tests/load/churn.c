// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* churn.c - one connection after the other, each ends in the next way; none is left */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

static int listener;
static struct sockaddr_in there;

static void end_both(struct pair pair)
{
	close(pair.server);
	close(pair.client);
}

static void end_orderly(struct pair pair)
{
	end_both(pair);
}

static void end_unread(struct pair pair)
{
	if (write(pair.client, "x", 1) != 1)
		load_fail("write");
	pair_await_data(pair.server);
	end_both(pair);
}

static void end_linger(struct pair pair)
{
	pair_linger0(pair.client);
	close(pair.client);
	close(pair.server);
}

static void end_shut(struct pair pair)
{
	shutdown(pair.client, SHUT_WR);
	shutdown(pair.server, SHUT_WR);
	end_both(pair);
}

/* The server is gone when data comes: FIN_WAIT2 answers with a reset. */
static void end_late(struct pair pair)
{
	close(pair.server);
	(void)!send(pair.client, "x", 1, MSG_NOSIGNAL);
	close(pair.client);
}

static void end_disconnect(struct pair pair)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (connect(pair.client, &none, sizeof(none)))
		load_fail("disconnect");
	end_both(pair);
}

static void end_refused(struct pair pair)
{
	struct sockaddr_in closed = there;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	closed.sin_port = htons(9);
	if (!connect(fd, (void *)&closed, sizeof(closed)) || errno != ECONNREFUSED)
		load_fail("nobody refuses");
	close(fd);
	end_both(pair);
}

/* A queue of one that nobody accepts. */
static void end_queue(struct pair pair)
{
	struct sockaddr_in address = { 0 };
	int other = pair_listen(&address, 1), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (void *)&address, sizeof(address)))
		load_fail("connect");
	close(other);
	close(fd);
	end_both(pair);
}

/*
 * SYN_SENT: the queue of that listener is full, so that nothing answers.  The one that is in it is
 * reset before it is closed: else the reset would meet it in FIN_WAIT1 or, when a delayed ACK came
 * first, as TIME_WAIT, which ends no connection.
 */
static void end_silent(struct pair pair)
{
	struct sockaddr_in address = { 0 };
	int full = pair_listen(&address, 0), fd[3];

	for (int i = 0; i < 3; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(fd[i], (void *)&address, sizeof(address));
	}
	close(fd[2]);
	close(fd[1]);
	close(full);
	close(fd[0]);
	end_both(pair);
}

/* Until it is time for the next; what came too late is made up for. */
static void await_turn(double due)
{
	double left = due - load_seconds();

	if (left > 0.001)
		usleep((useconds_t)(left * 1e6));
}

/* By resets alone: they leave no TIME_WAIT, of which there is room for some thousand a minute. */
void load_pace(unsigned long rate, unsigned long count)
{
	double start = load_seconds();

	load_name("pace");
	listener = pair_listen(&there, 8);
	for (unsigned long i = 0; i < count; i++) {
		await_turn(start + (double)i / (double)rate);
		end_linger(pair_open(listener, &there));
	}
	close(listener);
	printf("connections %lu\nper_second %.0f\n", count,
	       (double)count / (load_seconds() - start));
}

void load_churn(unsigned long count)
{
	static void (*const ways[])(struct pair pair) = {
		end_orderly, end_unread, end_linger, end_shut, end_late,
		end_disconnect, end_refused, end_queue, end_silent,
	};
	double start = load_seconds();

	load_name("churn");
	listener = pair_listen(&there, 8);
	for (unsigned long i = 0; i < count; i++)
		ways[i % (sizeof(ways) / sizeof(ways[0]))](pair_open(listener, &there));
	close(listener);
	printf("connections %lu\nper_second %.0f\n", count,
	       (double)count / (load_seconds() - start));
}
