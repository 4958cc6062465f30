// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * chain.c - a server that closes through a chain of calls whose names are known
 *
 *   chain COUNT stay    serves COUNT connections, closing each with a byte unread, and waits
 *   chain COUNT ends    exits at once after the last
 *   chain COUNT jit     calls the last function from code of its own making, which is in no file
 *
 * Prints its pid and its port.  Built without frame pointers, as distributions do.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEP __attribute__((noinline, noclone))

typedef void (*step)(int fd);

/* Each has work left after its call, so that no call is a jump. */
static volatile int after;

STEP static void closes_it(int fd)
{
	close(fd);
	after++;
}

/* push %rbp; mov %rsp,%rbp; call *%rsi; pop %rbp; ret */
static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3 };

/* A runtime's code, with its name where runtimes tell it. */
static void *make_code(void)
{
	unsigned char *made = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[64];
	FILE *map;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	map = fopen(path, "w");
	if (made == MAP_FAILED || !map)
		exit(1);
	memcpy(made, code, sizeof(code));
	fprintf(map, "%lx 8 JS:~made /srv/secret/app\x1b.js:1:2\n", (unsigned long)made);
	fclose(map);
	return made;
}

STEP static void finishes_request(int fd, void *made)
{
	volatile char room[300];

	room[0] = 1;
	if (made)
		((void (*)(int, step))made)(fd, closes_it);
	else
		closes_it(fd);
	after += room[0];
}

STEP static void serves(int listener, void *made)
{
	int fd = accept(listener, NULL, NULL);
	char byte;

	if (fd < 0 || recv(fd, &byte, 1, MSG_PEEK) != 1)
		exit(1);
	finishes_request(fd, made);
	after++;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(address);
	void *made = argc == 3 && !strcmp(argv[2], "jit") ? make_code() : NULL;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc != 3 || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 8) ||
	    getsockname(listener, (struct sockaddr *)&address, &size))
		return 1;
	printf("%d %d\n", getpid(), ntohs(address.sin_port));
	fflush(stdout);
	for (int i = 0; i < atoi(argv[1]); i++)
		serves(listener, made);
	if (strcmp(argv[2], "ends"))
		pause();
	_exit(0);
}
