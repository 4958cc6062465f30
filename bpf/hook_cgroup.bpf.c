// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_cgroup.bpf.c - the names of cgroups that come to be: cgroup_mkdir, cgroup_rename
 *
 * A container may be gone before its last connection is told of, and its cgroup with it.
 */
#include "common.bpf.h"

static __always_inline int tell_name(struct cgroup *cgroup, const char *path)
{
	struct record_cgroup *out;

	/* Only the hierarchy of cgroup v2, whose number is 0: the ids of others mean nothing. */
	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return 0;
	out = bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	if (!out) {
		__sync_fetch_and_add(&counters_here()->cgroup_lost, 1);
		return 0;
	}
	out->size = sizeof(*out);
	out->version = RECORD_VERSION;
	out->kind = RECORD_CGROUP;
	out->id = BPF_CORE_READ(cgroup, kn, id);
	if (bpf_probe_read_kernel_str(out->path, sizeof(out->path), path) < 0)
		out->path[0] = '\0';
	bpf_ringbuf_submit(out, 0);
	return 0;
}

SEC("raw_tp/cgroup_mkdir")
int hook_mkdir(struct bpf_raw_tracepoint_args *ctx)
{
	return tell_name((struct cgroup *)ctx->args[0], (const char *)ctx->args[1]);
}

SEC("raw_tp/cgroup_rename")
int hook_rename(struct bpf_raw_tracepoint_args *ctx)
{
	return tell_name((struct cgroup *)ctx->args[0], (const char *)ctx->args[1]);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
