/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * net.c - the private network, and addresses that name log entries
 *
 * Client N has 127.0.1.N+1 and fd00::1:N+1, its connection C port 10000 + C; server N listens on
 * port 2000 + N. Even servers listen on IPv4 alone, odd ones on both: there an IPv4 client meets
 * a v4-mapped socket.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/ipv6.h>	/* after netinet/in.h, which it then agrees with */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "netns.h"
#include "stress.h"

#define PORT_SERVER	2000u
#define PORT_CLIENT	10000u
#define BACKLOG		128
#define CONNECT_S	5	/* a SYN may be lost when the queue of a CPU overflows */

static struct in6_addr client_address(uint32_t proc, bool v6)
{
	struct in6_addr address = { .s6_addr = { [10] = 0xff, [11] = 0xff, [12] = 127, [14] = 1 } };

	if (v6)
		inet_pton(AF_INET6, "fd00::1:0", &address);
	address.s6_addr[15] = (uint8_t)(proc + 1);
	return address;
}

/* Addresses of lo are used at once: it knows no duplicates. */
static int add_addresses(uint32_t procs)
{
	struct in6_ifreq request = { .ifr6_prefixlen = 128 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0)
		return -errno;
	request.ifr6_ifindex = (int)if_nametoindex("lo");
	for (uint32_t proc = 0; !rc && proc < procs; proc++) {
		request.ifr6_addr = client_address(proc, true);
		if (ioctl(fd, SIOCSIFADDR, &request) < 0)
			rc = -errno;
	}
	close(fd);
	return rc;
}

int net_enter(uint32_t procs)
{
	int rc = netns_enter_private();

	return rc ? rc : add_addresses(procs);
}

/* A socket of the family, an address for it, in *size its length. */
static void fill(struct sockaddr_storage *to, socklen_t *size, const struct in6_addr *address,
		 uint32_t port, int family)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = (sa_family_t)family;
	if (family == AF_INET6) {
		v6->sin6_addr = *address;
		v6->sin6_port = htons((uint16_t)port);
		*size = sizeof(*v6);
	} else {
		memcpy(&v4->sin_addr, &address->s6_addr[12], 4);
		v4->sin_port = htons((uint16_t)port);
		*size = sizeof(*v4);
	}
}

/* flags: of socket(2). */
static int bound(int family, int flags, const struct in6_addr *address, uint32_t port)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), one = 1;
	struct sockaddr_storage at;
	socklen_t size;

	if (fd < 0)
		return -errno;
	fill(&at, &size, address, port, family);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, size) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

int net_listen(uint32_t proc)
{
	int fd = bound(proc % 2 ? AF_INET6 : AF_INET, SOCK_NONBLOCK, &in6addr_any,
		       PORT_SERVER + proc);

	if (fd >= 0 && listen(fd, BACKLOG) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

struct conn *net_connect(struct log *log, uint32_t proc, uint32_t server, bool v6, int *fd)
{
	/* Only odd servers know IPv6; there every fourth client is a v4-mapped one. */
	bool native = v6 && server % 2;
	bool mapped = !native && server % 4 == 3;
	int family = native || mapped ? AF_INET6 : AF_INET;
	struct in6_addr from = client_address(proc, native), to = in6addr_loopback;
	struct timeval limit = { .tv_sec = CONNECT_S };
	struct sockaddr_storage at;
	struct conn *conn;
	socklen_t size;
	uint64_t begin;

	if (log->proc[proc].conns == STRESS_CONNS)
		return NULL;
	*fd = bound(family, 0, &from, PORT_CLIENT + log->proc[proc].conns);
	if (*fd < 0)
		return NULL;
	conn = log_conn(log, proc, log->proc[proc].conns++);
	conn->server = (uint16_t)server;
	conn->used = true;
	if (!native)
		inet_pton(AF_INET6, "::ffff:127.0.0.1", &to);
	fill(&at, &size, &to, PORT_SERVER + server, family);
	setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	begin = log_now();
	conn->established = !connect(*fd, (struct sockaddr *)&at, size);
	log_take(&conn->end[SIDE_CLIENT].hold[0], proc, false, begin);
	return conn;
}

static void read_address(const struct sockaddr_storage *at, struct in6_addr *address,
			 uint16_t *port)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;

	if (at->ss_family == AF_INET6) {
		*address = v6->sin6_addr;
		*port = ntohs(v6->sin6_port);
		return;
	}
	*address = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(&address->s6_addr[12], &v4->sin_addr, 4);
	*port = ntohs(v4->sin_port);
}

/* The entry of a client's address; NULL when it is none. */
static struct conn *conn_of(struct log *log, const struct in6_addr *address, uint16_t port)
{
	uint32_t proc = address->s6_addr[15] - 1u, number = port - PORT_CLIENT;
	struct in6_addr expected;

	if (proc >= log->procs || port < PORT_CLIENT || number >= STRESS_CONNS)
		return NULL;
	expected = client_address(proc, !IN6_IS_ADDR_V4MAPPED(address));
	if (memcmp(&expected, address, sizeof(expected)))
		return NULL;
	return log_conn(log, proc, number);
}

struct conn *net_find(struct log *log, const struct in6_addr *laddr, uint16_t lport,
		      const struct in6_addr *raddr, uint16_t rport, enum side *side)
{
	struct conn *conn = conn_of(log, laddr, lport);
	uint16_t server = rport;

	*side = SIDE_CLIENT;
	if (!conn) {
		conn = conn_of(log, raddr, rport);
		server = lport;
		*side = SIDE_SERVER;
	}
	return conn && conn->used && conn->server + PORT_SERVER == server ? conn : NULL;
}

struct conn *net_accept(struct log *log, int listener, uint32_t proc, bool child, int *fd)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	uint64_t begin = log_now();
	struct in6_addr address;
	struct conn *conn;
	uint16_t port;

	*fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
	if (*fd < 0)
		return NULL;
	read_address(&from, &address, &port);
	conn = conn_of(log, &address, port);
	if (!conn) {
		close(*fd);
		return NULL;
	}
	log_take(&conn->end[SIDE_SERVER].hold[0], proc, child, begin);
	return conn;
}

void net_linger0(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}
