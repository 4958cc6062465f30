// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * iter_seed.bpf.c - owners of the sockets that are older than the tracer
 *
 * Walks the files of all tasks once, after the hooks are attached, and never overwrites what a
 * hook has learned meanwhile.  The iterator holds each file while it looks at it: a close() that
 * races with it runs in our process.
 */
#include "common.bpf.h"

SEC("iter/task_file")
int seed(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct sock *sk;
	__u8 state;

	if (!task || !file)
		return 0;
	sk = who_socket(file);
	if (!sk)
		return 0;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE)
		return 0;
	if (state != TCP_LISTEN)
		owner_seed((__u64)sk, task, ROLE_UNKNOWN);
	else if (owner_seed((__u64)sk, task, ROLE_LISTENER))
		listener_opened(sk, (__u64)sk);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
