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
#include "netlink.h"
#include "path.h"

static void put_address(const struct lab *lab, enum lab_who who, __be32 *into)
{
	struct sockaddr_storage addr;

	lab_end_address(lab, lab_end_of(who), 0, &addr);
	if (lab->family == AF_INET6)
		memcpy(into, &((struct sockaddr_in6 *)&addr)->sin6_addr, sizeof(struct in6_addr));
	else
		memcpy(into, &((struct sockaddr_in *)&addr)->sin_addr, sizeof(struct in_addr));
}

/* A listener has no remote end: then that is itself. The kernel's answer, 0 or a negative errno. */
static int destroy(const struct lab *lab, enum lab_who local, enum lab_who remote)
{
	struct inet_diag_req_v2 body = {
		.sdiag_family = (__u8)lab->family, .sdiag_protocol = IPPROTO_TCP,
		.id = {
			.idiag_sport = htons(lab_port_of(lab, local)),
			.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
		},
	};
	int fd = path_socket(lab->path, lab_end_of(local), AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	struct netlink_message request;
	int rc;

	if (fd < 0)
		return fd;
	put_address(lab, local, body.id.idiag_src);
	if (remote != local) {
		body.id.idiag_dport = htons(lab_port_of(lab, remote));
		put_address(lab, remote, body.id.idiag_dst);
	}
	netlink_begin(&request, SOCK_DESTROY, 0);
	netlink_put(&request, &body, sizeof(body));
	rc = netlink_ask(fd, &request.head);
	close(fd);
	return rc;
}

/* No such entry: also while the module is being loaded for somebody else. */
static int destroy_patiently(struct lab *lab, enum lab_who local, enum lab_who remote)
{
	uint64_t deadline = lab_deadline_us(lab);
	int rc;

	do
		rc = destroy(lab, local, remote);
	while (rc == -ENOENT && lab_pause(deadline));
	return rc;
}

void lab_destroy_or(struct lab *lab, enum lab_who local, enum lab_who remote, int err)
{
	int rc;

	if (!lab_step(lab, "SOCK_DESTROY of the %s", lab_who_name(local)))
		return;
	rc = destroy_patiently(lab, local, remote);
	lab_outcome(lab, local, rc == -err ? err : 0, -rc);
}

void lab_destroy(struct lab *lab, enum lab_who local, enum lab_who remote)
{
	lab_destroy_or(lab, local, remote, 0);
}

void lab_destroy_listener(struct lab *lab)
{
	lab_destroy(lab, LAB_LISTENER, LAB_LISTENER);
}
