// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * empty.bpf.c - programs that do nothing, on the tracepoints that closetrace uses: what it costs
 * to be called there, and to have that measured
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define EMPTY(name)                                                                                \
	SEC("raw_tp/" #name)                                                                       \
	int empty_##name(void *ctx)                                                                \
	{                                                                                          \
		return 0;                                                                          \
	}

EMPTY(inet_sock_set_state)
EMPTY(tcp_send_reset)
EMPTY(tcp_receive_reset)
EMPTY(tcp_destroy_sock)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
