// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* story.c - collects what happened to two ends, and divides it into connections */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "story.h"

/* Room for one more, as doubles; NULL without memory. */
static void *room_for(void *array, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : 16;
	void *bigger = array;

	if (count == *room) {
		bigger = reallocarray(array, wanted, size);
		*room = bigger ? wanted : *room;
	}
	return bigger;
}

/* What the act points at is the source's, and gone with the next one. */
static int copy_names(struct story_event *event, const struct act *act)
{
	event->act.stack = NULL;
	event->act.frames = NULL;
	if (act->held)
		event->before = *act->held;
	if (act->cause && !cause_is_row(act->cause)) {
		event->cause = *act->cause;
		snprintf(event->slug, sizeof(event->slug), "%s", act->cause->slug);
	}
	event->cgroup = act->cgroup ? strdup(act->cgroup) : NULL;
	event->owner_cgroup = act->owner_cgroup ? strdup(act->owner_cgroup) : NULL;
	return (act->cgroup && !event->cgroup) || (act->owner_cgroup && !event->owner_cgroup) ?
	       -ENOMEM : 0;
}

static int copy_pids(struct story_event *event, const struct held *held)
{
	event->pid_count = held->count;
	event->more_pids = held->more;
	if (!held->count)
		return 0;
	event->pids = calloc(held->count, sizeof(*event->pids));
	if (!event->pids)
		return -ENOMEM;
	memcpy(event->pids, held->pids, held->count * sizeof(*event->pids));
	return 0;
}

int story_add(struct story *story, const struct act *act, const struct held *held)
{
	struct story_event *bigger, *event;

	bigger = room_for(story->event, story->count, &story->room, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	story->event = bigger;
	event = &story->event[story->count];
	*event = (struct story_event){ .act = *act };
	if (!story->count++)
		which_of(&act->record, &story->ends);
	return copy_names(event, act) ?: held ? copy_pids(event, held) : 0;
}

int story_side(const struct story *story, const struct record *record)
{
	const struct which_end *end = &story->ends.end[0];

	return record->lport != end->port ||
	       memcmp(record->laddr, end->address, sizeof(end->address)) != 0;
}

static int by_time(const void *left, const void *right)
{
	const struct record *a = &((const struct story_event *)left)->act.record;
	const struct record *b = &((const struct story_event *)right)->act.record;
	const struct act *first = &((const struct story_event *)left)->act;
	const struct act *other = &((const struct story_event *)right)->act;

	if (first->wall_ns != other->wall_ns)
		return first->wall_ns < other->wall_ns ? -1 : 1;
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return (a->socket > b->socket) - (a->socket < b->socket);
}

static uint64_t socket_of(const struct record *r)
{
	return r->known & KNOWN_SOCKET ? r->socket : 0;
}

/* The connection that has this socket; else the last one of the run; NULL: none. */
static struct story_connection *find(const struct story *story, const struct record *r, int side)
{
	struct story_connection *last = NULL;

	for (size_t i = story->connections; i--;) {
		struct story_connection *connection = &story->connection[i];

		if (connection->run != r->run)
			continue;
		last = last ?: connection;
		if (socket_of(r) && connection->socket[side] == socket_of(r))
			return connection;
	}
	return last;
}

/*
 * Whether an act belongs to a connection: its socket is of it, or may be the other end's, or it has
 * none, as what answers for a connection that is over.  A socket that was made when all was told of
 * the connection is of the next one.
 */
static bool belongs(const struct story *story, const struct story_connection *connection,
		    const struct record *r, int side)
{
	uint64_t socket = socket_of(r), known = connection->socket[side];

	if (!socket || known == socket)
		return true;
	return !known && (!(r->known & KNOWN_BORN) ||
			  r->born_ns <= story->event[connection->last].act.record.time_ns);
}

/* Where the copies are, now that they move no more. */
static void own(struct story_event *event)
{
	struct act *act = &event->act;

	if (act->held)
		act->held = &event->before;
	if (act->cause && !cause_is_row(act->cause)) {
		event->cause.slug = event->slug;
		act->cause = &event->cause;
	}
	act->cgroup = event->cgroup;
	act->owner_cgroup = event->owner_cgroup;
}

static int place(struct story *story, size_t i)
{
	const struct record *r = &story->event[i].act.record;
	int side = story_side(story, r);
	struct story_connection *bigger, *connection = find(story, r, side);

	if (!connection || !belongs(story, connection, r, side)) {
		bigger = room_for(story->connection, story->connections, &story->connection_room,
				  sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		story->connection = bigger;
		connection = &story->connection[story->connections++];
		*connection = (struct story_connection){ .run = r->run, .first = i };
	}
	connection->last = i;
	if (socket_of(r))
		connection->socket[side] = socket_of(r);
	story->event[i].connection = (size_t)(connection - story->connection);
	return 0;
}

int story_sort(struct story *story)
{
	int rc = 0;

	if (!story->count)
		return 0;
	qsort(story->event, story->count, sizeof(*story->event), by_time);
	for (size_t i = 0; i < story->count && !rc; i++) {
		struct story_event *event = &story->event[i];

		own(event);
		rc = place(story, i);
	}
	return rc;
}

bool story_wants(const struct story *story, const struct story_connection *connection)
{
	const struct which *which = &story->which;

	if (which->ends)
		return true;
	return (!which->run || which->run == connection->run) &&
	       (connection->socket[0] == which->socket || connection->socket[1] == which->socket);
}

int story_lives(const struct story *story, struct which *which)
{
	which->life = calloc(story->connections, sizeof(*which->life));
	if (story->connections && !which->life)
		return -ENOMEM;
	for (size_t i = 0; i < story->connections; i++) {
		const struct story_connection *connection = &story->connection[i];
		const struct act *first = &story->event[connection->first].act;
		const struct act *last = &story->event[connection->last].act;

		if (story_wants(story, connection))
			which->life[which->lives++] = (struct which_life){
				.run = connection->run,
				.socket = { connection->socket[0], connection->socket[1] },
				.first_ns = first->record.time_ns,
				.last_ns = last->record.time_ns,
				.first_wall_ns = first->wall_ns,
				.last_wall_ns = last->wall_ns,
			};
	}
	return 0;
}

void story_free(struct story *story)
{
	for (size_t i = 0; i < story->count; i++) {
		free(story->event[i].pids);
		free(story->event[i].cgroup);
		free(story->event[i].owner_cgroup);
	}
	free(story->event);
	free(story->connection);
	*story = (struct story){ 0 };
}
