/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sockets of AF_SMC, each with a TCP socket of the kernel's below it.
 */
#define _GNU_SOURCE
#include <sys/socket.h>

#include "lab.h"
#include "path.h"

#ifndef AF_SMC
#define AF_SMC 43
#endif

/* linux/smc.h: the protocol says which family lies below. */
#define SMC_IPV4 0
#define SMC_IPV6 1

void lab_smc(struct lab *lab, enum lab_who who)
{
	if (!lab_step(lab, "%s SMC socket", lab_who_name(who)))
		return;
	lab->fd[who] = path_socket(lab->path, lab_end_of(who), AF_SMC, SOCK_STREAM | SOCK_NONBLOCK,
				   lab->family == AF_INET6 ? SMC_IPV6 : SMC_IPV4);
	if (lab->fd[who] < 0)
		lab_fail(lab, -lab->fd[who]);
}
