/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private network namespaces, without any external command: guests have none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "netns.h"

int netns_loopback(bool up)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		rc = -errno;
	request.ifr_flags &= ~IFF_UP;
	request.ifr_flags |= up ? IFF_UP : 0;
	if (!rc && ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		rc = -errno;
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

	return stat("/proc/self/ns/net", &info) < 0 ? 0 : info.st_ino;
}
