/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Requests to the kernel over netlink, one at a time, each answered with an errno.
 */
#ifndef CLOSELAB_NETLINK_H
#define CLOSELAB_NETLINK_H

#include <stddef.h>
#include <linux/netlink.h>

#define NETLINK_ROOM 512

/* A request that is built piece by piece; what does not fit is not sent, but answered ENOBUFS. */
struct netlink_message {
	struct nlmsghdr head;	/* its length is that of all so far */
	char rest[NETLINK_ROOM];
};

void netlink_begin(struct netlink_message *message, unsigned short type, unsigned short flags);
/* A fixed header. */
void netlink_put(struct netlink_message *message, const void *data, size_t len);
/* An attribute; data NULL: nested ones follow until netlink_end(). */
struct nlattr *netlink_attr(struct netlink_message *message, unsigned short type, const void *data,
			    size_t len);
void netlink_end(struct netlink_message *message, struct nlattr *nest);

/* Sends one that has NLM_F_ACK over a socket of the kernel's protocol: 0 or a negative errno. */
int netlink_ask(int fd, const struct nlmsghdr *request);

#endif
