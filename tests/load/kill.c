// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* kill.c - a server with many connections dies at once */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

/* Of every second connection something is unread. */
static void serve(int listener, unsigned long count, int ready)
{
	load_name("victim");
	for (unsigned long i = 0; i < count; i++) {
		char first;
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 || recv(fd, &first, 1, MSG_PEEK) != 1)
			load_fail("accept");
		if (first == 'r' && read(fd, &first, 1) != 1)
			load_fail("read");
	}
	if (write(ready, "x", 1) != 1)
		load_fail("write");
	pause();
	_exit(1);
}

static int connected(const struct sockaddr_in *address, const char *say)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const void *)address, sizeof(*address)) ||
	    write(fd, say, 1) != 1)
		load_fail("connect");
	return fd;
}

void load_kill(unsigned long count)
{
	struct sockaddr_in address = { 0 };
	int listener = pair_listen(&address, 1024), ready[2], status;
	char byte;
	pid_t child;

	if (pipe(ready))
		load_fail("pipe");
	child = fork();
	if (child < 0)
		load_fail("fork");
	if (!child)
		serve(listener, count, ready[1]);
	close(listener);
	for (unsigned long i = 0; i < count; i++)
		connected(&address, i % 2 ? "u" : "r");
	if (read(ready[0], &byte, 1) != 1)
		load_fail("the server");
	if (kill(child, SIGKILL) || waitpid(child, &status, 0) != child)
		load_fail("kill");
	printf("victim_pid %d\n", child);
}
