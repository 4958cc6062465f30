/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroup.h - cgroups by number: their paths, and the units and containers that those mean
 *
 * A path is that below the mount of cgroup v2, as /proc/PID/cgroup shows it.
 */
#ifndef CLOSETRACE_CGROUP_H
#define CLOSETRACE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CGROUP_CONTAINER 80	/* longest id or name of a container, with its NUL */

struct cgroups;

/* An empty list, or NULL without memory. */
struct cgroups *cgroups_new(void);
void cgroups_free(struct cgroups *cgroups);

/* Learns all that there are now; a host without cgroup v2 has none.  0 or a negative errno. */
int cgroups_scan(struct cgroups *cgroups);

/* Learns one; what was known of the number is replaced, so that it stays when it is gone. */
int cgroups_learn(struct cgroups *cgroups, uint64_t id, const char *path);

/* Calls @one for each that is known, until it returns something else than 0, which is returned. */
int cgroups_each(const struct cgroups *cgroups,
		 int (*one)(void *context, uint64_t id, const char *path), void *context);

/* NULL when the number is not known, as with a list that is NULL. */
const char *cgroups_path(const struct cgroups *cgroups, uint64_t id);

/*
 * The container whose cgroup or a cgroup of which this is: Docker, containerd, CRI-O, Podman by
 * their 64 hex digits; LXC and systemd-nspawn by name.  False when it is none.
 */
bool cgroup_container(const char *path, char container[CGROUP_CONTAINER]);

/* The path is this cgroup or one below. */
bool cgroup_is_below(const char *path, const char *cgroup);

/* The path is this systemd unit's or one below; "ssh" is also "ssh.service". */
bool cgroup_is_unit(const char *path, const char *unit);

#endif
