/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fixture.h - acts as the kernel tells them, with the verdict they must get: fixtures.def */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include <stddef.h>

#include "act.h"

/* The values of a record on which facts are derived; all that is not given is 0. */
struct fixture_values {
	uint8_t state;
	uint8_t shutdown;
	int32_t err;
	int32_t err_soft;
	uint32_t unread;
	uint32_t unsent;
	uint32_t unacked;
	int32_t syscall;	/* 0: not known; that is read(2), which reads says */
	bool reads;
	int32_t linger2;
	uint32_t packets_out;
	uint32_t user_timeout_ms;
	bool window_shut;	/* of the peer; in SYN_SENT none is known yet */
	const char *reason;	/* name; NULL: not known */
	uint32_t unknown;	/* of enum record_known: what this record lacks */
};

struct fixture {
	const char *name;
	const char *slug;
	bool exact;
	enum wire wire;
	enum direction direction;
	bool reply;		/* sampled from a segment: nothing is known of a socket's values */
	fact_set seen;		/* and settled, which order.c adds */
	struct fixture_values values;
};

extern const struct fixture fixtures[];
extern const size_t fixture_count;

/* One that must be there. */
const struct fixture *fixture_named(const char *name);
/* The record of a fixture, as it crosses from the kernel. */
void fixture_record(const struct fixture *fixture, struct record *record);
/* The same after decoding, derived and judged. */
void fixture_act(const struct fixture *fixture, struct act *act);
/* Derives and judges, without decoding: what no record may hold is judged too. */
struct act fixture_judged(const struct record *record);

/* A record of an ordinary close() by nginx[812] on IPv4, valid as it is; tests change it. */
void fixture_plain(struct record *record);

#endif
