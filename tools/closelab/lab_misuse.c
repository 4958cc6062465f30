/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * connect() that fails before a SYN.
 */
#include <errno.h>
#include <arpa/inet.h>

#include "lab.h"

static void connect_to(struct lab *lab, enum lab_who who, const struct sockaddr_storage *addr,
		       socklen_t len, int err)
{
	int rc = connect(lab->fd[who], (const struct sockaddr *)addr, len);

	lab_outcome(lab, who, err, rc < 0 ? errno : 0);
}

void lab_connect_short(struct lab *lab, enum lab_who who)
{
	struct sockaddr_storage addr;

	lab_address(lab, lab->ends.server_port, &addr);
	lab_socket(lab, who);
	if (lab_step(lab, "%s connect to an address cut short", lab_who_name(who)))
		connect_to(lab, who, &addr, sizeof(addr.ss_family) + sizeof(in_port_t), EINVAL);
}

/* RFC 5737 and RFC 3849: addresses that nobody has; a namespace with lo alone has no route. */
void lab_connect_unreachable(struct lab *lab, enum lab_who who)
{
	struct sockaddr_storage addr;
	socklen_t len = lab_address(lab, lab->ends.server_port, &addr);

	if (lab->family == AF_INET6)
		inet_pton(AF_INET6, "2001:db8::1", &((struct sockaddr_in6 *)&addr)->sin6_addr);
	else
		inet_pton(AF_INET, "192.0.2.1", &((struct sockaddr_in *)&addr)->sin_addr);
	lab_socket(lab, who);
	if (lab_step(lab, "%s connect to where no route leads", lab_who_name(who)))
		connect_to(lab, who, &addr, len, ENETUNREACH);
}
