/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private network namespaces and the interfaces in them.
 */
#ifndef CLOSELAB_NETNS_H
#define CLOSELAB_NETNS_H

#include <stdbool.h>
#include <stdint.h>

/* Moves this process into a new one, its loopback up; 0 or a negative errno. */
int netns_enter_private(void);
/* A descriptor of the one that this process was in at first; -1 when it never left it. */
int netns_origin(void);
/* Takes lo up or down in the current one; 0 or a negative errno. */
int netns_loopback(bool up);
/* The inode number of the current one, as closetrace prints it; 0 when it cannot be told. */
uint64_t netns_inode(void);

/* An interface of the namespace that a socket belongs to; IFF_UP, …: 0 or a negative errno. */
int netns_set_flag(int fd, const char *device, short flag, bool on);
/* Whether it is up and has a carrier. */
bool netns_running(int fd, const char *device);
/* Its number; 0 when there is no such interface. */
int netns_ifindex(int fd, const char *device);

#endif
