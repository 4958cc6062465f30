/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SOCK_DESTROY, as ss -K sends it: a request of NETLINK_SOCK_DIAG that names one socket. It needs
 * CAP_NET_ADMIN, CONFIG_INET_DIAG_DESTROY and the module tcp_diag, which the kernel loads itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "lab.h"

struct request {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

static void put_loopback(int family, __be32 *addr)
{
	if (family == AF_INET6)
		addr[3] = htonl(1);
	else
		addr[0] = htonl(INADDR_LOOPBACK);
}

/* The kernel's answer to one request: 0 or a negative errno. */
static int ask(int fd, const struct request *request)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512];
	} answer = { 0 };

	if (sendto(fd, request, sizeof(*request), 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.head))
		return -errno;
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
}

/* remote 0: a listener. */
static int destroy(int family, uint16_t local, uint16_t remote)
{
	struct request request = {
		.head = {
			.nlmsg_len = sizeof(request), .nlmsg_type = SOCK_DESTROY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.body = {
			.sdiag_family = (__u8)family, .sdiag_protocol = IPPROTO_TCP,
			.id = {
				.idiag_sport = htons(local), .idiag_dport = htons(remote),
				.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
			},
		},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int rc;

	if (fd < 0)
		return -errno;
	put_loopback(family, request.body.id.idiag_src);
	if (remote)
		put_loopback(family, request.body.id.idiag_dst);
	rc = ask(fd, &request);
	close(fd);
	return rc;
}

/* No such entry: also while the module is being loaded for somebody else. */
static int destroy_patiently(struct lab *lab, uint16_t local, uint16_t remote)
{
	uint64_t deadline = lab_deadline_us(lab);
	int rc;

	do
		rc = destroy(lab->family, local, remote);
	while (rc == -ENOENT && lab_pause(deadline));
	return rc;
}

void lab_destroy_or(struct lab *lab, enum lab_who local, enum lab_who remote, int err)
{
	int rc;

	if (!lab_step(lab, "SOCK_DESTROY of the %s", lab_who_name(local)))
		return;
	rc = destroy_patiently(lab, lab_port_of(lab, local), lab_port_of(lab, remote));
	if (rc < 0 && rc != -err)
		lab_fail(lab, -rc);
}

void lab_destroy(struct lab *lab, enum lab_who local, enum lab_who remote)
{
	lab_destroy_or(lab, local, remote, 0);
}

void lab_destroy_listener(struct lab *lab)
{
	int rc;

	if (!lab_step(lab, "SOCK_DESTROY of the listener"))
		return;
	rc = destroy_patiently(lab, lab_port_of(lab, LAB_LISTENER), 0);
	if (rc < 0)
		lab_fail(lab, -rc);
}
