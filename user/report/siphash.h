/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* siphash.h - SipHash-2-4: a short hash that nobody can compute without the key */
#ifndef REPORT_SIPHASH_H
#define REPORT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const uint8_t key[16], const void *data, size_t size);

#endif
