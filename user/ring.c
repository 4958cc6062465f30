// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ring.h"

/*
 * Parts of the ring that are given back at a time while it is read: of those that bpf/share.bpf.c
 * leaves for races half a one.
 */
#define GIVE_BACK 128

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* The producer's page is read-only, and the data behind it. */
static size_t read_only(const struct ring *ring)
{
	return page() + 2 * ring->size;
}

int ring_open(struct ring *ring, int fd, size_t size)
{
	void *consumer, *producer;

	*ring = (struct ring){ .fd = fd, .size = size };
	consumer = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	ring->consumer = consumer;
	producer = mmap(NULL, read_only(ring), PROT_READ, MAP_SHARED, fd, (off_t)page());
	if (producer == MAP_FAILED) {
		int rc = -errno;

		ring_close(ring);
		return rc;
	}
	ring->producer = producer;
	ring->data = (const char *)producer + page();
	ring->read = *ring->consumer;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->consumer)
		munmap(ring->consumer, page());
	if (ring->producer)
		munmap((void *)ring->producer, read_only(ring));
	*ring = (struct ring){ 0 };
}

static void give_back(struct ring *ring, unsigned long position)
{
	__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
}

static unsigned long rounded(uint32_t size)
{
	return (size + BPF_RINGBUF_HDR_SZ + 7UL) & ~7UL;
}

int ring_read(struct ring *ring, int limit, bool quiet,
	      int (*take)(void *context, void *data, size_t size), void *context)
{
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	unsigned long back = *ring->consumer, last = back;
	int count = 0, rc = 0;

	while (ring->read != end && count < limit && rc >= 0) {
		char *at = (char *)ring->data + (ring->read & (ring->size - 1));
		uint32_t head = __atomic_load_n((uint32_t *)at, __ATOMIC_ACQUIRE);
		uint32_t size = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (head & BPF_RINGBUF_BUSY_BIT)
			break;	/* a CPU still writes it */
		if (!(head & BPF_RINGBUF_DISCARD_BIT))
			rc = take(context, at + BPF_RINGBUF_HDR_SZ, size);
		last = ring->read;
		ring->read += rounded(size);
		count++;
		if (last - back >= ring->size / GIVE_BACK)
			give_back(ring, back = last);
	}
	give_back(ring, quiet ? last : ring->read);
	/* Who polls next must see what a CPU added that did not see this. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return rc < 0 ? rc : count;
}
