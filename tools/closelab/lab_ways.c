/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a descriptor can end other than by close(2): close_range, dup2 over it, in flight over a Unix
 * socket.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

#include "lab.h"

void lab_close_range(struct lab *lab, enum lab_who who)
{
	unsigned int fd = (unsigned int)lab->fd[who];

	if (!lab_step(lab, "%s close_range", lab_who_name(who)))
		return;
	/* Linux 5.9 */
	if (syscall(SYS_close_range, fd, fd, 0) < 0)
		lab_fail(lab, errno);
	lab->fd[who] = -1;
}

void lab_dup2_over(struct lab *lab, enum lab_who who)
{
	if (!lab_step(lab, "%s dup2 over it", lab_who_name(who)))
		return;
	/* Nothing observes the other descriptor: a listener stays open anyway. */
	if (dup2(lab->fd[LAB_LISTENER], lab->fd[who]) < 0)
		lab_fail(lab, errno);
	else
		close(lab->fd[who]);
	lab->fd[who] = -1;
}

/* Descriptors as ancillary data of one byte; 0 or a negative errno. */
static int send_fds(int over, const int *fds, size_t n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = CMSG_SPACE(n * sizeof(int)),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(head), fds, n * sizeof(int));
	return sendmsg(over, &message, 0) < 0 ? -errno : 0;
}

/*
 * Takes the descriptor. In a cycle the receiving socket is in its own queue: only the kernel's
 * collector finds it, and it may be at work before we are back.
 */
static int send_away(int fd, bool cycle)
{
	int pair[2], fds[2] = { fd, -1 }, rc;

	rc = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
	if (rc) {
		close(fd);
		return rc;
	}
	fds[1] = pair[1];
	rc = send_fds(pair[0], fds, cycle ? 2 : 1);
	close(fd);
	close(pair[0]);
	close(pair[1]);
	return rc;
}

void lab_send_away(struct lab *lab, enum lab_who who)
{
	int pair[2], rc;

	if (!lab_step(lab, "%s sent over a Unix socket and closed", lab_who_name(who)))
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		lab_fail(lab, errno);
		return;
	}
	rc = send_fds(pair[0], &lab->fd[who], 1);
	if (rc < 0)
		lab_fail(lab, -rc);
	close(pair[0]);
	close(lab->fd[who]);
	lab->fd[who] = -1;
	lab->fd[LAB_SPARE] = pair[1];
}

/* The descriptor that comes with one byte, or a negative errno. */
static int receive_fd(int over)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	int fd;

	if (recvmsg(over, &message, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	if (!CMSG_FIRSTHDR(&message))
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

void lab_receive_back(struct lab *lab, enum lab_who who)
{
	int fd;

	if (!lab_step(lab, "%s received again", lab_who_name(who)))
		return;
	fd = receive_fd(lab->fd[LAB_SPARE]);
	if (fd < 0)
		lab_fail(lab, -fd);
	else
		lab->fd[who] = fd;
	close(lab->fd[LAB_SPARE]);
	lab->fd[LAB_SPARE] = -1;
}

static void in_flight(struct lab *lab, enum lab_who who, bool cycle)
{
	int rc = send_away(lab->fd[who], cycle);

	if (rc < 0)
		lab_fail(lab, -rc);
	lab->fd[who] = -1;
}

void lab_close_in_flight(struct lab *lab, enum lab_who who)
{
	if (lab_step(lab, "%s sent over a Unix socket, which is closed", lab_who_name(who)))
		in_flight(lab, who, false);
}

/* The collector looks when a Unix socket is closed, but not while it is at work already. */
void lab_close_in_cycle(struct lab *lab, enum lab_who who, enum lab_who other)
{
	struct pollfd fin = { .fd = lab->fd[other], .events = POLLRDHUP };
	uint64_t deadline = lab_deadline_us(lab);

	if (!lab_step(lab, "%s sent over a Unix socket in a cycle", lab_who_name(who)))
		return;
	in_flight(lab, who, true);
	while (poll(&fin, 1, 0) == 0) {
		if (!lab_pause(deadline)) {
			lab_fail(lab, ETIMEDOUT);
			return;
		}
		send_away(dup(STDERR_FILENO), true);
	}
	lab_wait_table(lab, who, other, TCP_FIN_WAIT2);
}
