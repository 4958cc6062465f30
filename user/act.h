/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * act.h - one ending of a connection, as user space works on it
 *
 * Made by record_decode(), put in order by order.c, judged by cause_classify(), shown by sinks.
 */
#ifndef CLOSETRACE_ACT_H
#define CLOSETRACE_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/record.h"

struct act_frames;
struct cause;
struct record_stack;

struct act {
	struct record record;		/* as the kernel told it */
	fact_set facts;			/* record.facts and those derived from its values */
	uint64_t wall_ns;		/* CLOCK_REALTIME of record.time_ns, ns since 1970 */
	const struct cause *cause;	/* NULL until judged */
	const char *cgroup;		/* path of the actor's, else the owner's; NULL: unknown */
	const struct record *held;	/* --held: the last close before that was not the last */
	const char *owner_cgroup;	/* path of the owner's; NULL: unknown */
	bool exact;			/* the verdict has a witness */
	bool amended;			/* two records were joined */
	bool late;			/* shown after a younger one */
	struct record_stack *stack;	/* NULL: none; owned by order.c, see record_decode() */
	const struct act_frames *frames;	/* of it, while a sink shows the act; NULL: no -k */
};

enum wire { WIRE_NONE, WIRE_FIN, WIRE_RST };
enum direction { DIRECTION_NONE, DIRECTION_OUT, DIRECTION_IN };

/* What was on the wire, and which way it went; from the facts alone. */
enum wire act_wire(const struct act *act);
enum direction act_direction(const struct act *act);

/*
 * The TCP state before the act, the kernel's number.  A dead socket that answers is in CLOSE: when
 * nothing was told of it before, the ACK of an orphan's FIN ended it, and tcp_rcv_state_process()
 * has just gone through FIN_WAIT2.
 */
unsigned int act_state(const struct act *act);

/* To whom it is told to belong: the owner, else the actor; NULL: neither is known. */
const struct record_task *act_task(const struct act *act);

/* In which context it was decided: what only a timer can bring about was a timer's. */
enum record_context act_context(const struct act *act);

/* The call that decided it, as interface key via; NULL when unknown. */
const char *act_via(const struct act *act);

/*
 * Whether bytes that one side had written will be read by nobody: unread ones at our end, written
 * ones that no FIN follows, and those of a segment that was answered with a RST.
 */
bool act_loses_data(const struct act *act);

/* Fills act->facts from the record's facts and values. */
void act_derive(struct act *act);

/* Whether a fact holds: act_has(act, FACT(unread)). */
static inline bool act_has(const struct act *act, fact_set fact)
{
	return (act->facts & fact) == fact;
}

#endif
