/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Namespaces joined by a veth pair, made over rtnetlink.
 *
 * The pair does without ARP and neighbour discovery, its two ends have one MAC address: nothing
 * must be asked for before the first segment, and nothing waits for an answer while the link is
 * down. The kernel announces a change of the carrier at once, not within a second, when the
 * interface numbers of the two ends differ.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include "netlink.h"
#include "netns.h"
#include "path.h"

#define DEVICE "veth"
#define LINK_WAIT_US 10000000u
#define DISCARD 9

static const unsigned char mac[] = { 0x02, 0, 0, 0, 0, 0x01 };
static const int ifindex[LAB_END_COUNT] = { [LAB_END_CLIENT] = 101, [LAB_END_SERVER] = 102 };

static void pause_briefly(void)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	nanosleep(&pause, NULL);
}

int path_enter(const struct path *path, enum lab_end end)
{
	if (!path || !path->veth)
		return 0;
	return setns(path->fd[end], CLONE_NEWNET) < 0 ? -errno : 0;
}

void path_leave(const struct path *path)
{
	path_enter(path, LAB_END_CLIENT);
}

int path_socket(const struct path *path, enum lab_end end, int domain, int type, int protocol)
{
	int fd = path_enter(path, end);

	if (fd < 0)
		return fd;
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		fd = -errno;
	path_leave(path);
	return fd;
}

int path_file(const struct path *path, enum lab_end end, const char *name, int flags)
{
	int fd = path_enter(path, end);

	if (fd < 0)
		return fd;
	fd = open(name, flags | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	path_leave(path);
	return fd;
}

const char *path_device(const struct path *path)
{
	return path && path->veth ? DEVICE : "lo";
}

/* 192.0.2.0/24 is for documentation, fd00::/64 for private use. */
socklen_t path_address(bool veth, int family, enum lab_end end, uint16_t port,
		       struct sockaddr_storage *addr)
{
	static const char *const text[][LAB_END_COUNT] = {
		{ [LAB_END_CLIENT] = "127.0.0.1", [LAB_END_SERVER] = "127.0.0.1" },
		{ [LAB_END_CLIENT] = "192.0.2.1", [LAB_END_SERVER] = "192.0.2.2" },
		{ [LAB_END_CLIENT] = "::1", [LAB_END_SERVER] = "::1" },
		{ [LAB_END_CLIENT] = "fd00::1", [LAB_END_SERVER] = "fd00::2" },
	};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	bool v6 = family == AF_INET6;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = (sa_family_t)family;
	/* Both families keep the port at the same place. */
	in->sin_port = htons(port);
	inet_pton(family, text[v6 * 2 + veth][end],
		  v6 ? (void *)&in6->sin6_addr : (void *)&in->sin_addr);
	return v6 ? sizeof(*in6) : sizeof(*in);
}

static void put_end(struct netlink_message *message, enum lab_end end)
{
	const struct ifinfomsg info = {
		.ifi_index = ifindex[end], .ifi_flags = IFF_NOARP, .ifi_change = IFF_NOARP,
	};

	netlink_put(message, &info, sizeof(info));
	netlink_attr(message, IFLA_IFNAME, DEVICE, sizeof(DEVICE));
	netlink_attr(message, IFLA_ADDRESS, mac, sizeof(mac));
}

static int make_pair(const struct path *path, int rtnl)
{
	struct netlink_message message;
	struct nlattr *info, *data, *peer;

	netlink_begin(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put_end(&message, LAB_END_CLIENT);
	info = netlink_attr(&message, IFLA_LINKINFO, NULL, 0);
	netlink_attr(&message, IFLA_INFO_KIND, "veth", strlen("veth"));
	data = netlink_attr(&message, IFLA_INFO_DATA, NULL, 0);
	peer = netlink_attr(&message, VETH_INFO_PEER, NULL, 0);
	put_end(&message, LAB_END_SERVER);
	netlink_attr(&message, IFLA_NET_NS_FD, &path->fd[LAB_END_SERVER], sizeof(int));
	netlink_end(&message, peer);
	netlink_end(&message, data);
	netlink_end(&message, info);
	return netlink_ask(rtnl, &message.head);
}

/* Gives an end an address; that it has it already is no error. */
static int add_address(int rtnl, enum lab_end end, int family)
{
	const struct ifaddrmsg head = {
		.ifa_family = (unsigned char)family,
		.ifa_prefixlen = family == AF_INET6 ? 64 : 24,
		.ifa_flags = IFA_F_NODAD,
		.ifa_index = (unsigned int)ifindex[end],
	};
	struct netlink_message message;
	struct sockaddr_storage addr;
	const void *bytes = &((struct sockaddr_in *)&addr)->sin_addr;
	size_t len = sizeof(struct in_addr);
	int rc;

	path_address(true, family, end, 0, &addr);
	if (family == AF_INET6) {
		bytes = &((struct sockaddr_in6 *)&addr)->sin6_addr;
		len = sizeof(struct in6_addr);
	}
	netlink_begin(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	netlink_put(&message, &head, sizeof(head));
	netlink_attr(&message, IFA_LOCAL, bytes, len);
	netlink_attr(&message, IFA_ADDRESS, bytes, len);
	rc = netlink_ask(rtnl, &message.head);
	return rc == -EEXIST ? 0 : rc;
}

/* IPv6 loses its addresses when the interface goes down, IPv4 does not. */
static int bring_up(int rtnl, enum lab_end end)
{
	int rc = netns_set_flag(rtnl, DEVICE, IFF_UP, true);

	if (!rc)
		rc = add_address(rtnl, end, AF_INET);
	return rc ? rc : add_address(rtnl, end, AF_INET6);
}

/*
 * The kernel starts and stops an interface's queue some time after the carrier has changed; till
 * then it may still send, or not yet. Setting a flag that does not change is a barrier: it waits
 * for the lock that the kernel holds meanwhile. The end itself must be up.
 */
static int await_carrier(int rtnl, bool carrier)
{
	uint64_t deadline = lab_now_us() + LINK_WAIT_US;

	while (netns_running(rtnl, DEVICE) != carrier) {
		if (lab_now_us() >= deadline)
			return -ETIMEDOUT;
		pause_briefly();
	}
	return netns_set_flag(rtnl, DEVICE, IFF_UP, true);
}

/* A socket of UDP at each end, to port 9 (discard) of the other one. */
static int open_discard(const struct path *path, enum lab_end end)
{
	struct sockaddr_storage own, other;
	socklen_t len = path_address(true, AF_INET, end, DISCARD, &own);
	int fd = path_socket(path, end, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int rc = 0;

	if (fd < 0)
		return fd;
	path_address(true, AF_INET, lab_other_end(end), DISCARD, &other);
	if (bind(fd, (struct sockaddr *)&own, len) < 0 ||
	    connect(fd, (struct sockaddr *)&other, len) < 0)
		rc = -errno;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

/* An interface whose state is not known yet passes for running: what arrives tells better. */
static int await_traffic(const struct path *path)
{
	uint64_t deadline = lab_now_us() + LINK_WAIT_US;
	int fd[LAB_END_COUNT] = { -1, -1 }, rc = 0;
	char byte = 0;

	for (int i = 0; i < LAB_END_COUNT && !rc; i++) {
		fd[i] = open_discard(path, i);
		rc = fd[i] < 0 ? fd[i] : 0;
	}
	for (int i = 0; i < LAB_END_COUNT && !rc; i++) {
		/* One may still be refused, or be lost, while the other end has no carrier. */
		while (send(fd[i], &byte, 1, 0) < 0 ||
		       recv(fd[lab_other_end(i)], &byte, 1, 0) < 0) {
			rc = lab_now_us() >= deadline ? -ETIMEDOUT : 0;
			if (rc)
				break;
			pause_briefly();
		}
	}
	for (int i = 0; i < LAB_END_COUNT; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
	}
	return rc;
}

static int change_veth(const struct path *path, const int *rtnl, enum lab_end end, bool up)
{
	int rc = up ? bring_up(rtnl[end], end) :
		      netns_set_flag(rtnl[end], DEVICE, IFF_UP, false);

	if (!rc && up)
		rc = await_traffic(path);
	if (!rc && up)
		rc = await_carrier(rtnl[end], true);
	return rc ? rc : await_carrier(rtnl[lab_other_end(end)], up);
}

int path_link(const struct path *path, enum lab_end end, bool up)
{
	int fd[LAB_END_COUNT] = { -1, -1 }, rc = 0;

	/* In a namespace that is not private the link belongs to others. */
	if (!path)
		return -EOPNOTSUPP;
	for (int i = 0; i < LAB_END_COUNT && !rc; i++) {
		fd[i] = path_socket(path, i, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
		rc = fd[i] < 0 ? fd[i] : 0;
	}
	if (!rc)
		rc = path->veth ? change_veth(path, fd, end, up) :
				  netns_set_flag(fd[end], "lo", IFF_UP, up);
	for (int i = 0; i < LAB_END_COUNT; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
	}
	return rc;
}

int path_ask_neighbours(const struct path *path, enum lab_end end)
{
	int fd, rc;

	if (!path || !path->veth)
		return -EOPNOTSUPP;
	fd = path_socket(path, end, AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return fd;
	rc = netns_set_flag(fd, DEVICE, IFF_NOARP, false);
	close(fd);
	return rc;
}

/* Ports of its own for the server, so that a port tells the end. */
static int part_ports(const struct path *path)
{
	static const char range[] = "16384 32767";
	static const char name[] = "/proc/sys/net/ipv4/ip_local_port_range";
	int fd = path_file(path, LAB_END_SERVER, name, O_WRONLY);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (write(fd, range, strlen(range)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static int join(const struct path *path)
{
	int rtnl = path_socket(path, LAB_END_CLIENT, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	int rc;

	if (rtnl < 0)
		return rtnl;
	rc = make_pair(path, rtnl);
	if (!rc)
		rc = bring_up(rtnl, LAB_END_CLIENT);
	close(rtnl);
	if (!rc)
		rc = path_link(path, LAB_END_SERVER, true);
	return rc ? rc : part_ports(path);
}

static int add_namespace(struct path *path, enum lab_end end)
{
	int rc = netns_enter_private();

	if (rc < 0)
		return rc;
	path->inode[end] = netns_inode();
	path->fd[end] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return path->fd[end] < 0 ? -errno : 0;
}

int path_open(struct path *path, bool veth)
{
	int rc = 0;

	*path = (struct path)PATH_NONE;
	path->veth = veth;
	if (veth)
		rc = add_namespace(path, LAB_END_SERVER);
	if (!rc)
		rc = add_namespace(path, LAB_END_CLIENT);
	if (!veth)
		path->inode[LAB_END_SERVER] = path->inode[LAB_END_CLIENT];
	else if (!rc)
		rc = join(path);
	if (rc < 0)
		path_close(path);
	return rc;
}

void path_abandon_server(struct path *path)
{
	if (path->fd[LAB_END_SERVER] >= 0)
		close(path->fd[LAB_END_SERVER]);
	path->fd[LAB_END_SERVER] = -1;
	path->left_us = lab_now_us();
}

bool path_server_gone(struct path *path)
{
	int fd = path_socket(path, LAB_END_CLIENT, AF_INET, SOCK_DGRAM, 0);
	bool gone = fd >= 0 && !netns_ifindex(fd, path_device(path));

	if (fd >= 0)
		close(fd);
	return gone;
}

void path_close(struct path *path)
{
	path_abandon_server(path);
	if (path->fd[LAB_END_CLIENT] >= 0)
		close(path->fd[LAB_END_CLIENT]);
	path->fd[LAB_END_CLIENT] = -1;
}
