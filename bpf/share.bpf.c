// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * share.bpf.c - room in the ring for what is rare, while a storm of something else fills it
 *
 * Three quarters of the ring are for all.  Of the last quarter each row of abi/shares.def has a
 * sixteenth that nobody else gets; what has used it up is suppressed, and counted, until the reader
 * has taken some of it.  So a rare act finds room as long as no more of its own kind wait than
 * its share holds, whatever else happens; and nothing is suppressed while a quarter is free.
 *
 * CPUs that look at once may each overdraw by one record: a sixteenth that no row has is for that.
 */
#include "common.bpf.h"

/* Bytes, since the start: written out of each share, and what of it was read. */
struct share_account shares[SHARES_ROOM] = {};

static __u32 share_of_reset(const struct record *r)
{
	if (r->unread)
		return SHARE_rst_unread;
	return r->facts & FACT(linger0) ? SHARE_rst_linger : SHARE_rst_other;
}

static __u32 share_of_reply(const struct record *r)
{
	if (r->facts & FACT(amends))
		return SHARE_amend;
	if (r->facts & FACT(sk_none))
		return SHARE_reply_port;
	if (r->facts & FACT(sk_listen))
		return SHARE_reply_listener;
	return r->facts & FACT(sk_timewait) ? SHARE_reply_timewait : SHARE_reply_other;
}

static __u32 share_of(const struct record *r)
{
	switch (r->kind) {
	case RECORD_FIN:
		return SHARE_fin;
	case RECORD_RST:
		return share_of_reset(r);
	case RECORD_RST_RECEIVED:
		return r->state == TCP_SYN_SENT ? SHARE_refused : SHARE_rst_received;
	case RECORD_RST_REPLY:
		return share_of_reply(r);
	case RECORD_SILENT:
		return r->err ? SHARE_error : SHARE_silent;
	default:
		return r->kind == RECORD_HELD ? SHARE_held : SHARE_note;
	}
}

/* Out of whose share a record may be written now; SHARE_REFUSED: there is no room left in it. */
__u32 __hidden share_find(const struct record *r, __u32 size)
{
	__u64 used = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) + size;
	struct record_counters *here = counters_here();
	__u32 share;

	if (used > here->ring_peak)
		here->ring_peak = used;
	if (!settings.share || used <= settings.common)
		return SHARE_COMMON;
	share = share_of(r) & (SHARES_ROOM - 1);
	if (shares[share].written - shares[share].read + size <= settings.share)
		return share;
	return SHARE_REFUSED;
}

/* Room was found; or it was not. */
void __hidden share_use(__u32 share, __u32 size)
{
	if (share != SHARE_COMMON)
		__sync_fetch_and_add(&shares[share & (SHARES_ROOM - 1)].written, size);
}

void __hidden share_refuse(const struct record *r)
{
	__u32 share = share_of(r) & (SHARES_ROOM - 1);

	__sync_fetch_and_add(&counters_here()->suppressed[share], 1);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
