/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* groups.h - --by: acts counted by the values of some keys */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

#include "field.h"
#include "message.h"
#include "sinks/sink.h"
#include "numbers.h"

#define GROUPS_KEYS	8

struct groups {
	const struct field *key[GROUPS_KEYS];
	size_t keys;
	struct group **slot;		/* by hash, open addressing; NULL: free */
	size_t slots, count;
};

/* Fills groups->key from "cause,owner_comm"; -EINVAL with *message saying what is wrong. */
int groups_parse(struct groups *groups, const char *list, char message[MESSAGE]);

/* Counts an act that stands for so many.  0 or -ENOMEM. */
int groups_act(struct groups *groups, const struct act *act, uint64_t times);

/*
 * Writes the groups, the most frequent first, at most @top of them (0: all), in the form of -o; one
 * that has none for them is refused when the options are checked.  0 or a negative errno.
 */
int groups_print(const struct groups *groups, const struct sink_options *options,
		 const char *format, uint64_t top);

void groups_free(struct groups *groups);

/* What has been counted, in the same order; for those who write it. */
struct group {
	struct numbers tally;
	size_t size;
	char values[];		/* coded, see groups.c */
};

/* Sorted, to be freed; NULL without memory. */
const struct group **groups_sorted(const struct groups *groups);

/* Takes the next value of a group; starts at *at = 0. */
void group_value(const struct group *group, size_t *at, struct value *value);

#endif
