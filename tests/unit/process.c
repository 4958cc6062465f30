// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* process.c - on our own process, a thread of it, and one that there is not */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define NO_PID		4194304	/* PID_MAX_LIMIT of the kernel: the first number never given */
#define TICKS_A_SECOND	100	/* USER_HZ, on every architecture that BTF is built for */

Test(process, own)
{
	pid_t leader = 0;

	cr_expect_eq(process_check(getpid(), &leader), 0);
	cr_expect_eq(leader, getpid());
}

Test(process, absent)
{
	pid_t leader = 0;

	cr_expect_eq(process_check(NO_PID, &leader), -ESRCH);
	cr_expect_eq(process_check(0, &leader), -ESRCH);
	cr_expect_eq(process_check(-1, &leader), -ESRCH);
	cr_expect_eq(process_start_ticks(NO_PID), 0);
	cr_expect_lt(process_watch(NO_PID), 0);
}

struct thread {
	pid_t tid;
	int result;
	pid_t leader;
	uint64_t ticks;
};

static void *look_at_myself(void *context)
{
	struct thread *thread = context;

	thread->tid = (pid_t)syscall(SYS_gettid);
	thread->result = process_check(thread->tid, &thread->leader);
	thread->ticks = process_start_ticks(thread->tid);
	return NULL;
}

/* /proc/TID exists for threads too, though no listing shows it. */
Test(process, thread_is_told_with_its_leader)
{
	struct thread thread = { 0 };
	pthread_t handle;

	cr_assert_eq(pthread_create(&handle, NULL, look_at_myself, &thread), 0);
	cr_assert_eq(pthread_join(handle, NULL), 0);
	cr_expect_neq(thread.tid, getpid());
	cr_expect_eq(thread.result, -ENOTSUP);
	cr_expect_eq(thread.leader, getpid());
	cr_expect_geq(thread.ticks, process_start_ticks(getpid()));
}

Test(process, start_is_in_the_past_and_stays)
{
	uint64_t ticks = process_start_ticks(getpid());
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	cr_expect_gt(ticks, 0);
	cr_expect_leq(ticks, (uint64_t)(now.tv_sec + 1) * TICKS_A_SECOND);
	/* The test runner was started a moment ago, init long before it. */
	cr_expect_geq(ticks, process_start_ticks(getppid()));
	cr_expect_eq(ticks, process_start_ticks(getpid()));
}

/* The name stands between parentheses and may hold them, blanks and line ends. */
Test(process, name_does_not_shift_the_fields)
{
	static const char *const names[] = { ") S 1 2 3 (", "a b c", "))))((((", "x\n) R 9", "" };
	uint64_t ticks = process_start_ticks(getpid());
	pid_t leader;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_assert_eq(prctl(PR_SET_NAME, names[i]), 0);
		cr_expect_eq(process_start_ticks(getpid()), ticks, "name '%s'", names[i]);
		cr_expect_eq(process_check(getpid(), &leader), 0, "name '%s'", names[i]);
	}
}

/* A name must not pass for a line of status: the kernel escapes its line end. */
Test(process, name_cannot_forge_a_leader)
{
	pid_t leader = 0;

	cr_assert_eq(prctl(PR_SET_NAME, "x\nTgid: 1"), 0);
	cr_expect_eq(process_check(getpid(), &leader), 0);
	cr_expect_eq(leader, getpid());
}

Test(process, watch_tells_the_end)
{
	pid_t child = fork();
	struct pollfd poller = { .events = POLLIN };
	pid_t leader;

	if (!child) {
		pause();
		_exit(0);
	}
	poller.fd = process_watch(child);
	cr_assert_geq(poller.fd, 0);
	cr_expect_eq(poll(&poller, 1, 0), 0, "it lives");
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_expect_eq(poll(&poller, 1, 2000), 1, "it has ended");
	waitpid(child, NULL, 0);
	cr_expect_eq(process_check(child, &leader), -ESRCH);
	cr_expect_eq(process_start_ticks(child), 0);
	close(poller.fd);
}
