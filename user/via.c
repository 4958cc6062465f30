// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* via.c - the call by which a task ended a connection, from the number the kernel saved */
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "act.h"

static const char *via_syscall(const struct record *r)
{
	int number = r->syscall;

	/* These end connections by netlink, or a BPF iterator; else they let go of a file last. */
	if (r->err == ECONNABORTED && (number == SYS_sendmsg || number == SYS_sendto))
		return "sock_destroy";
	if (r->err == ECONNABORTED && number == SYS_read)
		return "bpf_iter";
	switch (number) {
	case SYS_close:
		return "close";
	case SYS_close_range:
		return "close_range";
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		return "dup";
	case SYS_execve:
	case SYS_execveat:
		return "exec";
	case SYS_shutdown:
		return "shutdown";
	case SYS_connect:
		return "disconnect";
	case SYS_io_uring_enter:
		return "io_uring";
	default:
		return NULL;
	}
}

const char *act_via(const struct act *act)
{
	const struct record *r = &act->record;

	if (r->facts & FACT(collected))
		return "scm_gc";
	if (!(r->known & KNOWN_ACTOR))
		return NULL;
	if (r->facts & FACT(io_worker))
		return "io_uring";
	if (r->known & KNOWN_EXIT)
		return WTERMSIG(r->exit_code) ? "signal" : "exit";
	if (r->context == CONTEXT_KTHREAD)
		return "kthread";
	return r->known & KNOWN_SYSCALL ? via_syscall(r) : NULL;
}
