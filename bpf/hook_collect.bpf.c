// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_collect.bpf.c - the full tier: descriptors in flight that the kernel's collector drops
 *
 * Unix sockets whose descriptors are under way only among themselves are collected by whoever
 * happens to run unix_gc(): up to 6.8 any task that closes a Unix socket, then a worker.  Neither
 * has closed the connection whose descriptor was in flight.
 */
#include "hook.bpf.h"

#define SCM_MAX_FD	253

static __always_inline int note_gc(bool runs)
{
	__u64 key = bpf_get_current_pid_tgid();
	__u8 yes = 1;

	if (runs)
		bpf_map_update_elem(&collecting, &key, &yes, BPF_ANY);
	else
		bpf_map_delete_elem(&collecting, &key);
	return 0;
}

SEC("fentry/unix_gc")
int BPF_PROG(fentry_unix_gc)
{
	return note_gc(true);
}

SEC("fexit/unix_gc")
int BPF_PROG(fexit_unix_gc)
{
	return note_gc(false);
}

static bool in_collector(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 key = bpf_get_current_pid_tgid();

	return (BPF_CORE_READ(task, flags) & PF_KTHREAD) || bpf_map_lookup_elem(&collecting, &key);
}

/* The files of one message; the last reference of a file is put later, perhaps by another task. */
HOOK(scm_destroy, __scm_destroy, (struct scm_cookie *scm), (scm))
{
	struct scm_fp_list *list = BPF_CORE_READ(scm, fp);
	int count;

	if (!list || !in_collector())
		return 0;
	count = BPF_CORE_READ(list, count);
	for (int i = 0; i < SCM_MAX_FD && i < count; i++) {
		struct file *file = NULL;
		__u64 inode;

		bpf_core_read(&file, sizeof(file), &list->fp[i]);
		if (!file || compat_file_references(file) != 1)
			continue;
		inode = BPF_CORE_READ(file, f_inode, i_ino);
		bpf_map_update_elem(&collected, &file, &inode, BPF_ANY);
		any_collected = 1;
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
