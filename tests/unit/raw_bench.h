/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* raw_bench.h - one story of records, steps and drains: traced, or recorded and reported */
#ifndef UNIT_RAW_BENCH_H
#define UNIT_RAW_BENCH_H

#include <stddef.h>

/* What a live trace prints of the story, as JSON; to be freed. */
char *raw_bench_traced(void);

/* Records the story into a new file, whose name is written to path. */
void raw_bench_record(char path[64]);

/* What report prints of a file with these options, NULL at the end; to be freed. */
char *raw_bench_report(const char *path, int *status, ...) __attribute__((sentinel));

/* A whole file; to be freed. */
char *raw_bench_read(const char *path, size_t *size);
void raw_bench_write(const char *path, const void *data, size_t size);

#endif
