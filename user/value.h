/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.h - the values that options take: each parser is 0, or -EINVAL and leaves *value alone */
#ifndef CLOSETRACE_VALUE_H
#define CLOSETRACE_VALUE_H

#include <stdint.h>

#include "abi/settings.h"

/* A whole decimal number in [low, high]. */
int value_number(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/* "30s", "5m", "2h", "1d", "250ms" or plain seconds, more than 0; into ns. */
int value_duration(const char *text, uint64_t *ns);

/* "4M", "64k" or plain bytes. */
int value_size(const char *text, uint64_t *bytes);

/* "10.0.0.0/8", "::1"; fills address and mask. */
int value_address(const char *text, struct settings_address *value);

/* A number, or a name of /etc/passwd, which is read without NSS. */
int value_uid(const char *text, uint32_t *uid);

/* An inode number, a path, or a name below /run/netns; -ENOENT: there is no such namespace. */
int value_netns(const char *text, uint32_t *inode);

#endif
