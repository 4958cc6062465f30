// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * clock.c - ends connections while it sets the clock, an hour either way: for a guest only
 *
 *   clock --set-the-clock LINES
 *
 * LINES: what closetrace -j writes; it must tell of a step before the next connection is made, as
 * what comes before it is noticed has either time.  Prints for each connection that it resets: its
 * port, and what CLOCK_REALTIME said just before the close and just after it, in ns.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND		1000000000LL
#define CONNECTIONS	5
#define PATIENCE	3000	/* times 20 ms */

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* Waits for so many lines of this type. */
static void await(const char *lines, const char *type, size_t count)
{
	for (int i = 0; i < PATIENCE; i++, usleep(20000)) {
		char *line = NULL;
		size_t room = 0, found = 0;
		FILE *file = fopen(lines, "re");

		while (file && getline(&line, &room, file) > 0)
			found += strstr(line, type) != NULL;
		if (file)
			fclose(file);
		free(line);
		if (found >= count)
			return;
	}
	fprintf(stderr, "%s: not %zu lines of %s\n", lines, count, type);
	exit(1);
}

static void step(long long by)
{
	long long then = now() + by;
	struct timespec time = { .tv_sec = then / SECOND, .tv_nsec = then % SECOND };

	if (clock_settime(CLOCK_REALTIME, &time)) {
		perror("clock_settime");
		exit(1);
	}
}

static void reset_one(int listener, const struct sockaddr_in *server)
{
	const struct linger linger = { .l_onoff = 1 };
	int client = socket(AF_INET, SOCK_STREAM, 0), accepted;
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	long long before, after;

	if (connect(client, (const struct sockaddr *)server, sizeof(*server)) ||
	    getsockname(client, (struct sockaddr *)&address, &size)) {
		perror("connect");
		exit(1);
	}
	accepted = accept(listener, NULL, NULL);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	before = now();
	close(client);
	after = now();
	printf("%u %lld %lld\n", ntohs(address.sin_port), before, after);
	close(accepted);
}

int main(int argc, char **argv)
{
	static const long long steps[] = { 3600 * SECOND, -3600 * SECOND, -3600 * SECOND,
					   3600 * SECOND, SECOND / 20, -SECOND / 20 };
	struct sockaddr_in server = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(server);

	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc != 3 || strcmp(argv[1], "--set-the-clock") ||
	    bind(listener, (struct sockaddr *)&server, size) || listen(listener, 8) ||
	    getsockname(listener, (struct sockaddr *)&server, &size))
		return 2;
	await(argv[2], "\"type\":\"start\"", 1);
	for (size_t i = 0;; i++) {
		for (int j = 0; j < CONNECTIONS; j++)
			reset_one(listener, &server);
		if (i == sizeof(steps) / sizeof(steps[0]))
			return 0;
		step(steps[i]);
		await(argv[2], "\"type\":\"clock\"", i + 1);
	}
}
