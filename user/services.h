/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* services.h - names of TCP ports, as getservbyport(3) finds them in /etc/services, without NSS */
#ifndef CLOSETRACE_SERVICES_H
#define CLOSETRACE_SERVICES_H

#include <stdint.h>
#include <stdio.h>

#define SERVICES_NAME	32	/* longest name with its NUL; longer ones stay numbers */

/* Reads a file in the form of services(5); 0 or a negative errno. */
int services_read(FILE *file);
/* Reads /etc/services; without it ports stay numbers. */
void services_learn(void);

/* The name of a port in host byte order; NULL: it has none. */
const char *services_name(uint16_t port);

#endif
