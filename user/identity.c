// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "identity.h"
#include "message.h"
#include "process.h"
#include "value.h"

static int add_group(struct identity *identity, gid_t gid)
{
	gid_t *groups = reallocarray(identity->groups, identity->group_count + 1, sizeof(gid));

	if (!groups)
		return -ENOMEM;
	identity->groups = groups;
	identity->groups[identity->group_count++] = gid;
	return 0;
}

static int keep_entry(struct identity *identity, const struct passwd *entry)
{
	identity->name = strdup(entry->pw_name);
	identity->home = strdup(entry->pw_dir);
	identity->shell = strdup(*entry->pw_shell ? entry->pw_shell : "/bin/sh");
	identity->gid = entry->pw_gid;
	return identity->name && identity->home && identity->shell ? 0 : -ENOMEM;
}

/* The user's line; where several have one uid, that of @name is preferred.  -ENOENT: none. */
static int find_user(struct identity *identity, const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;
	int rc = -ENOENT;

	if (!file)
		return -errno;
	while ((entry = fgetpwent(file))) {
		bool named = name && !strcmp(entry->pw_name, name);

		if (entry->pw_uid != identity->uid || (rc != -ENOENT && !named))
			continue;
		free(identity->name);
		free(identity->home);
		free(identity->shell);
		rc = keep_entry(identity, entry);
		if (rc || named)
			break;
	}
	fclose(file);
	return rc;
}

static int find_groups(struct identity *identity)
{
	FILE *file = fopen("/etc/group", "re");
	int rc = add_group(identity, identity->gid);
	const struct group *entry;

	if (!file)
		return rc;
	while (!rc && identity->name && (entry = fgetgrent(file))) {
		for (char **member = entry->gr_mem; !rc && *member; member++) {
			if (!strcmp(*member, identity->name))
				rc = add_group(identity, entry->gr_gid);
		}
	}
	fclose(file);
	return rc;
}

static int read_groups(struct identity *identity, const char *list)
{
	char *end;
	int rc = 0;

	for (;;) {
		gid_t gid = (gid_t)strtoul(list, &end, 10);

		if (rc || end == list)
			return rc;
		rc = add_group(identity, gid);
		list = end;
	}
}

/* 1 when all ids of the process are those of the user, and its groups are taken over. */
static int take_groups_of(struct identity *identity, pid_t pid)
{
	unsigned int real, effective, saved, fs;
	bool same = false;
	char path[64], *line = NULL;
	size_t room = 0;
	FILE *file;
	int rc = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && !rc && getline(&line, &room, file) > 0) {
		if (sscanf(line, "Uid: %u %u %u %u", &real, &effective, &saved, &fs) == 4)
			same = real == identity->uid && effective == identity->uid &&
			       saved == identity->uid && fs == identity->uid;
		else if (same && !strncmp(line, "Groups:", 7))
			rc = read_groups(identity, line + 7) ?: 1;
	}
	if (file)
		fclose(file);
	free(line);
	return rc;
}

/*
 * The process that called sudo is one of our ancestors.  Its groups are the user's in this
 * session, also where they come from a directory service that /etc/group knows nothing of.
 */
static int find_callers_groups(struct identity *identity)
{
	struct process_stat stat;
	int rc = 0;

	for (pid_t pid = getppid(); !rc && process_stat(pid, &stat); pid = stat.parent)
		rc = take_groups_of(identity, pid);
	if (!rc)
		rc = find_groups(identity);
	return rc < 0 ? rc : 0;
}

/* Who called sudo: it says so to root only in the environment. */
static int find_caller(struct identity *identity, char message[MESSAGE])
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	uint64_t number;
	int rc;

	if (!uid || geteuid())
		return 0;
	if (value_number(uid, 0, (uid_t)-2, &number)) {
		message_form(message, "SUDO_UID is no user id; name the user with --run-as");
		return -EINVAL;
	}
	identity->uid = (uid_t)number;
	identity->change = identity->uid != 0;
	if (!identity->change)
		return 0;
	rc = find_user(identity, getenv("SUDO_USER"));
	if (gid && !value_number(gid, 0, (gid_t)-2, &number)) {
		identity->gid = (gid_t)number;
	} else if (rc) {
		message_form(message, "no group is known for user %s; name a user with --run-as",
			     uid);
		return rc;
	}
	return find_callers_groups(identity);
}

int identity_find(struct identity *identity, const char *run_as, char message[MESSAGE])
{
	int rc;

	memset(identity, 0, sizeof(*identity));
	if (!run_as)
		return find_caller(identity, message);
	if (value_uid(run_as, &identity->uid) || find_user(identity, run_as)) {
		message_form(message, "--run-as: no user '%s' in /etc/passwd", run_as);
		return -ENOENT;
	}
	/* Who is that user already has the groups, and may not choose others. */
	identity->change = !geteuid() || identity->uid != getuid() || identity->uid != geteuid();
	rc = identity->change ? find_groups(identity) : 0;
	return rc;
}

int identity_take(const struct identity *identity)
{
	static const char *const of_sudo[] = { "SUDO_COMMAND", "SUDO_GID", "SUDO_HOME", "SUDO_TTY",
					       "SUDO_UID", "SUDO_USER" };
	const struct { const char *name, *value; } words[] = {
		{ "HOME", identity->home },
		{ "LOGNAME", identity->name },
		{ "SHELL", identity->shell },
		{ "USER", identity->name },
	};

	if (!identity->change)
		return 0;
	if (setgroups(identity->group_count, identity->groups) ||
	    setresgid(identity->gid, identity->gid, identity->gid) ||
	    setresuid(identity->uid, identity->uid, identity->uid))
		return -errno;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].value && setenv(words[i].name, words[i].value, 1))
			return -errno;
	}
	/* It is not called by sudo. */
	for (size_t i = 0; i < sizeof(of_sudo) / sizeof(of_sudo[0]); i++)
		unsetenv(of_sudo[i]);
	return 0;
}

void identity_free(struct identity *identity)
{
	free(identity->groups);
	free(identity->name);
	free(identity->home);
	free(identity->shell);
	memset(identity, 0, sizeof(*identity));
}
