/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kernel.h - what the running kernel tells outside of BTF */
#ifndef CLOSETRACE_KERNEL_H
#define CLOSETRACE_KERNEL_H

#include <stdint.h>

/*
 * CONFIG_HZ, jiffies a second (sysconf(_SC_CLK_TCK) is another unit), from /proc/config.gz or
 * /boot/config-RELEASE; 250, the usual one, when neither tells.  Needed to show SO_LINGER.
 */
uint32_t kernel_hz(const char *release);

/* recursion_misses of a loaded program, from /proc/self/fdinfo; 0 when it is not told. */
uint64_t kernel_missed_runs(int program_fd);

#endif
