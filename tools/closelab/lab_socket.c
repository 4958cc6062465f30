/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps that make and end connections. Each is one system call of interest, so that the act it
 * causes has one possible moment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>

#include "lab.h"
#include "path.h"

static const char *how_name(int how)
{
	return how == SHUT_RD ? "RD" : how == SHUT_WR ? "WR" : "RDWR";
}

/* Remembers the local port of a socket that has just got one. */
static void note_port(struct lab *lab, enum lab_who who)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	uint16_t port;

	if (getsockname(lab->fd[who], (struct sockaddr *)&addr, &len) < 0) {
		lab_fail(lab, errno);
		return;
	}
	/* Both families keep the port, in network byte order, at the same place. */
	port = ntohs(((struct sockaddr_in *)&addr)->sin_port);
	if (who >= LAB_CLIENT && who <= LAB_CLIENT3)
		lab->ends.client_port[who - LAB_CLIENT] = port;
	else if (who == LAB_LISTENER)
		lab->ends.server_port = port;
}

void lab_socket(struct lab *lab, enum lab_who who)
{
	if (lab->error || lab->fd[who] >= 0)
		return;
	/* IPPROTO_TCP explicitly: a system may turn a default stream socket into MPTCP. */
	lab->fd[who] = path_socket(lab->path, lab_end_of(who), lab->family,
				   SOCK_STREAM | SOCK_NONBLOCK,
				   lab->mptcp ? IPPROTO_MPTCP : IPPROTO_TCP);
	if (lab->fd[who] < 0 && lab_step(lab, "%s socket", lab_who_name(who)))
		lab_fail(lab, -lab->fd[who]);
}

void lab_bind(struct lab *lab, enum lab_who who, uint16_t port)
{
	struct sockaddr_storage addr;
	socklen_t len = lab_end_address(lab, lab_end_of(who), port, &addr);
	const int one = 1;

	lab_socket(lab, who);
	if (!lab_step(lab, "%s bind", lab_who_name(who)))
		return;
	if (setsockopt(lab->fd[who], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(lab->fd[who], (struct sockaddr *)&addr, len) < 0) {
		lab_fail(lab, errno);
		return;
	}
	note_port(lab, who);
}

void lab_listen(struct lab *lab)
{
	lab_bind(lab, LAB_LISTENER, 0);
	if (lab_step(lab, "listen") && listen(lab->fd[LAB_LISTENER], 16) < 0)
		lab_fail(lab, errno);
}

static int connect_server(struct lab *lab, enum lab_who who)
{
	struct sockaddr_storage addr;
	socklen_t len = lab_address(lab, lab->ends.server_port, &addr);

	return connect(lab->fd[who], (struct sockaddr *)&addr, len) < 0 ? errno : 0;
}

void lab_connect_start(struct lab *lab, enum lab_who who)
{
	int err;

	lab_socket(lab, who);
	if (!lab_step(lab, "%s connect", lab_who_name(who)))
		return;
	err = connect_server(lab, who);
	if (err && err != EINPROGRESS)
		lab_fail(lab, err);
	else
		note_port(lab, who);
}

void lab_connect(struct lab *lab, enum lab_who who)
{
	lab_connect_start(lab, who);
	lab_wait_poll(lab, who, POLLOUT);
	lab_wait_state(lab, who, TCP_ESTABLISHED);
}

void lab_connect_fails(struct lab *lab, enum lab_who who, int err)
{
	lab_socket(lab, who);
	if (lab_step(lab, "%s connect fails with %s", lab_who_name(who), strerrorname_np(err)))
		lab_outcome(lab, who, err, connect_server(lab, who));
}

void lab_accept_as(struct lab *lab, enum lab_who who)
{
	lab_wait_poll(lab, LAB_LISTENER, POLLIN);
	if (!lab_step(lab, "%s accept", lab_who_name(who)))
		return;
	lab->fd[who] = accept4(lab->fd[LAB_LISTENER], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (lab->fd[who] < 0)
		lab_fail(lab, errno);
}

void lab_accept(struct lab *lab)
{
	lab_accept_as(lab, LAB_SERVER);
}

void lab_pair(struct lab *lab)
{
	lab_listen(lab);
	lab_connect(lab, LAB_CLIENT);
	lab_accept(lab);
}

void lab_queue(struct lab *lab, int clients)
{
	lab_listen(lab);
	for (int i = 0; i < clients; i++)
		lab_connect(lab, LAB_CLIENT + i);
	lab_wait_queued(lab, (unsigned int)clients);
}

void lab_dup(struct lab *lab, enum lab_who who)
{
	if (!lab_step(lab, "%s dup", lab_who_name(who)))
		return;
	lab->fd[LAB_SPARE] = dup(lab->fd[who]);
	if (lab->fd[LAB_SPARE] < 0)
		lab_fail(lab, errno);
}

void lab_close(struct lab *lab, enum lab_who who)
{
	if (!lab_step(lab, "%s close", lab_who_name(who)))
		return;
	if (close(lab->fd[who]) < 0)
		lab_fail(lab, errno);
	lab->fd[who] = -1;
}

void lab_shutdown(struct lab *lab, enum lab_who who, int how)
{
	if (!lab_step(lab, "%s shutdown %s", lab_who_name(who), how_name(how)))
		return;
	if (shutdown(lab->fd[who], how) < 0)
		lab_fail(lab, errno);
}

void lab_half_close(struct lab *lab, enum lab_who who)
{
	lab_shutdown(lab, who, SHUT_WR);
	lab_wait_state(lab, who == LAB_CLIENT ? LAB_SERVER : LAB_CLIENT, TCP_CLOSE_WAIT);
	lab_wait_state(lab, who, TCP_FIN_WAIT2);
}

void lab_unheard_fin(struct lab *lab)
{
	lab_blackhole(lab, LAB_CLIENT);
	lab_shutdown(lab, LAB_SERVER, SHUT_WR);
	lab_wait_state(lab, LAB_SERVER, TCP_LAST_ACK);
	/* Else the FIN may be under way still and meet a TIME_WAIT entry, which answers. */
	lab_wait_dropped(lab, LAB_CLIENT);
}

void lab_shutdown_fails(struct lab *lab, enum lab_who who, int how, int err)
{
	if (!lab_step(lab, "%s shutdown %s fails with %s", lab_who_name(who), how_name(how),
		      strerrorname_np(err)))
		return;
	lab_outcome(lab, who, err, shutdown(lab->fd[who], how) < 0 ? errno : 0);
}

void lab_linger0(struct lab *lab, enum lab_who who)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (!lab_step(lab, "%s linger 0", lab_who_name(who)))
		return;
	if (setsockopt(lab->fd[who], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0)
		lab_fail(lab, errno);
}

void lab_disconnect(struct lab *lab, enum lab_who who)
{
	const struct sockaddr addr = { .sa_family = AF_UNSPEC };

	if (!lab_step(lab, "%s connect AF_UNSPEC", lab_who_name(who)))
		return;
	if (connect(lab->fd[who], &addr, sizeof(addr)) < 0)
		lab_fail(lab, errno);
}

void lab_connect_fastopen(struct lab *lab, enum lab_who who, size_t n)
{
	static const char bytes[1024];
	struct sockaddr_storage addr;
	socklen_t len = lab_address(lab, lab->ends.server_port, &addr);
	ssize_t sent;

	lab_socket(lab, who);
	if (!lab_step(lab, "%s connect with %zu B in its SYN", lab_who_name(who), n))
		return;
	sent = sendto(lab->fd[who], bytes, n, MSG_FASTOPEN | MSG_NOSIGNAL,
		      (struct sockaddr *)&addr, len);
	if (sent != (ssize_t)n)
		lab_fail(lab, sent < 0 ? errno : EMSGSIZE);
	else
		note_port(lab, who);
}

void lab_relisten(struct lab *lab, int backlog)
{
	if (lab_step(lab, "listen with a backlog of %d", backlog) &&
	    listen(lab->fd[LAB_LISTENER], backlog) < 0)
		lab_fail(lab, errno);
}

void lab_swap(struct lab *lab, enum lab_who a, enum lab_who b)
{
	int fd = lab->fd[a];

	if (!lab_step(lab, "%s and %s change names", lab_who_name(a), lab_who_name(b)))
		return;
	lab->fd[a] = lab->fd[b];
	lab->fd[b] = fd;
}
