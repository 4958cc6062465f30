/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ring.h - reads the ring that the programs write, in place
 *
 * The kernel wakes who polls the ring when it adds a record right behind what was given back.
 * Under load that is an interrupt and a task that is preempted for every few records.  So a reader
 * that will look again by itself keeps the last record that it has read: then nobody is woken,
 * whatever comes.
 */
#ifndef CLOSETRACE_RING_H
#define CLOSETRACE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring {
	int fd;				/* of the map; poll() says whether there is something */
	size_t size;			/* bytes, a power of two */
	unsigned long *consumer;	/* what is before it was given back */
	const unsigned long *producer;
	const char *data;		/* twice in a row: no record is cut in two */
	unsigned long read;		/* what is before it was handed on */
};

/* Maps the ring of that map.  0 or a negative errno. */
int ring_open(struct ring *ring, int fd, size_t size);
void ring_close(struct ring *ring);

/*
 * Hands on what is in the ring, so many records at most; the data is good until the call returns.
 * With @quiet, what comes after it wakes nobody.  Returns the number of records, or what @take
 * returned if that is negative.
 */
int ring_read(struct ring *ring, int limit, bool quiet,
	      int (*take)(void *context, void *data, size_t size), void *context);

#endif
