/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rtnetlink: the metric rto_min of the local routes, as "ip route change table local" sets it.
 * tcp_rto_min() takes it only when it is locked. The sysctl tcp_rto_min_us came with 6.11.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "mix_rto.h"

struct request {
	struct nlmsghdr head;
	struct rtmsg route;
	char rest[128];
};

/* Where it is, in bytes from the start. */
static size_t put(struct request *request, unsigned short type, const void *data, size_t n)
{
	const struct rtattr attr = { .rta_len = (unsigned short)RTA_LENGTH(n), .rta_type = type };
	size_t at = NLMSG_ALIGN(request->head.nlmsg_len);

	memcpy((char *)request + at, &attr, sizeof(attr));
	memcpy((char *)request + at + RTA_LENGTH(0), data, n);
	request->head.nlmsg_len = (unsigned int)(at + RTA_ALIGN(attr.rta_len));
	return at;
}

static void put_number(struct request *request, unsigned short type, unsigned int number)
{
	put(request, type, &number, sizeof(number));
}

/* Sends it and takes the kernel's answer: 0 or a negative errno. */
static int ask(const struct request *request)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc = -EPROTO;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512];
	} answer = { 0 };

	if (fd < 0)
		return -errno;
	if (sendto(fd, request, request->head.nlmsg_len, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		rc = -errno;
	else if (answer.head.nlmsg_type == NLMSG_ERROR)
		rc = answer.error.error;
	close(fd);
	return rc;
}

/* A local route of the kernel's own, to an address or to all that begins as it does. */
static struct request local_route(int family, const char *address, unsigned char bits, int type,
				  int flags)
{
	struct request request = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
			.nlmsg_type = (unsigned short)type,
			.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags),
		},
		.route = {
			.rtm_family = (unsigned char)family, .rtm_dst_len = bits,
			.rtm_table = RT_TABLE_LOCAL, .rtm_protocol = RTPROT_KERNEL,
			.rtm_scope = RT_SCOPE_HOST, .rtm_type = RTN_LOCAL,
		},
	};
	unsigned char bytes[sizeof(struct in6_addr)];

	inet_pton(family, address, bytes);
	put(&request, RTA_DST, bytes, family == AF_INET6 ? 16 : 4);
	put_number(&request, RTA_OIF, if_nametoindex("lo"));
	return request;
}

static void put_rto(struct request *request, unsigned int ms)
{
	size_t at = put(request, RTA_METRICS, "", 0);
	unsigned short len;

	put_number(request, RTAX_LOCK, 1u << RTAX_RTO_MIN);
	put_number(request, RTAX_RTO_MIN, ms);
	len = (unsigned short)(request->head.nlmsg_len - at);
	memcpy((char *)request + at, &len, sizeof(len));
}

static int replace4(const char *address, unsigned char bits, unsigned int ms)
{
	const in_addr_t source = htonl(INADDR_LOOPBACK);
	struct request request = local_route(AF_INET, address, bits, RTM_NEWROUTE, NLM_F_REPLACE);

	put(&request, RTA_PREFSRC, &source, sizeof(source));
	put_rto(&request, ms);
	return ask(&request);
}

/* The kernel's own has a metric that nobody else can give: it goes before another one comes. */
static int replace6(unsigned int ms)
{
	struct request request = local_route(AF_INET6, "::1", 128, RTM_DELROUTE, 0);
	int rc = ask(&request);

	if (rc < 0)
		return rc;
	request = local_route(AF_INET6, "::1", 128, RTM_NEWROUTE, NLM_F_CREATE);
	put_rto(&request, ms);
	return ask(&request);
}

/* A probe for a lost tail resends the last segment after two round trips, which is at once here. */
static int without_probes(void)
{
	int fd = open("/proc/sys/net/ipv4/tcp_early_retrans", O_WRONLY | O_CLOEXEC);
	int rc = fd < 0 || write(fd, "0", 1) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

int mix_rto_set(unsigned int ms)
{
	int rc = without_probes();

	if (!rc)
		rc = replace4("127.0.0.1", 32, ms);
	if (!rc)
		rc = replace4("127.0.0.0", 8, ms);
	return rc ? rc : replace6(ms);
}
