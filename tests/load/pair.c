// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pair.c - connections with both ends in this process */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

int pair_listen(struct sockaddr_in *address, int backlog)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)address, size) || listen(fd, backlog) ||
	    getsockname(fd, (struct sockaddr *)address, &size))
		load_fail("listen");
	return fd;
}

struct pair pair_open(int listener, const struct sockaddr_in *address)
{
	struct pair pair = { .client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	int on = 1;

	/* Ports of TIME_WAIT are used again: there are fewer of them than connections. */
	setsockopt(pair.client, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (pair.client < 0 || connect(pair.client, (const void *)address, sizeof(*address)))
		load_fail("connect");
	pair.server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (pair.server < 0)
		load_fail("accept");
	return pair;
}

void pair_await_data(int fd)
{
	char byte;

	if (recv(fd, &byte, 1, MSG_PEEK) != 1)
		load_fail("no data");
}

void pair_linger0(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		load_fail("SO_LINGER");
}
