/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tally.h - --count-only: acts that are the same to the rules, to their owner and at their port
 *
 * The programs reduce a record to a key and count by it; user space makes a record of the key again
 * and judges it as any other.  So a key must hold all that user/act.c derives facts from: numbers
 * only as far as they are compared.  tests/unit/tally.c shows it with every fixture.
 */
#ifndef CLOSETRACE_TALLY_H
#define CLOSETRACE_TALLY_H

#include "record.h"

/* What is true of the numbers of a record. */
enum tally_value {
	TALLY_UNREAD		= 1 << 0,
	TALLY_UNSENT		= 1 << 1,
	TALLY_UNACKED		= 1 << 2,
	TALLY_LINGER2_NEGATIVE	= 1 << 3,
	TALLY_USER_TIMEOUT	= 1 << 4,
	TALLY_WINDOW_SHUT	= 1 << 5,	/* 0 */
	TALLY_WINDOW_SMALL	= 1 << 6,	/* for what is unsent, with nothing in flight */
	TALLY_ERROR_IS_SOFT	= 1 << 7,	/* sk_err_soft is the same */
	TALLY_AWAY		= 1 << 8,	/* the port is the other side's */
	TALLY_AMENDED		= 1 << 9,	/* of two records */
	TALLY_OTHERS		= 1 << 10,	/* owner and port were dropped for want of room */
};

struct tally_key {
	__u64 facts;
	__u32 known;			/* enum record_known, as far as it matters */
	__u32 values;			/* enum tally_value */
	__s32 err;
	__u32 reason;
	__s32 syscall;
	__u32 pid;			/* of the owner, else of the actor */
	char comm[RECORD_COMM];
	__u16 port;			/* of the service */
	__u8 state;
	__u8 kind;
	__u32 padding;
};

/* A key that is counted from now on.  Begins as a record does; kind is RECORD_TALLY. */
#define RECORD_TALLY		0xfe

struct record_tally {
	__u16 size;			/* sizeof(struct record_tally) */
	__u16 version;			/* RECORD_VERSION */
	__u8 kind;			/* RECORD_TALLY */
	__u8 padding[3];
	__u32 slot;			/* where it is counted */
	__u32 padding2;
	struct tally_key key;
};

#define TALLY_SLOTS	16384		/* keys with their owner and port */
#define TALLY_OTHER_SLOTS 4096		/* and without, when there are more */

#define TALLY_BYTES	((TALLY_SLOTS + TALLY_OTHER_SLOTS) * sizeof(__u64))

#define TALLY_KNOWN                                                                                \
	(KNOWN_BYTES | KNOWN_REASON | KNOWN_ACTOR | KNOWN_OWNER | KNOWN_SYSCALL | KNOWN_TIMERS |   \
	 KNOWN_ERRNO)

_Static_assert(sizeof(struct tally_key) == 56, "the layout of tally_key is fixed");

static inline __u32 tally_values(const struct record *r)
{
	__u32 values = 0;

	values |= r->unread ? TALLY_UNREAD : 0;
	values |= r->unsent ? TALLY_UNSENT : 0;
	values |= r->unacked ? TALLY_UNACKED : 0;
	values |= r->linger2 < 0 ? TALLY_LINGER2_NEGATIVE : 0;
	values |= r->user_timeout_ms ? TALLY_USER_TIMEOUT : 0;
	values |= r->snd_wnd ? 0 : TALLY_WINDOW_SHUT;
	values |= !r->packets_out && r->unsent > r->snd_wnd ? TALLY_WINDOW_SMALL : 0;
	values |= r->err == r->err_soft ? TALLY_ERROR_IS_SOFT : 0;
	return values;
}

/* The service's port: where nothing tells which side it is, the lower one. */
static inline _Bool tally_away(const struct record *r)
{
	return r->role == ROLE_CLIENT || (r->role != ROLE_SERVER && r->rport < r->lport);
}

static inline void tally_key_of(const struct record *r, struct tally_key *key)
{
	const struct record_task *task = r->known & KNOWN_OWNER ? &r->owner : &r->actor;

	__builtin_memset(key, 0, sizeof(*key));
	key->facts = r->facts;
	key->known = r->known & TALLY_KNOWN;
	key->values = tally_values(r);
	key->state = r->state;
	key->kind = r->kind;
	key->port = r->lport;
	if (tally_away(r)) {
		key->values |= TALLY_AWAY;
		key->port = r->rport;
	}
	if (r->known & KNOWN_ERRNO)
		key->err = r->err;
	if (r->known & KNOWN_REASON)
		key->reason = r->reason;
	if (r->known & KNOWN_SYSCALL)
		key->syscall = r->syscall;
	if (r->known & (KNOWN_OWNER | KNOWN_ACTOR)) {
		key->pid = task->pid;
		__builtin_memcpy(key->comm, task->comm, sizeof(key->comm));
	}
}

/* The reply shows that what was told provisionally was not so; as user/order.c joins them. */
static inline void tally_amend(struct tally_key *key, const struct record *reply)
{
	key->facts |= reply->facts;
	key->kind = reply->kind;
	key->values |= TALLY_AMENDED;
	key->reason = reply->reason;
	key->known |= reply->known & KNOWN_REASON;
}

/* Less detail, for when there is no room: the verdict is the same. */
static inline void tally_merge(struct tally_key *key)
{
	key->pid = 0;
	key->port = 0;
	__builtin_memset(key->comm, 0, sizeof(key->comm));
	key->known &= ~(KNOWN_OWNER | KNOWN_ACTOR);
	key->values = (key->values & ~TALLY_AWAY) | TALLY_OTHERS;
}

#endif
