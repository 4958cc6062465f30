// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * owner.bpf.c - to whom a socket belongs, and whether the user asked for it
 *
 * An entry lives from the first sight of a socket to its CLOSE, always: socket memory is reused
 * within milliseconds and the next tenant must not inherit it.
 */
#include "common.bpf.h"

/* 1/100 s since boot, as /proc/PID/stat shows it; start_boottime is there since 5.5. */
__u64 __hidden owner_start_ticks(struct task_struct *task)
{
	return BPF_CORE_READ(task, group_leader, start_boottime) / 10000000;
}

bool __hidden owner_is_subject(__u32 tgid)
{
	if (!settings.pids)
		return true;
	return bpf_map_lookup_elem(&subjects, &tgid) != NULL;
}

/* The same for a task at hand, whose start tells a reused pid. */
static bool task_is_subject(struct task_struct *task, __u32 tgid)
{
	struct subject *subject = bpf_map_lookup_elem(&subjects, &tgid);

	return subject && subject->start_ticks == owner_start_ticks(task);
}

/*
 * Ids are told apart by time and CPU: a counter shared by all CPUs would need a fetching atomic,
 * which 5.10 lacks, and a counter a CPU is not safe against a softirq on the same CPU.
 */
__u64 __hidden owner_new_id(void)
{
	return bpf_ktime_get_ns() << 8 | (bpf_get_smp_processor_id() & 0xff);
}

struct owner *__hidden owner_of(struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&owners, &key);
}

void __hidden owner_drop(struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct owner *owner = bpf_map_lookup_elem(&owners, &key);

	if (!owner)
		return;
	if (owner->subject)
		__sync_fetch_and_add(&counters_here()->subjects_closed, 1);
	bpf_map_delete_elem(&owners, &key);
}

/*
 * Makes the running task the owner.  @reborn: the socket begins a life, so it gets a new id;
 * else the id it has is kept.  Must be called in process context.
 */
struct owner *__hidden owner_set(struct sock *sk, __u8 by, __u8 role, bool reborn)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct owner *known = owner_of(sk);
	struct owner owner = {};
	__u64 key = (__u64)sk;

	owner.born_ns = bpf_ktime_get_ns();
	owner.id = owner_new_id();
	if (known && !reborn) {
		owner.id = known->id;
		owner.born_ns = known->born_ns;
		role = role ?: known->role;
	}
	owner.role = role;
	owner.by = by;
	sample_task(&owner.task);
	owner.subject = settings.pids && task_is_subject(task, owner.task.pid);
	if (known && known->subject)
		__sync_fetch_and_add(&counters_here()->subjects_closed, 1);
	if (bpf_map_update_elem(&owners, &key, &owner, BPF_ANY)) {
		__sync_fetch_and_add(&counters_here()->owner_full, 1);
		return NULL;
	}
	if (owner.subject)
		__sync_fetch_and_add(&counters_here()->subjects_opened, 1);
	return bpf_map_lookup_elem(&owners, &key);
}

/* The running task ends its half: after fork() it may be another than the one that connected. */
void __hidden owner_touched(struct sock *sk)
{
	struct owner *known = owner_of(sk);

	if (!known || known->task.pid != (__u32)(bpf_get_current_pid_tgid() >> 32))
		owner_set(sk, OWNER_LAST, ROLE_UNKNOWN, false);
}

/* A socket found among a task's files, of which no hook has told yet. */
void __hidden owner_seed(struct sock *sk, struct task_struct *task, __u8 role)
{
	struct owner owner = {
		.by = OWNER_SEED,
		.role = role,
	};
	__u64 key = (__u64)sk;

	owner.id = owner_new_id();
	owner.born_ns = bpf_ktime_get_ns();
	owner.task.pid = BPF_CORE_READ(task, tgid);
	owner.task.tid = owner.task.pid;
	owner.task.uid = BPF_CORE_READ(task, cred, uid.val);
	BPF_CORE_READ_STR_INTO(&owner.task.comm, task, group_leader, comm);
	owner.subject = settings.pids && task_is_subject(task, owner.task.pid);
	if (bpf_map_update_elem(&owners, &key, &owner, BPF_NOEXIST)) {
		if (!owner_of(sk))
			__sync_fetch_and_add(&counters_here()->owner_full, 1);
		return;
	}
	if (owner.subject)
		__sync_fetch_and_add(&counters_here()->subjects_opened, 1);
}

static void tuple_of(struct tuple *tuple, const struct record *r)
{
	__builtin_memcpy(tuple->laddr, r->laddr, sizeof(tuple->laddr));
	__builtin_memcpy(tuple->raddr, r->raddr, sizeof(tuple->raddr));
	tuple->lport = r->lport;
	tuple->rport = r->rport;
	tuple->netns = r->netns;
}

/* A FIN left: replies of this 4-tuple, from FIN_WAIT2 and TIME_WAIT, are on behalf of its owner. */
void __hidden owner_departs(const struct record *r)
{
	struct departed departed = {
		.time_ns = r->time_ns,
		.socket = r->socket,
		.owner = r->owner,
		.owner_by = r->owner_by,
		.role = r->role,
	};
	struct tuple tuple;

	tuple_of(&tuple, r);
	bpf_map_update_elem(&departures, &tuple, &departed, BPF_ANY);
}

/* The last owner of the 4-tuple of a reply, if it is remembered. */
void __hidden owner_departed(struct record *r)
{
	struct departed *departed;
	struct tuple tuple;

	tuple_of(&tuple, r);
	departed = bpf_map_lookup_elem(&departures, &tuple);
	if (!departed)
		return;
	r->socket = departed->socket;
	r->owner = departed->owner;
	r->owner_by = departed->owner_by;
	r->role = departed->role;
	r->known |= KNOWN_SOCKET | (departed->owner_by ? KNOWN_OWNER : 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
