/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What lies between the two ends of a connection: loopback in one private network namespace, or a
 * veth pair between two. The process is in the client's; a socket belongs to the namespace that it
 * was made in, so that only what makes or looks up something has to go to the other one.
 *
 * Where a path may be NULL, that is loopback in the namespace the process is in.
 */
#ifndef CLOSELAB_PATH_H
#define CLOSELAB_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lab.h"

struct path {
	bool veth;
	int fd[LAB_END_COUNT];		/* the namespaces; on loopback the client's only */
	uint64_t inode[LAB_END_COUNT];	/* their numbers, as closetrace prints them */
	uint64_t left_us;		/* when the server's was let go; 0: not yet */
};

#define PATH_NONE { .fd = { -1, -1 } }

/*
 * Makes it and leaves the process in the client's namespace, whatever comes of it. 0, or a negative
 * errno: -EOPNOTSUPP where the kernel has no veth.
 */
int path_open(struct path *path, bool veth);
void path_close(struct path *path);

/* To an end's namespace, the calling thread only, and back; 0 or a negative errno. */
int path_enter(const struct path *path, enum lab_end end);
void path_leave(const struct path *path);
/* A socket, or a file of /proc, of an end's namespace; a descriptor or a negative errno. */
int path_socket(const struct path *path, enum lab_end end, int domain, int type, int protocol);
int path_file(const struct path *path, enum lab_end end, const char *name, int flags);

const char *path_device(const struct path *path);
socklen_t path_address(bool veth, int family, enum lab_end end, uint16_t port,
		       struct sockaddr_storage *addr);

/*
 * Takes an end's interface down or up and waits until both ends know; on loopback there is one for
 * both. 0 or a negative errno.
 */
int path_link(const struct path *path, enum lab_end end, bool up);
/* From now on an end of a veth pair asks for the other one's MAC address; 0 or a negative errno. */
int path_ask_neighbours(const struct path *path, enum lab_end end);
/*
 * Lets go of the server's namespace, for the kernel to remove; the caller must have no socket left
 * in it.
 */
void path_abandon_server(struct path *path);
/* Whether the server's namespace is gone: its end of the pair takes the client's with it. */
bool path_server_gone(struct path *path);

#endif
