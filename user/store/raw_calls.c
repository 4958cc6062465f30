// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <sys/syscall.h>

#include "raw_calls.h"

#define CALL(name) { #name, SYS_##name }

/* Those that user/via.c and user/act.c tell apart. */
const struct raw_call raw_calls[] = {
	CALL(close), CALL(close_range), CALL(dup3), CALL(execve), CALL(execveat), CALL(shutdown),
	CALL(connect), CALL(io_uring_enter), CALL(sendmsg), CALL(sendto), CALL(read),
#ifdef SYS_dup2
	CALL(dup2),
#endif
};

const size_t raw_call_count = sizeof(raw_calls) / sizeof(raw_calls[0]);
