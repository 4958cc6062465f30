// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook_accept.bpf.c - who accepted a connection
 *
 * In the base tier at the end of accept(2) and accept4(2), only when a process is asked for: that
 * tracepoint runs for every system call of the machine and costs each some nanoseconds.
 */
#include "hook.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define NR_ACCEPT	43
#define NR_ACCEPT4	288
#elif defined(__TARGET_ARCH_arm64)
#define NR_ACCEPT	202
#define NR_ACCEPT4	242
#endif

/* Of all other calls this must be the end: two comparisons and a plain load. */
SEC("tp_btf/sys_exit")
int BPF_PROG(hook_accept, struct pt_regs *regs, long fd)
{
	int number = compat_number(regs);
	struct task_struct *task;
	struct sock *sk;

	if ((number != NR_ACCEPT && number != NR_ACCEPT4) || fd < 0)
		return 0;
	task = (struct task_struct *)bpf_get_current_task();
	/* A 32-bit call has numbers of its own. */
	if (compat_syscall() != number)
		return 0;
	sk = who_socket(who_file(task, fd));
	/* A connection that died in the queue has no end to come. */
	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE)
		return 0;
	owner_set((__u64)sk, OWNER_ACCEPT, ROLE_SERVER, false);
	return 0;
}

/*
 * The full tier knows it for each connection alone: inet_accept() grafts the socket onto the file
 * that is being made.
 */
HOOK_TWICE(graft, security_sock_graft, (struct sock *sk, struct socket *parent), (sk, parent))
{
	sk = owner_tcp_socket(sk);
	if (sk && BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
		owner_set(number_of_any(sk), OWNER_ACCEPT, ROLE_SERVER, false);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
