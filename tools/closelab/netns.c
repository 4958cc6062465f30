/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private network namespaces, without any external command: guests have none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "netns.h"

static struct ifreq request_for(const char *device)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	return request;
}

int netns_set_flag(int fd, const char *device, short flag, bool on)
{
	struct ifreq request = request_for(device);

	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	request.ifr_flags = (short)(on ? request.ifr_flags | flag : request.ifr_flags & ~flag);
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

bool netns_running(int fd, const char *device)
{
	struct ifreq request = request_for(device);

	return !ioctl(fd, SIOCGIFFLAGS, &request) && request.ifr_flags & IFF_UP &&
	       request.ifr_flags & IFF_RUNNING;
}

int netns_ifindex(int fd, const char *device)
{
	struct ifreq request = request_for(device);

	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

int netns_loopback(bool up)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	rc = netns_set_flag(fd, "lo", IFF_UP, up);
	close(fd);
	return rc;
}

static int origin_fd = -1;

int netns_origin(void)
{
	return origin_fd;
}

int netns_enter_private(void)
{
	if (origin_fd < 0)
		origin_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	return netns_loopback(true);
}

uint64_t netns_inode(void)
{
	struct stat info;

	return stat("/proc/thread-self/ns/net", &info) < 0 ? 0 : info.st_ino;
}
