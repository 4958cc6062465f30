/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * story.h - --socket: the life of one connection, in order and in words
 *
 * All acts, notes and held closes of two ends are collected, and divided into connections, as ports
 * are used again; the two sockets of a connection that has both ends on this host are one story.
 */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "cause.h"
#include "held.h"
#include "sinks/sink.h"
#include "which.h"

struct story_event {
	struct act act;
	struct record before;		/* of act.held, which points here once all is collected */
	struct cause cause;		/* of act.cause, unless that is a row of the table */
	char slug[40];
	char *cgroup, *owner_cgroup;	/* of act's; NULL: not known */
	pid_t *pids;			/* of a held close, who held it still; NULL: nobody found */
	size_t pid_count;
	bool more_pids;
	size_t connection;		/* in struct story */
};

struct story_connection {
	uint64_t run;
	uint64_t socket[2];		/* at end[0] and at end[1] of which; 0: not seen */
	size_t first, last;		/* of its events; others may lie between */
};

struct story {
	struct which which;		/* what is asked for */
	struct which ends;		/* of the first event */
	struct story_event *event;
	size_t count, room;
	struct story_connection *connection;
	size_t connections, connection_room;
};

/* Collects one that is of these ends; @held is NULL unless it is a held close.  0 or -ENOMEM. */
int story_add(struct story *story, const struct act *act, const struct held *held);

/* Puts all in order and divides it into connections.  0 or -ENOMEM. */
int story_sort(struct story *story);

/* Tells it for people.  0 or a negative errno. */
int story_tell(const struct story *story, const struct sink_options *options);

/* Whether this connection is asked for: of a socket, that which it was of; of two ends, each. */
bool story_wants(const struct story *story, const struct story_connection *connection);

/* The connections that are asked for, in the order of their time.  0 or -ENOMEM. */
int story_lives(const struct story *story, struct which *which);

/* At which of the two ends an act was seen. */
int story_side(const struct story *story, const struct record *record);

void story_free(struct story *story);

#endif
