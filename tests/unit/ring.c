// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ring.c - the reader of the ring, with a file in the place of the kernel's map */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ring.h"

#define RECORD	64		/* with its head */
#define RECORDS	64U		/* in the ring */
#define SIZE	(RECORDS * RECORD)

/* What the kernel sees of it. */
struct kernel {
	int fd;
	unsigned long *consumer, *producer;
	char *data;
};

static struct ring ring;
static struct kernel kernel;

static void begin(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 2 * page + 2 * SIZE;
	char *all;

	kernel.fd = memfd_create("ring", 0);
	cr_assert(kernel.fd >= 0 && !ftruncate(kernel.fd, (off_t)size));
	all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, kernel.fd, 0);
	cr_assert(all != MAP_FAILED);
	kernel.consumer = (unsigned long *)all;
	kernel.producer = (unsigned long *)(all + page);
	kernel.data = all + 2 * page;
	cr_assert_eq(ring_open(&ring, kernel.fd, SIZE), 0);
}

/* A record that holds its number, and what its head says beside the size. */
static void produce(unsigned int number, __u32 flags)
{
	char *at = kernel.data + (*kernel.producer & (SIZE - 1));
	__u32 head = (RECORD - BPF_RINGBUF_HDR_SZ) | flags;

	memcpy(at, &head, sizeof(head));
	memcpy(at + BPF_RINGBUF_HDR_SZ, &number, sizeof(number));
	*kernel.producer += RECORD;
}

struct seen {
	unsigned int count, number[2 * RECORDS];
	unsigned long back_at_last;	/* what was given back when the last came */
	int refuse;
};

static int take(void *context, void *data, size_t size)
{
	struct seen *seen = context;

	cr_expect_eq(size, RECORD - BPF_RINGBUF_HDR_SZ);
	memcpy(&seen->number[seen->count++], data, sizeof(seen->number[0]));
	seen->back_at_last = *kernel.consumer;
	return seen->refuse;
}

static int read_into(struct seen *seen, int limit, bool quiet)
{
	*seen = (struct seen){ .refuse = seen->refuse };
	return ring_read(&ring, limit, quiet, take, seen);
}

Test(ring, gives_back_all_so_that_the_next_record_wakes, .init = begin)
{
	struct seen seen = { 0 };

	for (unsigned int i = 0; i < 3; i++)
		produce(i, 0);
	cr_expect_eq(read_into(&seen, 10, false), 3);
	cr_expect(seen.number[0] == 0 && seen.number[1] == 1 && seen.number[2] == 2);
	cr_expect_eq(*kernel.consumer, *kernel.producer);
}

Test(ring, quiet_keeps_the_last_record_until_it_is_not, .init = begin)
{
	struct seen seen = { 0 };

	for (unsigned int round = 0; round < 2; round++) {
		produce(round, 0);
		cr_expect_eq(read_into(&seen, 10, true), 1);
		cr_expect_eq(seen.number[0], round);
		cr_expect_eq(*kernel.consumer, *kernel.producer - RECORD);
	}
	cr_expect_eq(read_into(&seen, 10, true), 0);
	cr_expect_eq(*kernel.consumer, *kernel.producer - RECORD);
	cr_expect_eq(read_into(&seen, 10, false), 0);
	cr_expect_eq(*kernel.consumer, *kernel.producer);
}

Test(ring, waits_for_what_is_still_written_and_skips_what_was_discarded, .init = begin)
{
	struct seen seen = { 0 };
	char *busy;

	produce(1, BPF_RINGBUF_DISCARD_BIT);
	produce(2, 0);
	busy = kernel.data + *kernel.producer;
	produce(3, BPF_RINGBUF_BUSY_BIT);
	produce(4, 0);
	cr_expect_eq(read_into(&seen, 10, false), 2);
	cr_expect(seen.count == 1 && seen.number[0] == 2);
	memset(busy + 3, 0, 1);
	cr_expect_eq(read_into(&seen, 10, false), 2);
	cr_expect(seen.number[0] == 3 && seen.number[1] == 4);
}

Test(ring, takes_no_more_than_asked_and_stops_at_an_error, .init = begin)
{
	struct seen seen = { 0 };

	for (unsigned int i = 0; i < 5; i++)
		produce(i, 0);
	cr_expect_eq(read_into(&seen, 2, false), 2);
	cr_expect_eq(*kernel.consumer, 2 * RECORD);
	seen.refuse = -12;
	cr_expect_eq(read_into(&seen, 9, false), -12);
	cr_expect(seen.count == 1 && seen.number[0] == 2);
	seen.refuse = 0;
	cr_expect_eq(read_into(&seen, 9, false), 2);
}

/* A full ring has room again before all of it was read; and it goes on behind its end. */
Test(ring, gives_back_while_it_reads, .init = begin)
{
	struct seen seen = { 0 };

	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < RECORDS - 1; i++)
			produce(i, 0);
		cr_expect_eq(read_into(&seen, 1000, false), (int)RECORDS - 1);
		cr_expect_eq(seen.number[RECORDS - 2], RECORDS - 2);
		cr_expect_leq(*kernel.consumer - seen.back_at_last, SIZE / 16);
	}
}

Test(ring, of_no_map_is_an_error)
{
	int fd = memfd_create("empty", MFD_CLOEXEC);
	struct ring none;

	close(fd);
	cr_expect_lt(ring_open(&none, fd, SIZE), 0);
}
