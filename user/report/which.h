/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* which.h - the one connection that is asked for: by a socket's id, or by its two ends */
#ifndef REPORT_WHICH_H
#define REPORT_WHICH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/record.h"

/* An address and port; IPv4 as ::ffff:a.b.c.d. */
struct which_end {
	uint8_t address[16];
	uint16_t port;		/* host byte order */
};

/* Of two ends one connection among others: ports are used again. */
struct which_life {
	uint64_t run;
	uint64_t socket[2];		/* 0: not known */
	uint64_t first_ns, last_ns;	/* CLOCK_MONOTONIC of that run, both included */
	uint64_t first_wall_ns, last_wall_ns;
};

struct which {
	bool ends;		/* else by id */
	bool nowhere;		/* it was looked for, and there is none */
	uint64_t run, socket;	/* run 0: any */
	struct which_end end[2];	/* in either order */
	struct which_life *life;	/* of these ends; the report's */
	size_t lives;			/* 0: all connections of theirs */
};

/*
 * A socket's id as the key "socket" shows it, or with its run "RUN/SOCKET"; or a line of a log, of
 * ss or of tcpdump that holds two ends: "10.0.0.5:5000-10.0.0.9:40112", "[::1]:80 -> [::1]:4242",
 * "IP 10.0.0.5.5000 > 10.0.0.9.40112:".  0, or -EINVAL.
 */
int which_parse(const char *text, struct which *which);

/* The ends of the connection of a record. */
void which_of(const struct record *record, struct which *which);

/* Whether a record is of this connection, seen from either end; of one asked for by id, its own. */
bool which_takes(const struct which *which, const struct record *record);

#endif
