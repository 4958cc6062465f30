/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * MPTCP: what a forged subflow must know, and say; real ones, of a path manager in user space.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>

#include "lab.h"
#include "netlink.h"
#include "path.h"

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

/* The option's head of RFC 8684, 3.2: MP_JOIN of a SYN, and of the ACK that follows. */
#define MPTCP 30
#define JOIN 0x10
#define JOIN_SYN 12
#define JOIN_ACK 24

uint32_t lab_mptcp_token(struct lab *lab, enum lab_who who)
{
	struct mptcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (!lab_step(lab, "%s MPTCP token", lab_who_name(who)))
		return 0;
	if (getsockopt(lab->fd[who], SOL_MPTCP, MPTCP_INFO, &info, &len) < 0)
		lab_fail(lab, errno);
	return info.mptcpi_token;
}

void lab_join_syn(struct lab *lab, enum lab_who from, uint32_t token, uint32_t seq)
{
	uint8_t option[JOIN_SYN] = { MPTCP, sizeof(option), JOIN, 1 };
	uint32_t wire = htonl(token);

	memcpy(option + 4, &wire, sizeof(wire));
	lab_forge_with(lab, from, LAB_LISTENER, TH_SYN, seq, 0,
		       &(struct lab_rest){ .option = option, .options = sizeof(option) });
}

void lab_join_ack(struct lab *lab, enum lab_who from, uint32_t seq, uint32_t ack)
{
	const uint8_t option[JOIN_ACK] = { MPTCP, sizeof(option), JOIN };

	lab_forge_with(lab, from, LAB_LISTENER, TH_ACK, seq, ack,
		       &(struct lab_rest){ .option = option, .options = sizeof(option) });
}

/* The number of the path manager's family; 0: there is none. */
static uint16_t find_family(int fd)
{
	const struct genlmsghdr command = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	struct netlink_message message;
	char *at = (char *)&message + NLMSG_HDRLEN + GENL_HDRLEN, *end;
	ssize_t got;

	netlink_begin(&message, GENL_ID_CTRL, 0);
	message.head.nlmsg_flags &= (__u16)~NLM_F_ACK;
	netlink_put(&message, &command, sizeof(command));
	netlink_attr(&message, CTRL_ATTR_FAMILY_NAME, MPTCP_PM_NAME, sizeof(MPTCP_PM_NAME));
	if (send(fd, &message, message.head.nlmsg_len, 0) < 0)
		return 0;
	got = recv(fd, &message, sizeof(message), 0);
	for (end = (char *)&message + got; at + NLA_HDRLEN + sizeof(uint16_t) <= end;) {
		struct nlattr *attr = (struct nlattr *)at;

		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(uint16_t *)(at + NLA_HDRLEN);
		if (attr->nla_len < NLA_HDRLEN)
			break;
		at += NLA_ALIGN(attr->nla_len);
	}
	return 0;
}

/* An end of the subflow, with the id 1 where that is ours. */
static void put_end(const struct lab *lab, struct netlink_message *message, uint16_t type,
		    enum lab_end end, uint16_t port)
{
	struct nlattr *nest = netlink_attr(message, type | NLA_F_NESTED, NULL, 0);
	uint16_t family = (uint16_t)lab->family;
	struct sockaddr_storage addr;
	const uint8_t id = 1;

	lab_end_address(lab, end, 0, &addr);
	netlink_attr(message, MPTCP_PM_ADDR_ATTR_FAMILY, &family, sizeof(family));
	if (family == AF_INET6)
		netlink_attr(message, MPTCP_PM_ADDR_ATTR_ADDR6,
			     &((struct sockaddr_in6 *)&addr)->sin6_addr, sizeof(struct in6_addr));
	else
		netlink_attr(message, MPTCP_PM_ADDR_ATTR_ADDR4,
			     &((struct sockaddr_in *)&addr)->sin_addr, sizeof(struct in_addr));
	netlink_attr(message, MPTCP_PM_ADDR_ATTR_PORT, &port, sizeof(port));
	if (end == LAB_END_CLIENT)
		netlink_attr(message, MPTCP_PM_ADDR_ATTR_ID, &id, sizeof(id));
	netlink_end(message, nest);
}

static int ask(const struct lab *lab, uint8_t command, uint32_t token)
{
	const struct genlmsghdr head = { .cmd = command, .version = MPTCP_PM_VER };
	int fd = path_socket(lab->path, LAB_END_CLIENT, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	struct netlink_message message;
	uint16_t family = fd < 0 ? 0 : find_family(fd);
	int rc = fd < 0 ? fd : -ENOENT;

	if (family) {
		netlink_begin(&message, family, 0);
		netlink_put(&message, &head, sizeof(head));
		netlink_attr(&message, MPTCP_PM_ATTR_TOKEN, &token, sizeof(token));
		put_end(lab, &message, MPTCP_PM_ATTR_ADDR, LAB_END_CLIENT,
			lab_port_of(lab, LAB_CLIENT2));
		put_end(lab, &message, MPTCP_PM_ATTR_ADDR_REMOTE, LAB_END_SERVER,
			lab_port_of(lab, LAB_SERVER));
		rc = netlink_ask(fd, &message.head);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

void lab_subflow_add(struct lab *lab)
{
	uint64_t deadline = lab_deadline_us(lab);
	uint32_t token = lab_mptcp_token(lab, LAB_CLIENT);
	int rc;

	/* The kernel's socket will take this port. */
	lab_bind(lab, LAB_CLIENT2, 0);
	lab_close(lab, LAB_CLIENT2);
	if (!lab_step(lab, "a second subflow"))
		return;
	/* Until both ends know that the connection is one of MPTCP. */
	do
		rc = ask(lab, MPTCP_PM_CMD_SUBFLOW_CREATE, token);
	while (rc == -ENOTCONN && lab_pause(deadline));
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_subflow_remove(struct lab *lab)
{
	uint32_t token = lab_mptcp_token(lab, LAB_CLIENT);
	int rc;

	if (!lab_step(lab, "the second subflow is removed"))
		return;
	rc = ask(lab, MPTCP_PM_CMD_SUBFLOW_DESTROY, token);
	if (rc < 0)
		lab_fail(lab, -rc);
}
