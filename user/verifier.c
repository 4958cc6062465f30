// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier.h"

#define LOG_STATS	4	/* BPF_LOG_STATS: one line of figures, since 5.2 */
#define LOG_SIZE	4096

int verifier_watch(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object) {
		char *log;

		if (!bpf_program__autoload(program))
			continue;
		log = calloc(1, LOG_SIZE);
		if (!log)
			return -ENOMEM;
		bpf_program__set_log_buf(program, log, LOG_SIZE);
		bpf_program__set_log_level(program, LOG_STATS);
	}
	return 0;
}

unsigned long verifier_instructions(const struct bpf_program *program)
{
	size_t size;
	const char *log = bpf_program__log_buf(program, &size);
	const char *figures = log ? strstr(log, "processed ") : NULL;
	unsigned long count = 0;

	if (figures)
		sscanf(figures, "processed %lu insns", &count);
	return count;
}

void verifier_release(struct bpf_object *object)
{
	struct bpf_program *program;
	size_t size;

	bpf_object__for_each_program(program, object) {
		free((char *)bpf_program__log_buf(program, &size));
		bpf_program__set_log_buf(program, NULL, 0);
	}
}
