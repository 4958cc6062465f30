/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kernel.h - what the running kernel tells outside of BTF */
#ifndef CLOSETRACE_KERNEL_H
#define CLOSETRACE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"

#define KERNEL_BTF	"/sys/kernel/btf/vmlinux"

/*
 * CONFIG_HZ, jiffies a second (sysconf(_SC_CLK_TCK) is another unit), from /proc/config.gz or
 * /boot/config-RELEASE; 250, the usual one, when neither tells.  Needed to show SO_LINGER.
 */
uint32_t kernel_hz(const char *release);

/* Whether we have one of linux/capability.h. */
bool kernel_capable(unsigned int capability);

/* The inode number of the pid namespace we live in; 0: the initial one. */
uint32_t kernel_pid_namespace(void);

/*
 * A number that the kernel keeps of a loaded program, as recursion_misses: from /proc/self/fdinfo;
 * 0 when it is not told.
 */
uint64_t kernel_program_number(int program_fd, const char *name);

/*
 * Bytes for a ring: --buffer, else memory/1024 up to 16 MiB, or four times as much with stacks;
 * rounded up to a power of two of whole pages.
 */
uint32_t kernel_ring_size(const struct options *options);

#endif
