/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * close(), shutdown() and poll() by io_uring: in the call that submits them, in one of the ring's
 * workers, in the thread that polls it. Those are threads of this process, with names of their
 * own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lab.h"

#define POLL_NAME 1u

struct lab_ring {
	int fd;
	unsigned int flags;	/* IORING_SETUP_... */
	struct io_uring_params params;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
};

static size_t sq_size(const struct lab_ring *ring)
{
	return ring->params.sq_off.array + ring->params.sq_entries * sizeof(__u32);
}

static size_t cq_size(const struct lab_ring *ring)
{
	return ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
}

static size_t sqe_size(const struct lab_ring *ring)
{
	return ring->params.sq_entries * sizeof(struct io_uring_sqe);
}

static void *map(const struct lab_ring *ring, size_t size, off_t what)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, what);

	return at == MAP_FAILED ? NULL : at;
}

static int ring_open(struct lab_ring *ring, unsigned int flags)
{
	memset(ring, 0, sizeof(*ring));
	ring->flags = ring->params.flags = flags;
	ring->fd = (int)syscall(SYS_io_uring_setup, 1, &ring->params);
	if (ring->fd < 0)
		return -errno;
	ring->sq = map(ring, sq_size(ring), IORING_OFF_SQ_RING);
	ring->cq = map(ring, cq_size(ring), IORING_OFF_CQ_RING);
	ring->sqe = map(ring, sqe_size(ring), IORING_OFF_SQES);
	return ring->sq && ring->cq && ring->sqe ? 0 : -ENOMEM;
}

static void ring_unmap(struct lab_ring *ring)
{
	if (ring->sq)
		munmap(ring->sq, sq_size(ring));
	if (ring->cq)
		munmap(ring->cq, cq_size(ring));
	if (ring->sqe)
		munmap(ring->sqe, sqe_size(ring));
}

/* Submits the request that stands in the only slot and waits for so many results in all. */
static int ring_enter(struct lab_ring *ring, unsigned int results)
{
	bool polled = ring->flags & IORING_SETUP_SQPOLL;
	unsigned int how = IORING_ENTER_GETEVENTS | (polled ? IORING_ENTER_SQ_WAKEUP : 0);

	*(__u32 *)(ring->sq + ring->params.sq_off.array) = 0;
	__atomic_fetch_add((__u32 *)(ring->sq + ring->params.sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring->fd, 1, results, how, NULL, 0) < 0 ? -errno : 0;
}

/* The request's result. */
static int ring_submit(struct lab_ring *ring)
{
	int rc = ring_enter(ring, 1);

	if (rc < 0)
		return rc;
	return ((struct io_uring_cqe *)(ring->cq + ring->params.cq_off.cqes))->res;
}

static void submit(struct lab *lab, enum lab_who who, const struct io_uring_sqe *sqe,
		   unsigned int setup)
{
	struct lab_ring ring;
	int rc = ring_open(&ring, setup);

	if (!rc) {
		*ring.sqe = *sqe;
		ring.sqe->fd = lab->fd[who];
		rc = ring_submit(&ring);
	}
	if (rc < 0)
		lab_fail(lab, -rc);
	ring_unmap(&ring);
	/* What its threads still have to do is done in their names as long as there is a ring. */
	lab->fd[LAB_SPARE] = ring.fd;
	if (sqe->opcode == IORING_OP_CLOSE)
		lab->fd[who] = -1;
}

static void name_actor(struct lab *lab, enum lab_who who, const char *prefix)
{
	struct lab_actor *actor = &lab->ends.actor[lab_end_of(who)];

	snprintf(actor->comm, sizeof(actor->comm), "%s-%d", prefix, (int)syscall(SYS_gettid));
}

void lab_close_uring(struct lab *lab, enum lab_who who)
{
	const struct io_uring_sqe sqe = { .opcode = IORING_OP_CLOSE };

	if (lab_step(lab, "%s close by io_uring", lab_who_name(who)))
		submit(lab, who, &sqe, 0);
}

void lab_close_uring_worker(struct lab *lab, enum lab_who who)
{
	const struct io_uring_sqe sqe = { .opcode = IORING_OP_CLOSE, .flags = IOSQE_ASYNC };

	if (!lab_step(lab, "%s close by a worker of io_uring", lab_who_name(who)))
		return;
	name_actor(lab, who, "iou-wrk");
	submit(lab, who, &sqe, 0);
}

void lab_close_uring_polled(struct lab *lab, enum lab_who who)
{
	const struct io_uring_sqe sqe = { .opcode = IORING_OP_CLOSE };

	if (!lab_step(lab, "%s close by a polling thread of io_uring", lab_who_name(who)))
		return;
	name_actor(lab, who, "iou-sqp");
	submit(lab, who, &sqe, IORING_SETUP_SQPOLL);
}

/* The request holds the file until something comes, even when the descriptor is closed. */
void lab_poll_uring(struct lab *lab, enum lab_who who)
{
	struct lab_ring *ring;
	int rc;

	if (!lab_step(lab, "%s polled by io_uring", lab_who_name(who)))
		return;
	ring = lab->ring = calloc(1, sizeof(*ring));
	rc = ring ? ring_open(ring, 0) : -ENOMEM;
	if (!rc) {
		*ring->sqe = (struct io_uring_sqe){
			.opcode = IORING_OP_POLL_ADD, .fd = lab->fd[who],
			.poll_events = POLLIN, .user_data = POLL_NAME,
		};
		rc = ring_enter(ring, 0);
	}
	if (rc < 0)
		lab_fail(lab, -rc);
	else
		lab->fd[LAB_SPARE] = ring->fd;
}

void lab_poll_uring_ends(struct lab *lab)
{
	struct lab_ring *ring = lab->ring;
	int rc;

	if (!lab_step(lab, "the poll by io_uring is taken back"))
		return;
	*ring->sqe = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_REMOVE, .fd = -1, .addr = POLL_NAME,
	};
	/* Both have a result. */
	rc = ring_enter(ring, 2);
	if (rc < 0)
		lab_fail(lab, -rc);
	ring_unmap(ring);
	free(ring);
	lab->ring = NULL;
}

/* Always by a worker. */
void lab_shutdown_uring(struct lab *lab, enum lab_who who, int how)
{
	const struct io_uring_sqe sqe = { .opcode = IORING_OP_SHUTDOWN, .len = (__u32)how };

	if (!lab_step(lab, "%s shutdown by io_uring", lab_who_name(who)))
		return;
	name_actor(lab, who, "iou-wrk");
	submit(lab, who, &sqe, 0);
}
