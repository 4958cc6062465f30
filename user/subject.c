// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * subject.c - bpf/filter.bpf.c and the questions of bpf/who.bpf.c once more, for recorded acts
 *
 * A record of another filter carries that one's answers, so a task is asked by its names.
 */
#include <string.h>

#include "subject.h"

/* Of one filter: values are alternatives, what is excluded wins. */
struct verdict {
	uint8_t wanted, found;		/* bits: of each side */
	bool excluded;
};

static void consider(struct verdict *verdict, bool hit, bool not, unsigned int bit)
{
	if (not)
		verdict->excluded |= hit;
	else
		verdict->wanted |= (uint8_t)(1 << bit);
	if (hit && !not)
		verdict->found |= (uint8_t)(1 << bit);
}

static bool agrees(const struct verdict *verdict)
{
	return !verdict->excluded && (verdict->found & verdict->wanted) == verdict->wanted;
}

static bool on_side(enum settings_side side, bool local, bool remote)
{
	return (local && side != SIDE_REMOTE) || (remote && side != SIDE_LOCAL);
}

static bool ports_agree(const struct options *options, const struct record *r)
{
	struct verdict verdict = { 0 };

	for (uint32_t i = 0; i < options->ports; i++) {
		const struct settings_port *port = &options->port[i];

		consider(&verdict, on_side(port->side, port->port == r->lport,
					   port->port == r->rport), port->not, port->side);
	}
	return agrees(&verdict);
}

static bool inside(const uint8_t address[16], const struct settings_address *net)
{
	uint64_t part[2];

	memcpy(part, address, sizeof(part));
	return (part[0] & net->mask[0]) == net->address[0] &&
	       (part[1] & net->mask[1]) == net->address[1];
}

static bool addresses_agree(const struct options *options, const struct record *r)
{
	struct verdict verdict = { 0 };

	for (uint32_t i = 0; i < options->addresses; i++) {
		const struct settings_address *net = &options->address[i];

		consider(&verdict, on_side(net->side, inside(r->laddr, net),
					   inside(r->raddr, net)), net->not, net->side);
	}
	return agrees(&verdict);
}

static bool netns_agrees(const struct options *options, const struct record *r)
{
	struct verdict verdict = { 0 };

	for (uint32_t i = 0; i < options->netns; i++)
		consider(&verdict, options->ns[i].inode == r->netns, options->ns[i].not, 0);
	return agrees(&verdict);
}

/* The filters for processes: bits of enum record_who. */
static uint8_t ask(const struct options *options, const struct record_task *task)
{
	struct verdict pids = { 0 }, comms = { 0 }, uids = { 0 };
	uint8_t who = 0;

	for (uint32_t i = 0; i < options->pids; i++)
		consider(&pids, (uint32_t)options->pid[i].pid == task->pid, options->pid[i].not, 0);
	for (uint32_t i = 0; i < options->comms; i++)
		consider(&comms, !strncmp(options->comm[i].comm, task->comm, SETTINGS_COMM),
			 options->comm[i].not, 0);
	for (uint32_t i = 0; i < options->uids; i++)
		consider(&uids, options->uid[i].uid == task->uid, options->uid[i].not, 0);
	if (pids.excluded || comms.excluded || uids.excluded)
		who |= WHO_EXCLUDED;
	if (pids.found == pids.wanted && comms.found == comms.wanted && uids.found == uids.wanted)
		who |= WHO_WANTED;
	return who;
}

static bool wants_somebody(const struct options *options)
{
	bool wants = false;

	for (uint32_t i = 0; i < options->pids; i++)
		wants |= !options->pid[i].not;
	for (uint32_t i = 0; i < options->comms; i++)
		wants |= !options->comm[i].not;
	for (uint32_t i = 0; i < options->uids; i++)
		wants |= !options->uid[i].not;
	return wants;
}

static enum record_fate task_fate(const struct options *options, const struct record *r)
{
	uint8_t who = (r->known & KNOWN_ACTOR ? ask(options, &r->actor) : 0) |
		      (r->known & KNOWN_OWNER ? ask(options, &r->owner) : 0);

	if (who & WHO_EXCLUDED)
		return FATE_FILTERED;
	if (who & WHO_WANTED)
		return FATE_EMITTED;
	if (r->known & (KNOWN_ACTOR | KNOWN_OWNER))
		return FATE_FILTERED;
	return wants_somebody(options) ? FATE_UNOWNED : FATE_EMITTED;
}

enum record_fate subject_fate(const struct options *options, const struct record *r)
{
	if (!ports_agree(options, r) || !addresses_agree(options, r) || !netns_agrees(options, r))
		return FATE_FILTERED;
	if (!options->pids && !options->comms && !options->uids)
		return FATE_EMITTED;
	return task_fate(options, r);
}
