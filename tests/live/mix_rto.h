/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The shortest time after which the kernel resends a segment, for the loopback addresses of the
 * current network namespace.
 */
#ifndef LIVE_MIX_RTO_H
#define LIVE_MIX_RTO_H

/* 0 or a negative errno. */
int mix_rto_set(unsigned int ms);

#endif
