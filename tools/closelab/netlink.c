/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

void netlink_begin(struct netlink_message *message, unsigned short type, unsigned short flags)
{
	memset(message, 0, sizeof(*message));
	message->head.nlmsg_len = sizeof(message->head);
	message->head.nlmsg_type = type;
	message->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

/* Room at the end, aligned; NULL when there is none left, then the message can only fail. */
static void *take(struct netlink_message *message, size_t len)
{
	size_t at = NLMSG_ALIGN(message->head.nlmsg_len);

	if (at + len > sizeof(*message)) {
		message->head.nlmsg_len = sizeof(*message) + 1;
		return NULL;
	}
	message->head.nlmsg_len = (__u32)(at + len);
	return (char *)message + at;
}

void netlink_put(struct netlink_message *message, const void *data, size_t len)
{
	void *room = take(message, len);

	if (room)
		memcpy(room, data, len);
}

struct nlattr *netlink_attr(struct netlink_message *message, unsigned short type, const void *data,
			    size_t len)
{
	struct nlattr *attr = take(message, NLA_HDRLEN + len);

	if (!attr)
		return NULL;
	attr->nla_type = type;
	attr->nla_len = (__u16)(NLA_HDRLEN + len);
	if (len)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
	return attr;
}

void netlink_end(struct netlink_message *message, struct nlattr *nest)
{
	if (nest)
		nest->nla_len = (__u16)((char *)message + message->head.nlmsg_len - (char *)nest);
}

int netlink_ask(int fd, const struct nlmsghdr *request)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[NETLINK_ROOM];
	} answer = { 0 };

	if (request->nlmsg_len > sizeof(struct netlink_message))
		return -ENOBUFS;
	if (sendto(fd, request, request->nlmsg_len, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.head))
		return -errno;
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
}
