/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* seed.h - the owners of sockets that are older than this run, from the files of all tasks */
#ifndef CLOSETRACE_SEED_H
#define CLOSETRACE_SEED_H

struct bpf_link;

/* Runs an attached iterator to its end; what it finds goes into maps, it writes nothing. */
void seed_run(const struct bpf_link *link);

#endif
