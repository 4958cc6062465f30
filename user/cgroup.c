// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup.h"

#define CONTAINER_DIGITS 64	/* hex digits of an OCI container's id */

struct cgroups {
	void *tree;		/* of struct name, see tsearch(3) */
};

struct name {
	uint64_t id;
	char *path;
};

static int compare(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void name_free(void *node)
{
	struct name *name = node;

	free(name->path);
	free(name);
}

struct cgroups *cgroups_new(void)
{
	return calloc(1, sizeof(struct cgroups));
}

void cgroups_free(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	tdestroy(cgroups->tree, name_free);
	free(cgroups);
}

int cgroups_learn(struct cgroups *cgroups, uint64_t id, const char *path)
{
	struct name *name = calloc(1, sizeof(*name));
	struct name **found;

	if (!name)
		return -ENOMEM;
	name->id = id;
	name->path = strdup(path);
	found = name->path ? tsearch(name, &cgroups->tree, compare) : NULL;
	if (!found) {
		name_free(name);
		return -ENOMEM;
	}
	if (*found != name) {
		free((*found)->path);
		(*found)->path = name->path;
		free(name);
	}
	return 0;
}

struct walk {
	int (*one)(void *context, uint64_t id, const char *path);
	void *context;
	int rc;
};

static void visit(const void *node, VISIT order, void *context)
{
	const struct name *name = *(struct name *const *)node;
	struct walk *walk = context;

	if ((order == postorder || order == leaf) && !walk->rc)
		walk->rc = walk->one(walk->context, name->id, name->path);
}

int cgroups_each(const struct cgroups *cgroups,
		 int (*one)(void *context, uint64_t id, const char *path), void *context)
{
	struct walk walk = { .one = one, .context = context };

	twalk_r(cgroups->tree, visit, &walk);
	return walk.rc;
}

const char *cgroups_path(const struct cgroups *cgroups, uint64_t id)
{
	const struct name key = { .id = id };
	struct name *const *found;

	if (!cgroups)
		return NULL;
	found = tfind(&key, (void *const *)&cgroups->tree, compare);
	return found ? (*found)->path : NULL;
}

/* Where cgroup v2 is mounted; false when it is not. */
static bool find_mount(char path[256])
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (file && !found && getline(&line, &size, file) > 0)
		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*d %*d %*s %*s %255s", path) == 1;
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* nftw() hands nothing on. */
static struct cgroups *scanned;
static size_t prefix;

static int learn_directory(const char *path, const struct stat *info, int type, struct FTW *level)
{
	const char *below = path + prefix;

	(void)level;
	if (type != FTW_D)
		return 0;
	/* On 64 bits the inode number of a cgroup is its id. */
	return cgroups_learn(scanned, info->st_ino, *below ? below : "/");
}

int cgroups_scan(struct cgroups *cgroups)
{
	char mount[256];

	if (!find_mount(mount))
		return 0;
	scanned = cgroups;
	prefix = strcmp(mount, "/") ? strlen(mount) : 0;
	return nftw(mount, learn_directory, 16, FTW_PHYS | FTW_MOUNT) < 0 ? -errno : 0;
}

/* 64 hex digits, and then the end of the component or its suffix. */
static bool is_id(const char *text)
{
	for (int i = 0; i < CONTAINER_DIGITS; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
	}
	return !isalnum((unsigned char)text[CONTAINER_DIGITS]);
}

/* The rest of a component up to where it, or the suffix, ends. */
static void take_name(const char *text, size_t length, const char *suffix, char *container)
{
	size_t tail = strlen(suffix);

	if (length > tail && !strncmp(text + length - tail, suffix, tail))
		length -= tail;
	snprintf(container, CGROUP_CONTAINER, "%.*s", (int)length, text);
}

/* One component of a path: "docker-ID.scope", "ID", "lxc.payload.NAME", "machine-NAME.scope" */
static bool is_container(const char *part, size_t length, char *container)
{
	static const struct {
		const char *prefix;
		const char *suffix;
	} named[] = {
		{ "lxc.payload.", "" },
		{ "lxc.payload/", "" },
		{ "systemd-nspawn@", ".service" },
		{ "machine-", ".scope" },
	};

	for (size_t i = 0; i + CONTAINER_DIGITS <= length; i++) {
		if ((!i || !isalnum((unsigned char)part[i - 1])) && is_id(part + i)) {
			take_name(part + i, CONTAINER_DIGITS, "", container);
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		size_t head = strlen(named[i].prefix);

		if (length > head && !strncmp(part, named[i].prefix, head)) {
			take_name(part + head, length - head, named[i].suffix, container);
			return true;
		}
	}
	return false;
}

/* The innermost: a container may run others. */
bool cgroup_container(const char *path, char container[CGROUP_CONTAINER])
{
	bool found = false, lxc = false;

	while (*path) {
		size_t length = strcspn(path, "/");

		/* The older layout of LXC: /lxc/NAME */
		if (lxc && length) {
			take_name(path, length, "", container);
			found = true;
		}
		lxc = length == 3 && !strncmp(path, "lxc", 3);
		found |= is_container(path, length, container);
		path += length + (path[length] == '/');
	}
	return found;
}

bool cgroup_is_below(const char *path, const char *cgroup)
{
	size_t length = strlen(cgroup);

	while (length && cgroup[length - 1] == '/')
		length--;
	return !strncmp(path, cgroup, length) && (!path[length] || path[length] == '/');
}

bool cgroup_is_unit(const char *path, const char *unit)
{
	size_t whole = strlen(unit);

	while (*path) {
		size_t length = strcspn(path, "/");

		if (length >= whole && !strncmp(path, unit, whole) &&
		    (length == whole || (length == whole + strlen(".service") &&
					 !strncmp(path + whole, ".service", strlen(".service")))))
			return true;
		path += length + (path[length] == '/');
	}
	return false;
}
