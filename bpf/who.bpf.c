// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * who.bpf.c - tasks: their names in our pid namespace, whether the user asked for them, their files
 */
#include "common.bpf.h"

#define PID_LEVELS	32	/* MAX_PID_NS_LEVEL */
#define S_IFMT		0170000
#define S_IFSOCK	0140000

/* The number of a task in our pid namespace; 0 when it is not visible there. */
__u32 __hidden who_pid(struct task_struct *task)
{
	struct pid *pid;
	__u32 level;

	if (!settings.pidns)
		return BPF_CORE_READ(task, pid);
	pid = BPF_CORE_READ(task, thread_pid);
	level = BPF_CORE_READ(pid, level);
	/* From our own level up to the task's: the initial one is not ours. */
	for (__u32 i = 1; i < PID_LEVELS; i++) {
		struct upid *upid = compat_upid(pid, i);

		if (i > level)
			break;
		if (BPF_CORE_READ(upid, ns, ns.inum) == settings.pidns)
			return BPF_CORE_READ(upid, nr);
	}
	return 0;
}

void __hidden who_is(struct record_task *who, struct task_struct *task)
{
	who->pid = who_pid(BPF_CORE_READ(task, group_leader));
	who->tid = settings.pidns ? who_pid(task) : BPF_CORE_READ(task, pid);
	who->uid = BPF_CORE_READ(task, cred, uid.val);
	BPF_CORE_READ_STR_INTO(&who->comm, task, comm);
}

/* The same of the running task: the kernel's own functions read no memory that may be missing. */
void __hidden who_runs(struct record_task *who)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 ids = bpf_get_current_pid_tgid();

	who->pid = settings.pidns ? who_pid(BPF_CORE_READ(task, group_leader)) : ids >> 32;
	who->tid = settings.pidns ? who_pid(task) : (__u32)ids;
	who->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(who->comm, sizeof(who->comm));
}

__u64 __hidden who_cgroup(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* 1/100 s since boot, as /proc/PID/stat shows it; start_boottime is there since 5.5. */
__u64 __hidden who_start_ticks(struct task_struct *task)
{
	return BPF_CORE_READ(task, group_leader, start_boottime) / 10000000;
}

/* A process of -p; the start tells a reused pid. */
static struct subject *subject_of(struct task_struct *task, __u32 pid)
{
	struct subject *subject = bpf_map_lookup_elem(&subjects, &pid);

	return subject && subject->start_ticks == who_start_ticks(task) ? subject : NULL;
}

/* Of each filter: whether it wants anything, and whether this task is it. */
struct verdict {
	bool wants, hit, excluded;
};

static __always_inline void consider(struct verdict *verdict, bool hit, bool not)
{
	if (not)
		verdict->excluded |= hit;
	else
		verdict->hit |= hit;
	verdict->wants |= !not;
}

static struct verdict ask_pids(struct task_struct *task, __u32 pid)
{
	struct verdict verdict = { .wants = settings.pids };
	struct subject *subject = subject_of(task, pid);

	if (subject)
		consider(&verdict, true, subject->not);
	return verdict;
}

static bool same_comm(const char *a, const char *b)
{
	return ((__u64 *)a)[0] == ((__u64 *)b)[0] && ((__u64 *)a)[1] == ((__u64 *)b)[1];
}

static struct verdict ask_comms(struct task_struct *task)
{
	/* Behind the NUL there may be anything in the task's. */
	char comm[RECORD_COMM] __attribute__((aligned(8))) = {};
	struct verdict verdict = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), &task->comm);
	for (__u32 i = 0; i < SETTINGS_COMMS && i < settings.comms; i++) {
		char wanted[RECORD_COMM] __attribute__((aligned(8)));

		__builtin_memcpy(wanted, (const void *)settings.comm[i].comm, sizeof(wanted));
		consider(&verdict, same_comm(comm, wanted), settings.comm[i].not);
	}
	return verdict;
}

static struct verdict ask_uids(__u32 uid)
{
	struct verdict verdict = {};

	for (__u32 i = 0; i < SETTINGS_UIDS && i < settings.uids; i++)
		consider(&verdict, settings.uid[i].uid == uid, settings.uid[i].not);
	return verdict;
}

static __always_inline __u8 judge(__u8 who, struct verdict verdict)
{
	if (verdict.excluded)
		who |= WHO_EXCLUDED;
	if (verdict.wants && !verdict.hit)
		who &= ~WHO_WANTED;
	return who;
}

/* enum record_who of a task whose names are known. */
__u8 __hidden who_asks(const struct record_task *who, struct task_struct *task)
{
	__u8 result = WHO_WANTED;

	if (!settings.who)
		return result;
	result = judge(result, ask_pids(task, who->pid));
	if (settings.comms)
		result = judge(result, ask_comms(task));
	if (settings.uids)
		result = judge(result, ask_uids(who->uid));
	return result;
}

/* The file behind a descriptor of a task; NULL when there is none. */
struct file *__hidden who_file(struct task_struct *task, __u64 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

/* The TCP socket behind a file, or the first subflow of an MPTCP one; NULL for all others. */
struct sock *__hidden who_socket(struct file *file)
{
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return owner_tcp_socket(socket ? BPF_CORE_READ(socket, sk) : NULL);
}

/* -f: a process that is wanted has a child; threads are of its own process. */
SEC("raw_tp/sched_process_fork")
int hook_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *parent = (struct task_struct *)ctx->args[0];
	struct task_struct *child = (struct task_struct *)ctx->args[1];
	__u32 pid = who_pid(BPF_CORE_READ(parent, group_leader));
	struct subject *subject = subject_of(parent, pid);
	struct subject entry = { .forked = true };

	if (!subject || subject->not || BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid))
		return 0;
	entry.start_ticks = who_start_ticks(child);
	pid = who_pid(child);
	if (bpf_map_update_elem(&subjects, &pid, &entry, BPF_ANY))
		__sync_fetch_and_add(&counters_here()->children_full, 1);
	else
		__sync_fetch_and_add(&counters_here()->children_born, 1);
	return 0;
}

/* Its files are closed after this; the entry stays until the number is used again, or for good. */
SEC("raw_tp/sched_process_exit")
int hook_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct subject *subject;

	/* The last thread of the process. */
	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	subject = subject_of(task, who_pid(BPF_CORE_READ(task, group_leader)));
	if (!subject || !subject->forked)
		return 0;
	subject->forked = false;
	__sync_fetch_and_add(&counters_here()->children_gone, 1);
	return 0;
}

/*
 * The process is gone for good, so its number may go too.  Where numbers are those of another
 * namespace they cannot be told any more, and the entries stay.
 */
SEC("raw_tp/sched_process_free")
int hook_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	__u32 pid = BPF_CORE_READ(task, tgid), tid = BPF_CORE_READ(task, pid);
	struct subject *subject;

	if (settings.pidns || tid != pid)
		return 0;
	subject = subject_of(task, pid);
	if (subject && !subject->not && !subject->forked)
		bpf_map_delete_elem(&subjects, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
