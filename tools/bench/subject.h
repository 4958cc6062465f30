/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * subject - a program whose cost is measured: started, watched from outside, stopped
 */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench.h"

#define SUBJECT_WORDS	12

/* Words that begin with @ are replaced: @closetrace, @out (a file), @pid (of another process). */
struct variant {
	const char *name;
	const char *word[SUBJECT_WORDS];
	bool tiered;		/* understands --tier */
	bool inside;		/* runs in the network namespace of the churn */
	bool no_programs;	/* has no BPF links that would tell that it is attached */
};

extern const struct variant variants[];
extern const unsigned int variant_count;

struct subject {
	const struct variant *variant;
	pid_t pid;
	uint64_t begun_ns;	/* the fork */
	int out;		/* its standard output: a file, or the reading end of a pipe */
	int err;		/* a file in memory */
	int status;		/* as of waitpid(), when it has ended */
	bool ended;
	char dir[64];		/* for @out */
	char why[256];		/* it did not start */
};

/* Standard output goes to a file; to a pipe with piped.  0, or -1 and .why. */
int subject_start(struct subject *subject, const struct variant *variant, const struct plan *plan,
		  const struct churn *churn, bool piped);
/* Waits until its hooks are attached.  0, or -1 and .why. */
int subject_await(struct subject *subject);
/* SIGINT, and waits for its end. */
void subject_stop(struct subject *subject);
/* A number from its account, when it has ended; -1 when it does not give it. */
double subject_total(const struct subject *subject, const char *key);
/* Removes what it has written. */
void subject_release(struct subject *subject);

const struct variant *variant_find(const char *name);

#endif
