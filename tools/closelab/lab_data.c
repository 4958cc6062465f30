/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps that move bytes. What the bytes are does not matter, how many are left does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "lab.h"

#define LAB_CHUNK 65536

static void send_bytes(struct lab *lab, enum lab_who who, const void *data, size_t n, int flags)
{
	ssize_t sent = send(lab->fd[who], data, n, flags | MSG_NOSIGNAL);

	if (sent < 0)
		lab_fail(lab, errno);
	else if ((size_t)sent != n)
		lab_fail(lab, EMSGSIZE);
}

void lab_send(struct lab *lab, enum lab_who who, size_t n)
{
	static const char bytes[4096];

	if (lab_step(lab, "%s send %zu B", lab_who_name(who), n))
		send_bytes(lab, who, bytes, n, 0);
}

void lab_send_fails(struct lab *lab, enum lab_who who, int err)
{
	if (lab_step(lab, "%s send fails with %s", lab_who_name(who), strerrorname_np(err)))
		lab_outcome(lab, who, err,
			    send(lab->fd[who], "!", 1, MSG_NOSIGNAL) < 0 ? errno : 0);
}

void lab_send_oob(struct lab *lab, enum lab_who who)
{
	if (lab_step(lab, "%s send 1 B urgent", lab_who_name(who)))
		send_bytes(lab, who, "!", 1, MSG_OOB);
}

void lab_send_text(struct lab *lab, enum lab_who who, const char *text)
{
	if (lab_step(lab, "%s send \"%.*s\" (%zu B)", lab_who_name(who),
		     (int)strcspn(text, "\r\n"), text, strlen(text)))
		send_bytes(lab, who, text, strlen(text), 0);
}

/*
 * Data unsent with nothing in flight: only a shut window holds it back, so that the amount cannot
 * change before the next step.
 */
static bool window_shut(int fd)
{
	int queued = 0, unsent = 0;

	ioctl(fd, SIOCOUTQ, &queued);
	ioctl(fd, SIOCOUTQNSD, &unsent);
	return unsent > 0 && queued == unsent;
}

size_t lab_fill(struct lab *lab, enum lab_who who)
{
	static const char bytes[LAB_CHUNK];
	uint64_t deadline = lab_deadline_us(lab);
	size_t total = 0;
	ssize_t sent;

	if (!lab_step(lab, "%s send until the window is shut", lab_who_name(who)))
		return 0;
	do {
		while ((sent = send(lab->fd[who], bytes, sizeof(bytes), MSG_NOSIGNAL)) > 0)
			total += (size_t)sent;
		if (errno != EAGAIN) {
			lab_fail(lab, errno);
			return total;
		}
		if (window_shut(lab->fd[who]))
			return total;
	} while (lab_pause(deadline));
	lab_fail(lab, ETIMEDOUT);
	return total;
}

void lab_read(struct lab *lab, enum lab_who who, size_t n, int flags)
{
	char bytes[4096];
	ssize_t got;

	if (!lab_step(lab, "%s %s %zu B", lab_who_name(who), flags & MSG_PEEK ? "peek" : "read", n))
		return;
	got = recv(lab->fd[who], bytes, n, flags);
	if (got < 0)
		lab_fail(lab, errno);
	else if ((size_t)got != n)
		lab_fail(lab, EMSGSIZE);
}

void lab_read_oob(struct lab *lab, enum lab_who who)
{
	char byte;

	if (lab_step(lab, "%s read 1 B by MSG_OOB", lab_who_name(who)) &&
	    recv(lab->fd[who], &byte, 1, MSG_OOB) != 1)
		lab_fail(lab, errno);
}

void lab_drain(struct lab *lab, enum lab_who who, size_t n)
{
	static char bytes[LAB_CHUNK];
	uint64_t deadline = lab_deadline_us(lab);
	size_t total = 0;
	ssize_t got = -1;

	if (!lab_step(lab, "%s read %zu B, then EOF", lab_who_name(who), n))
		return;
	while (got) {
		struct pollfd poller = { .fd = lab->fd[who], .events = POLLIN };

		got = recv(lab->fd[who], bytes, sizeof(bytes), 0);
		if (got > 0)
			total += (size_t)got;
		if (got >= 0)
			continue;
		if (errno != EAGAIN || lab_now_us() >= deadline) {
			lab_fail(lab, errno == EAGAIN ? ETIMEDOUT : errno);
			return;
		}
		poll(&poller, 1, 100);
	}
	if (total != n)
		lab_fail(lab, EMSGSIZE);
}
