// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_way.c - whether function hooks can be attached at all
 *
 * To try it with our own programs takes most of the time until the first act: types are read,
 * programs relocated, and for kprobes verified too.  What refuses all of them is told by less.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <unistd.h>

#include "hook.h"

#define ANY_FUNCTION "tcp_shutdown"	/* of every kernel with TCP */

/* By a program that does nothing. */
static int fentry_refused(const struct types *types)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = types_find(types, ANY_FUNCTION, BTF_KIND_FUNC));
	int fd;

	if (!opts.attach_btf_id)
		return 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "nothing", "Dual BSD/GPL", nothing,
			   sizeof(nothing) / sizeof(nothing[0]), &opts);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* The two ways by which libbpf attaches one. */
static int kprobe_refused(void)
{
	static const char *const ways[] = {
		"/sys/bus/event_source/devices/kprobe/type",
		"/sys/kernel/debug/tracing/kprobe_events",
		"/sys/kernel/tracing/kprobe_events",
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!access(ways[i], F_OK))
			return 0;
	}
	return -ENOENT;
}

int hook_way_refused(enum hook_way way, const struct types *types)
{
	if (way == HOOK_FENTRY)
		return fentry_refused(types);
	return way == HOOK_KPROBE ? kprobe_refused() : 0;
}
