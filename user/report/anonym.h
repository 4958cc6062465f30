/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * anonym.h - --anonymize: names in the place of addresses, the same for the same address
 *
 * A name is made of the address and of a secret key, so that nobody can try all addresses; it keeps
 * nothing of the network that the address is in.  It looks like an address that nobody has: IPv4
 * in 240.0.0.0/4, IPv6 in 2001:db8::/32.
 */
#ifndef REPORT_ANONYM_H
#define REPORT_ANONYM_H

#include <stddef.h>
#include <stdint.h>

#include "act.h"

#define ANONYM_KEY	16
#define ANONYM_BOOT	37	/* a UUID and its NUL */

struct anonym {
	uint8_t key[ANONYM_KEY];
};

/* A key for one output only, for a file without one.  0 or a negative errno. */
int anonym_key(struct anonym *anonym);

/* An address of 16 bytes, IPv4 as ::ffff:a.b.c.d, becomes its name. */
void anonym_address(const struct anonym *anonym, uint8_t address[16]);

/* Both ends of an act. */
void anonym_act(const struct anonym *anonym, struct act *act);

/* A host's name often is its address: "host-2f61c03a". */
void anonym_host(const struct anonym *anonym, char *name, size_t size);

/* A boot's id names the host to whoever has its logs; empty ones stay so. */
void anonym_boot(const struct anonym *anonym, char id[ANONYM_BOOT]);

#endif
