// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * owner.bpf.c - to whom a socket belongs, and whether the user asked for it
 *
 * An entry lives from the first sight of a socket to its CLOSE, always: socket memory is reused
 * within milliseconds and the next tenant must not inherit it.
 */
#include "seen.bpf.h"
#include "slot.bpf.h"

/*
 * Ids are told apart by time and CPU: a counter shared by all CPUs would need a fetching atomic,
 * which 5.10 lacks, and a counter a CPU is not safe against a softirq on the same CPU.
 */
static __always_inline __u64 id_at(__u64 time_ns)
{
	return time_ns << 8 | (bpf_get_smp_processor_id() & 0xff);
}

__u64 __hidden owner_new_id(void)
{
	return id_at(bpf_ktime_get_ns());
}

/* The TCP socket behind one that a task holds; NULL for other protocols. */
struct sock *__hidden owner_tcp_socket(struct sock *sk)
{
	__u16 family = sk ? BPF_CORE_READ(sk, __sk_common.skc_family) : 0;

	return family == AF_INET || family == AF_INET6 ? compat_tcp_socket(sk) : NULL;
}

/* Sockets of -p are counted: closetrace runs on until the last is over. */
static bool is_counted(const struct owner *owner)
{
	return settings.pids && (owner->who & WHO_WANTED);
}

void __hidden owner_drop(__u64 key)
{
	struct owner *owner = owner_of(key);

	if (!owner)
		return;
	if (is_counted(owner))
		__sync_fetch_and_add(&counters_here()->subjects_closed, 1);
	peer_gone(owner);
	owner_delete(key);
}

static void owner_is_task(struct owner *owner, struct task_struct *task)
{
	who_is(&owner->task, task);
	owner->tgid = BPF_CORE_READ(task, tgid);
	owner->who = who_asks(&owner->task, task);
	owner->cgroup = who_cgroup(task);
}

static void owner_is_current(struct owner *owner, struct task_struct *task)
{
	who_runs(&owner->task);
	owner->tgid = bpf_get_current_pid_tgid() >> 32;
	owner->who = who_asks(&owner->task, task);
	owner->cgroup = bpf_get_current_cgroup_id();
}

static bool owner_store(__u64 key, struct owner *owner, bool keep)
{
	if (!owner_put(key, owner, keep)) {
		if (!owner_of(key))
			__sync_fetch_and_add(&counters_here()->owner_full, 1);
		return false;
	}
	if (is_counted(owner))
		__sync_fetch_and_add(&counters_here()->subjects_opened, 1);
	return true;
}

/* A connection comes to be that nobody has accepted yet. */
void __hidden owner_born(struct tcp_sock *tp, __u64 key)
{
	struct owner owner = { .role = ROLE_SERVER };

	/*
	 * TCP Fast Open: it is accepted before it is established.  An entry of one that has no file
	 * yet is that of an earlier tenant, whose end was not seen.
	 */
	if (tp->SOCK(sk_socket) && owner_of(key))
		return;
	owner.born_ns = bpf_ktime_get_ns();
	owner.id = id_at(owner.born_ns);
	listener_infer(tp, &owner);
	owner_store(key, &owner, false);
}

/*
 * Makes the running task the owner.  @reborn: the socket begins a life, so it gets a new id;
 * else the id it has is kept.  Must be called in process context.
 */
void __hidden owner_set(__u64 key, __u8 by, __u8 role, bool reborn)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct owner *known = owner_of(key);
	struct owner owner = { .role = role };

	/* A kernel thread connects on behalf of somebody else, or of nobody. */
	owner.by = COMPAT_CURRENT(flags) & PF_KTHREAD ? OWNER_NONE : by;
	owner.born_ns = bpf_ktime_get_ns();
	owner.id = id_at(owner.born_ns);
	if (known && !reborn) {
		owner.id = known->id;
		owner.born_ns = known->born_ns;
		peer_inherit(&owner, known);
		owner.role = role ?: known->role;
	}
	if (owner.by)
		owner_is_current(&owner, task);
	if (known && is_counted(known))
		__sync_fetch_and_add(&counters_here()->subjects_closed, 1);
	owner_store(key, &owner, false);
}

/*
 * The running task ends its half: after fork() it may be another than the one that connected.  A
 * kernel thread does so for somebody else.
 */
void __hidden owner_touched(__u64 key)
{
	struct owner *known = owner_of(key);
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	if (COMPAT_CURRENT(flags) & PF_KTHREAD)
		return;
	if (!known || !known->by || known->tgid != tgid)
		owner_set(key, OWNER_LAST, ROLE_UNKNOWN, false);
}

/* A socket found among a task's files; false when a hook or another file has told of it already. */
bool __hidden owner_seed(__u64 key, struct task_struct *task, __u8 role)
{
	struct owner owner = {
		.by = OWNER_SEED,
		.role = role,
	};

	owner.born_ns = bpf_ktime_get_ns();
	owner.id = id_at(owner.born_ns);
	owner_is_task(&owner, BPF_CORE_READ(task, group_leader));
	return owner_store(key, &owner, true);
}

static __always_inline void tuple_of(struct tuple *tuple, const struct record *r)
{
	__builtin_memcpy(tuple->laddr, r->laddr, sizeof(tuple->laddr));
	__builtin_memcpy(tuple->raddr, r->raddr, sizeof(tuple->raddr));
	tuple->lport = r->lport;
	tuple->rport = r->rport;
	tuple->netns = r->netns;
}

#define DEPARTED_WORDS	(offsetof(struct departed, sum) / sizeof(__u64))

/* A FIN left: replies of this 4-tuple, from FIN_WAIT2 and TIME_WAIT, are on behalf of its owner. */
void __hidden owner_departs(const struct record *r)
{
	struct departed departed = {
		.time_ns = r->time_ns,
		.socket = r->socket,
		.owner = r->owner,
		.owner_by = r->owner_by,
		.role = r->role,
		.who = r->owner_who,
		.cgroup = r->owner_cgroup,
	}, *slot;
	__u32 key;

	tuple_of(&departed.tuple, r);
	key = slot_key(&departed.tuple, DEPARTURE_BITS);
	departed.sum = slot_sum((__u64 *)&departed, DEPARTED_WORDS);
	slot = bpf_map_lookup_elem(&departures, &key);
	if (slot)
		*slot = departed;
}

/* Copied first, as it may be another's in the next moment. */
static __always_inline bool departed_of(struct departed *departed, const struct record *r)
{
	struct departed *slot;
	struct tuple tuple;
	__u32 key;

	tuple_of(&tuple, r);
	key = slot_key(&tuple, DEPARTURE_BITS);
	slot = bpf_map_lookup_elem(&departures, &key);
	if (!slot)
		return false;
	*departed = *slot;
	return slot_same(&departed->tuple, &tuple) &&
	       departed->sum == slot_sum((__u64 *)departed, DEPARTED_WORDS);
}

/* The last owner of the 4-tuple of a reply, if it is remembered. */
void __hidden owner_departed(struct record *r)
{
	struct departed departed;

	if (!departed_of(&departed, r))
		return;
	r->socket = departed.socket;
	r->owner = departed.owner;
	r->owner_by = departed.owner_by;
	r->owner_who = departed.who;
	r->owner_cgroup = departed.cgroup;
	r->departed_ns = departed.time_ns;
	r->role = departed.role;
	r->known |= KNOWN_SOCKET | (departed.owner_by ? KNOWN_OWNER : 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
