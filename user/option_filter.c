// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* option_filter.c - the options that choose connections: by process, by place, by how they ended */
#include <string.h>

#include "option_key.h"
#include "topic.h"
#include "value.h"

/* Calls @one for each part of a comma-separated list; the text is changed. */
static int each(struct options *options, char *list, int (*one)(struct options *, const char *))
{
	char *rest = list;
	const char *item;

	while ((item = strsep(&rest, ","))) {
		int rc = one(options, item);

		if (rc)
			return rc;
	}
	return 0;
}

/* Takes a '!' away; whether there was one. */
static bool negated(const char **text)
{
	bool not = **text == '!';

	*text += not;
	return not;
}

static int add_pid(struct options *options, const char *text)
{
	const char *word = text;
	bool not = negated(&text);
	uint64_t pid;

	if (value_number(text, 1, 4194304, &pid))
		return options_fail(options, "'%s' is not a process id; ps -e lists them", word);
	if (options->pids == SETTINGS_PIDS)
		return options_fail(options, "more than %d process ids", SETTINGS_PIDS);
	options->pid[options->pids++] = (struct option_pid){ .pid = (pid_t)pid, .not = not };
	return 0;
}

static int add_side_port(struct options *options, const char *text, enum settings_side side)
{
	const char *word = text;
	bool not = negated(&text);
	uint64_t port;

	if (value_number(text, 1, 65535, &port))
		return options_fail(options, "port '%s' is not a number from 1 to 65535", word);
	if (options->ports == SETTINGS_PORTS)
		return options_fail(options, "more than %d ports", SETTINGS_PORTS);
	options->port[options->ports++] = (struct settings_port){
		.port = (__u16)port, .side = (__u8)side, .not = not,
	};
	return 0;
}

static int add_port(struct options *options, const char *text)
{
	return add_side_port(options, text, SIDE_EITHER);
}

static int add_lport(struct options *options, const char *text)
{
	return add_side_port(options, text, SIDE_LOCAL);
}

static int add_rport(struct options *options, const char *text)
{
	return add_side_port(options, text, SIDE_REMOTE);
}

static int add_side_addr(struct options *options, const char *text, enum settings_side side)
{
	struct settings_address address = { .side = (__u8)side };
	const char *word = text;

	address.not = negated(&text);
	if (value_address(text, &address))
		return options_fail(options,
				    "'%s' is not an address or network, as 10.0.0.0/8 or ::1",
				    word);
	if (options->addresses == SETTINGS_ADDRESSES)
		return options_fail(options, "more than %d addresses", SETTINGS_ADDRESSES);
	options->address[options->addresses++] = address;
	return 0;
}

static int add_addr(struct options *options, const char *text)
{
	return add_side_addr(options, text, SIDE_EITHER);
}

static int add_laddr(struct options *options, const char *text)
{
	return add_side_addr(options, text, SIDE_LOCAL);
}

static int add_raddr(struct options *options, const char *text)
{
	return add_side_addr(options, text, SIDE_REMOTE);
}

/* A name may hold a comma, so it is no list. */
static int add_comm(struct options *options, const char *text)
{
	struct settings_comm comm = { .not = negated(&text) };

	if (!*text || strlen(text) >= sizeof(comm.comm))
		return options_fail(options,
				    "process name '%s' has not 1 to %zu bytes; see ps -o comm",
				    text, sizeof(comm.comm) - 1);
	if (options->comms == SETTINGS_COMMS)
		return options_fail(options, "more than %d process names", SETTINGS_COMMS);
	strcpy(comm.comm, text);
	options->comm[options->comms++] = comm;
	return 0;
}

static int add_uid(struct options *options, const char *text)
{
	struct settings_uid uid = { .not = negated(&text) };

	if (value_uid(text, &uid.uid))
		return options_fail(options, "no user '%s' in /etc/passwd", text);
	if (options->uids == SETTINGS_UIDS)
		return options_fail(options, "more than %d users", SETTINGS_UIDS);
	options->uid[options->uids++] = uid;
	return 0;
}

static int add_netns(struct options *options, const char *text)
{
	struct settings_netns ns = { .not = negated(&text) };

	if (value_netns(text, &ns.inode))
		return options_fail(options,
				    "no network namespace '%s'; ip netns and lsns -t net list them",
				    text);
	if (options->netns == SETTINGS_NETNS)
		return options_fail(options, "more than %d network namespaces", SETTINGS_NETNS);
	options->ns[options->netns++] = ns;
	return 0;
}

static int add_place(struct options *options, const char *text, enum option_place_kind kind)
{
	struct option_place place = { .kind = kind, .not = negated(&text) };

	if (!*text)
		return options_fail(options, "--cgroup, --unit and --container take a name");
	if (options->places == OPTIONS_PLACES)
		return options_fail(options, "more than %d cgroups, units and containers",
				    OPTIONS_PLACES);
	place.name = text;
	options->place[options->places++] = place;
	return 0;
}

static int add_choice(struct options *options, const char *text, struct choice *choice)
{
	const char *name = text, *near;
	bool not = negated(&name);

	if (!choice_add(choice, name, not))
		return 0;
	if (topic_by_name(name))
		return options_fail(options, "'%s' is a note, no cause; --all tells notes", name);
	near = choice_near(name);
	if (near)
		return options_fail(options, "no cause or class '%s'; is it %s%s?", name,
				    not ? "!" : "", near);
	return options_fail(options, "no cause or class '%s'; closetrace explain lists them", name);
}

static int add_cause(struct options *options, const char *text)
{
	return add_choice(options, text, &options->cause);
}

static int add_fail_on(struct options *options, const char *text)
{
	return add_choice(options, text, &options->fail_on);
}

error_t options_filter(struct options *options, int key, char *arg)
{
	switch (key) {
	case 'p':
		return each(options, arg, add_pid);
	case 'P':
		return each(options, arg, add_port);
	case KEY_LPORT:
		return each(options, arg, add_lport);
	case KEY_RPORT:
		return each(options, arg, add_rport);
	case 'a':
		return each(options, arg, add_addr);
	case KEY_LADDR:
		return each(options, arg, add_laddr);
	case KEY_RADDR:
		return each(options, arg, add_raddr);
	case KEY_NETNS:
		return add_netns(options, arg ?: "/proc/self/ns/net");
	case KEY_COMM:
		return add_comm(options, arg);
	case KEY_UID:
		return each(options, arg, add_uid);
	case KEY_CGROUP:
		return add_place(options, arg, PLACE_CGROUP);
	case KEY_UNIT:
		return add_place(options, arg, PLACE_UNIT);
	case KEY_CONTAINER:
		return add_place(options, arg, PLACE_CONTAINER);
	case KEY_CAUSE:
		return each(options, arg, add_cause);
	case KEY_FAIL_ON:
		return each(options, arg, add_fail_on);
	case KEY_UNEXPECTED:
		options->unexpected = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
