// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * filter.bpf.c - what the user asked for, decided before anything is written
 *
 * Within a filter the values are alternatives, and what is excluded wins; all filters must agree.
 */
#include "common.bpf.h"

/* Bits of enum settings_side: the sides that a value was found on. */
static __always_inline __u8 sides(bool local, bool remote)
{
	return (local || remote) << SIDE_EITHER | local << SIDE_LOCAL | remote << SIDE_REMOTE;
}

static bool ports_agree(const struct record *r)
{
	__u8 wanted = 0, found = 0;

	for (__u32 i = 0; i < SETTINGS_PORTS && i < settings.ports; i++) {
		const volatile struct settings_port *port = &settings.port[i];
		__u8 bit = 1 << (port->side & 3);
		bool hit = sides(port->port == r->lport, port->port == r->rport) & bit;

		if (port->not && hit)
			return false;
		if (!port->not)
			wanted |= bit;
		if (hit)
			found |= bit;
	}
	return (found & wanted) == wanted;
}

static __always_inline bool inside(const __u64 address[2],
				   const volatile struct settings_address *net)
{
	return (address[0] & net->mask[0]) == net->address[0] &&
	       (address[1] & net->mask[1]) == net->address[1];
}

static bool addresses_agree(const struct record *r)
{
	__u8 wanted = 0, found = 0;
	__u64 local[2], remote[2];

	__builtin_memcpy(local, r->laddr, sizeof(local));
	__builtin_memcpy(remote, r->raddr, sizeof(remote));
	for (__u32 i = 0; i < SETTINGS_ADDRESSES && i < settings.addresses; i++) {
		const volatile struct settings_address *net = &settings.address[i];
		__u8 bit = 1 << (net->side & 3);
		bool hit = sides(inside(local, net), inside(remote, net)) & bit;

		if (net->not && hit)
			return false;
		if (!net->not)
			wanted |= bit;
		if (hit)
			found |= bit;
	}
	return (found & wanted) == wanted;
}

static bool netns_agrees(const struct record *r)
{
	bool wanted = false, found = false;

	for (__u32 i = 0; i < SETTINGS_NETNS && i < settings.netns; i++) {
		bool hit = settings.ns[i].inode == r->netns;

		if (settings.ns[i].not && hit)
			return false;
		wanted |= !settings.ns[i].not;
		found |= hit;
	}
	return found || !wanted;
}

/* FATE_EMITTED when the user asked for it. */
__u32 __hidden filter_fate(const struct record *r)
{
	__u8 who;

	if (settings.ports && !ports_agree(r))
		return FATE_FILTERED;
	if (settings.addresses && !addresses_agree(r))
		return FATE_FILTERED;
	if (settings.netns && !netns_agrees(r))
		return FATE_FILTERED;
	if (!settings.who)
		return FATE_EMITTED;
	who = (r->known & KNOWN_ACTOR ? r->actor_who : 0) |
	      (r->known & KNOWN_OWNER ? r->owner_who : 0);
	if (who & WHO_EXCLUDED)
		return FATE_FILTERED;
	if (who & WHO_WANTED)
		return FATE_EMITTED;
	if (r->known & (KNOWN_ACTOR | KNOWN_OWNER))
		return FATE_FILTERED;
	return settings.who_wants ? FATE_UNOWNED : FATE_EMITTED;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
